#include "method/auto.hpp"

#include <fmt/format.h>

#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "method/lock.hpp"
#include "method/method.hpp"

namespace ditmos::method {
namespace fs = std::filesystem;
namespace {

/// Also the name of the candidate's folder.
std::string name_of(const Config& candidate) {
  return candidate.method == "mixture" ? fmt::format("mixture-{}", candidate.classifiers) : candidate.method;
}

struct Judged {
  Config config;
  double accuracy = 0;
  std::int64_t macs = 0;
};

Json to_note(const Judged& judged, const Json& evaluation) {
  return {{"candidate", name_of(judged.config)}, {"validation_accuracy", judged.accuracy}, {"cost", evaluation.at("cost")}};
}

}  // namespace

std::vector<Config> auto_candidates(const Config& config, const data::Dataset& dataset, const data::Split& split) {
  nn::Threads threads(1);
  const auto setup_of = [&](const Config& c) { return Setup{c, dataset, split, threads}; };
  Config shortest = config;
  shorten_default_networks(shortest, input_shape(dataset));
  const Setup base = setup_of(shortest);
  Cost budget = cost_of(selector_spec(shortest, base.shape()), classifier_spec(shortest, base.shape(), base.classes()), config.classifiers);
  if (config.search.macs > 0) budget.macs = static_cast<std::int64_t>(config.search.macs);
  if (config.search.parameters > 0) budget.parameters = static_cast<std::int64_t>(config.search.parameters);
  if (config.search.ram > 0) budget.ram = static_cast<std::int64_t>(config.search.ram);
  std::vector<Config> all;
  for (const char* method : {"dense-latency", "dense-ram", "dense-flash", "single"}) {
    all.push_back(config);
    all.back().method = method;
  }
  for (const int count : std::set<int>{2, 4, config.classifiers}) {
    all.push_back(config);
    all.back().method = "mixture";
    all.back().classifiers = count;
  }
  std::vector<Config> fitting;
  for (Config& candidate : all) {
    if (is_refit(candidate)) candidate.checkpoint = "last";
    try {
      Config shortened = candidate;
      shorten_default_networks(shortened, base.shape());
      const Cost cost = find_method(candidate.method).make(setup_of(shortened))->committee().cost();
      if (cost.macs <= budget.macs && cost.parameters <= budget.parameters && cost.ram <= budget.ram) fitting.push_back(candidate);
    } catch (const Error&) {  // a network that these windows, or the budget, are too small for
    }
  }
  if (fitting.empty())
    throw Error(fmt::format("no method fits {} multiply-accumulates, {} parameters and {} values of memory", budget.macs, budget.parameters, budget.ram),
                "raise --search.macs, --search.parameters or --search.ram, or narrow --selector.*, --classifiers.*, --dense.*");
  return fitting;
}

RunResult train_auto(const Config& config, const data::Dataset& dataset, const RunOptions& options) {
  if (data::is_optimistic(config.protocol))
    throw Error("method auto chooses on the validation part, which is the test part under protocol " + config.protocol, "give --protocol window-random or group");
  const fs::path at = options.folder / "candidates";
  make_output_folder(options.folder, at.filename(), options.resume);
  fs::create_directories(at);
  const FolderLock lock(at);
  if (!fs::exists(at / "auto.toml")) write_file_atomic(at / "auto.toml", to_toml(config));
  std::optional<Judged> best;
  RunOptions own = options;
  Json tried = Json::array();
  const auto candidates = auto_candidates(config, dataset, split_data(config, dataset));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    own.folder = at / name_of(candidates[i]);
    own.resume = true;
    if (options.on_epoch) own.on_epoch = [&, i](double share) { options.on_epoch((static_cast<double>(i) + share) / static_cast<double>(candidates.size() + 1)); };
    const Json evaluation = train_run(candidates[i], dataset, own).evaluation;
    const Judged judged{candidates[i], evaluation.at("parts").at("validation").at("accuracy").get<double>(), evaluation.at("cost").at("macs").get<std::int64_t>()};
    tried.push_back(to_note(judged, evaluation));
    if (!best || judged.accuracy > best->accuracy || (judged.accuracy == best->accuracy && judged.macs < best->macs)) best = judged;
  }
  best->config.checkpoint = config.checkpoint;
  own.folder = options.folder;
  own.resume = true;
  own.notes = {{"auto", tried}, {"chosen", name_of(best->config)}};
  if (options.on_epoch)
    own.on_epoch = [&](double share) { options.on_epoch((static_cast<double>(candidates.size()) + share) / static_cast<double>(candidates.size() + 1)); };
  return train_run(best->config, dataset, own);
}

Config read_resumable_config(const fs::path& folder) {
  const fs::path path = folder / "candidates" / "auto.toml";
  if (!fs::exists(path)) return read_run_config(folder);
  Config config;
  apply_toml(config, read_file_limited(path, std::size_t{1} << 20), path.string());
  validate(config);
  return config;
}

}  // namespace ditmos::method
