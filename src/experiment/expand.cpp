#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"
#include "data/catalogue.hpp"
#include "data/split.hpp"
#include "experiment/plan.hpp"
#include "method/method.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;
namespace {

/// The task first: it sets many options.
void apply(method::Config& config, const Settings& settings) {
  for (const bool first : {true, false})
    for (const auto& [name, value] : settings)
      if (first == (name == "task")) method::set_option(config, name, value);
}

/// `preset`, unless a later part names its own.
std::string preset_of(std::string preset, std::initializer_list<const Settings*> parts) {
  for (const Settings* part : parts)
    for (const auto& [name, value] : *part)
      if (name == "preset") preset = value;
  return preset;
}

}  // namespace

Experiment parse_experiment(const std::string& text, const std::string& origin) {
  Experiment x = read_experiment(text, origin);
  try {
    expand(x);
  } catch (const Error& e) {
    throw Error(origin + ": " + e.what(), e.hint());
  }
  return x;
}

Experiment find_experiment(const std::string& name, const fs::path& folder) {
  fs::path path = name;
  if (path.extension() != ".toml") path = folder / (name + ".toml");
  if (!fs::exists(path)) {
    const auto names = experiment_names(folder);
    throw Error("unknown experiment \"" + name + "\"", names.empty() ? folder.string() + " holds no experiment" : name_hint(name, names));
  }
  return parse_experiment(read_file_limited(path, std::size_t{1} << 20), path.string());
}

std::vector<PlannedRun> expand(const Experiment& x, const Settings& overrides) {
  std::vector<PlannedRun> runs;
  constexpr double most_runs = 100000;
  const double count = static_cast<double>(x.seeds.size()) * static_cast<double>(x.datasets.size()) * static_cast<double>(x.protocols.size()) *
                       static_cast<double>(x.variants.size());
  if (count > most_runs) throw Error(fmt::format("experiment \"{}\" has {:.0f} runs, more than {:.0f}", x.name, count, most_runs));
  for (const std::string& protocol : x.protocols) {
    const auto& known = data::protocol_names();
    if (std::find(known.begin(), known.end(), protocol) != known.end()) continue;
    throw Error("unknown protocol \"" + protocol + "\"", name_hint(protocol, known));
  }
  for (const std::string& dataset : x.datasets)
    if (!dataset.empty()) data::find_entry(dataset);
  const Settings none;
  for (const std::uint64_t seed : x.seeds)
    for (const std::string& dataset : x.datasets)
      for (const std::string& protocol : x.protocols)
        for (const Variant& variant : x.variants) {
          const auto found = x.set_for.find(dataset);
          const std::initializer_list<const Settings*> parts = {&x.set, found != x.set_for.end() ? &found->second : &none, &variant.set, &overrides};
          PlannedRun run{dataset, protocol, variant.name, method::preset(preset_of(x.preset, parts)), {}};
          run.config.method = method::find_method(variant.method).name;
          run.config.dataset = dataset;
          run.config.protocol = protocol;
          run.config.seed = seed;
          if (protocol == "leave-one-group-out") run.config.held_out = static_cast<int>(seed) - 1;
          for (const Settings* part : parts) apply(run.config, *part);
          method::validate(run.config);
          run.folder = folder_name(dataset) + "/" + folder_name(protocol) + "/" + folder_name(variant.name) + "/seed-" + std::to_string(seed);
          runs.push_back(std::move(run));
        }
  return runs;
}

}  // namespace ditmos::experiment
