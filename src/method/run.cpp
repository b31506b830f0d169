#include "method/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/progress.hpp"
#include "data/catalogue.hpp"
#include "data/rows.hpp"
#include "method/auto.hpp"
#include "method/export.hpp"
#include "method/lock.hpp"
#include "method/method.hpp"
#include "method/supervised.hpp"

namespace ditmos::method {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

const char* name_of(RunState state) {
  switch (state) {
    case RunState::finished: return "finished";
    case RunState::stopped: return "stopped";
    case RunState::running: break;
  }
  return "running";
}

std::vector<std::int32_t> labels_of(const data::Dataset& dataset, std::span<const std::uint32_t> rows) {
  std::vector<std::int32_t> labels;
  for (const std::uint32_t row : rows) labels.push_back(dataset.y[row]);
  return labels;
}

/// What evaluation.json says beside the parts.
Json evaluation_header(const Config& config, const data::Dataset& dataset, const data::Split& split) {
  return {{"dataset", dataset.name},
          {"protocol", config.protocol},
          {"optimistic", data::is_optimistic(config.protocol)},
          {"seed", config.seed},
          {"method", config.method},
          {"checkpoint", config.checkpoint},
          {"classes", dataset.classes},
          {"split", {{"train", split.train.size()}, {"validation", is_refit(config) ? 0 : split.validation.size()}, {"test", split.test.size()}}}};
}

Json evaluate(Committee& committee, const Setup& setup) {
  Json out = evaluation_header(setup.config, setup.dataset, setup.split);
  const Cost cost = committee.cost();
  out["cost"] = {{"parameters", cost.parameters}, {"macs", cost.macs}, {"ram_values", cost.ram}};
  Loader loader(setup.dataset, setup.config.recipe, setup.split.train);
  const std::pair<const char*, const std::vector<std::uint32_t>*> parts[] = {
      {"train", &setup.split.train}, {"validation", &setup.split.validation}, {"test", &setup.split.test}};
  for (const auto& [name, rows] : parts)
    if (rows != &setup.split.validation || !is_refit(setup.config)) out["parts"][name] = to_json(measure(committee.predict(loader, *rows, true), labels_of(setup.dataset, *rows)));
  out["references"]["1-nn"] = nearest_neighbour_reference(setup.dataset, setup.split, setup.threads.count());
  return out;
}

/// A run without training.
Json evaluate_nearest_neighbour(const Config& config, const data::Dataset& dataset, const data::Split& split, int threads) {
  Json out = evaluation_header(config, dataset, split);
  const std::vector<float> known = data::windows_of(dataset, split.train);
  const auto classes = dataset.classes.size();
  for (const auto& [name, rows] : {std::pair{"validation", &split.validation}, {"test", &split.test}}) {
    if (rows == &split.validation && is_refit(config)) continue;
    const auto said = nearest_neighbour(known, labels_of(dataset, split.train), data::windows_of(dataset, *rows), dataset.window_size(), threads);
    Predictions p;
    p.windows = static_cast<int>(rows->size());
    p.classes = static_cast<int>(classes);
    p.logits.emplace_back(rows->size() * classes);
    for (std::size_t i = 0; i < said.size(); ++i) p.logits[0][i * classes + static_cast<std::size_t>(said[i])] = 1;
    Json metrics = to_json(measure(p, labels_of(dataset, *rows)));
    metrics.erase("loss");
    out["parts"][name] = metrics;
  }
  out["references"]["1-nn"] = nearest_neighbour_reference(dataset, split, threads);
  return out;
}

/// Where a run stands between two epochs.
struct Position {
  int epoch = 0;  ///< epochs done
  int best_epoch = -1;
  double best_accuracy = -1, best_loss = 0, seconds = 0;

  Json to_json() const {
    return {{"epoch", epoch}, {"best_epoch", best_epoch}, {"best_accuracy", best_accuracy}, {"best_loss", best_loss}, {"seconds", seconds}};
  }
  static Position from_json(const Json& json) {
    const std::string where = "checkpoint";
    return {json_get<int>(json, "epoch", where), json_get<int>(json, "best_epoch", where), json_get<double>(json, "best_accuracy", where),
            json_get<double>(json, "best_loss", where), json_get<double>(json, "seconds", where)};
  }
};

/// Trains a method epoch by epoch and keeps the run folder.
class Trainer {
 public:
  Trainer(const Setup& setup, const RunOptions& options)
      : setup_(setup), options_(options), method_(find_method(setup.config.method).make(setup_)),
        loader_(setup.dataset, setup.config.recipe, setup.split.train), validation_labels_(labels_of(setup.dataset, setup.split.validation)) {
    for (std::size_t s = 0; s < method_->stages().size(); ++s)
      for (int e = 0; e < method_->stages()[s].epochs; ++e) plan_.push_back({s, e});
  }

  void resume(const Archive& archive) {
    position_ = Position::from_json(parse_json(archive.get_text("position"), "checkpoint"));
    if (position_.epoch < 0 || position_.epoch > static_cast<int>(plan_.size())) throw Error("the checkpoint is past the end of the run's schedule");
    method_->restore(archive);
    method_->committee().restore(archive.get("committee"));
    if (archive.has("best")) {
      const auto best = archive.get("best");
      best_.assign(best.begin(), best.end());
    }
    cut_metrics();
  }

  /// `record`: the run.json so far.
  RunResult run(const Json& record) {
    record_ = record;
    const auto start = Clock::now();
    const double before = position_.seconds;
    double total = 0, done = 0;
    for (std::size_t e = 0; e < plan_.size(); ++e) {
      total += cost(e);
      if (static_cast<int>(e) < position_.epoch) done += cost(e);
    }
    const double skipped = done;
    std::optional<Progress> progress;
    if (!options_.on_epoch) progress.emplace(setup_.config.method, 1000000);
    const auto share = [&] { return static_cast<std::int64_t>(1e6 * done / std::max(total, 1e-9)); };
    RunState state = RunState::finished;
    auto saved = Clock::now();
    while (position_.epoch < static_cast<int>(plan_.size())) {
      const auto at = static_cast<std::size_t>(position_.epoch);
      if (options_.max_minutes > 0 && done > skipped) {
        const double elapsed = seconds_since(start), next = elapsed / (done - skipped) * cost(at);
        if (elapsed + next > options_.max_minutes * 60) {
          state = RunState::stopped;
          break;
        }
      }
      const std::string note = train_epoch(at, before + seconds_since(start));
      done += cost(at);
      if (progress) progress->update(share(), note);
      if (options_.on_epoch) options_.on_epoch(done / std::max(total, 1e-9));
      position_.seconds = before + seconds_since(start);
      if (seconds_since(saved) >= options_.checkpoint_seconds && position_.epoch < static_cast<int>(plan_.size())) {
        save();
        saved = Clock::now();
      }
    }
    position_.seconds = before + seconds_since(start);
    save();
    if (progress) progress->finish(position_.best_accuracy >= 0 ? fmt::format("best epoch {}, {}", position_.best_epoch + 1, describe(position_.best_accuracy)) : "");
    return finish(state);
  }

 private:
  struct Planned {
    std::size_t stage;
    int epoch;  ///< within the stage
  };

  double cost(std::size_t epoch) const { return method_->stages()[plan_[epoch].stage].cost; }

  std::string describe(double accuracy) const {
    return fmt::format("{} {:.1f} %", data::is_optimistic(setup_.config.protocol) ? "test (chosen on it, optimistic)" : "validation", 100 * accuracy);
  }

  /// Trains one epoch, judges it, writes its line; returns the note for the progress line.
  std::string train_epoch(std::size_t at, double seconds) {
    const Planned planned = plan_[at];
    const Stage& stage = method_->stages()[planned.stage];
    Random random = Random(setup_.config.seed).fork(1000003 * (planned.stage + 1)).fork(static_cast<std::uint64_t>(planned.epoch));
    const double loss = stage.train(planned.epoch, random);
    Json line = {{"epoch", at + 1}, {"stage", stage.name}, {"stage_epoch", planned.epoch + 1}, {"loss", loss}, {"learning_rate", stage.rate(planned.epoch)},
                 {"seconds", seconds}};
    std::string note = fmt::format("{} {}/{}, loss {:.3f}", stage.name, planned.epoch + 1, stage.epochs, loss);
    const bool last = at + 1 == plan_.size();
    if (setup_.config.checkpoint != "validation" && last) {
      position_.best_epoch = static_cast<int>(at);
      best_ = method_->committee().save();
    }
    if (stage.candidate && !is_refit(setup_.config)) {
      const Metrics m = measure(method_->committee().predict(loader_, setup_.split.validation, false), validation_labels_, false);
      line["validation"] = {{"accuracy", m.accuracy}, {"macro_accuracy", m.macro_accuracy}, {"union_accuracy", m.union_accuracy},
                            {"selector_accuracy", m.selector_accuracy}, {"loss", m.loss}};
      // Highest accuracy; of equal ones the lower loss, then the earlier.
      const bool better = setup_.config.checkpoint == "validation"
                              ? m.accuracy > position_.best_accuracy || (m.accuracy == position_.best_accuracy && m.loss < position_.best_loss)
                              : last;
      if (better) {
        position_.best_accuracy = m.accuracy;
        position_.best_loss = m.loss;
        position_.best_epoch = static_cast<int>(at);
        best_ = method_->committee().save();
      }
      line["best"] = better;
      note += ", " + describe(m.accuracy);
      if (m.classifiers.size() > 1) note += fmt::format(", union {:.1f} %", 100 * m.union_accuracy);
    }
    position_.epoch = static_cast<int>(at) + 1;
    append_line(options_.folder / "metrics.jsonl", line.dump());
    return note;
  }

  void save() {
    Archive archive;
    archive.put_text("config", to_toml(setup_.config));
    archive.put_text("position", position_.to_json().dump());
    method_->save(archive);
    archive.put("committee", method_->committee().save());
    if (!best_.empty()) archive.put("best", best_);
    archive.write(options_.folder / "checkpoint.bin");
  }

  /// Takes away the lines of epochs that the checkpoint does not know.
  void cut_metrics() const {
    const fs::path path = options_.folder / "metrics.jsonl";
    if (!fs::exists(path)) return;
    const std::string text = read_file(path);
    std::size_t end = 0;
    for (int line = 0; line < position_.epoch && end < text.size(); ++line) {
      const std::size_t next = text.find('\n', end);
      if (next == std::string::npos) break;
      end = next + 1;
    }
    write_file_atomic(path, text.substr(0, end));
  }

  RunResult finish(RunState state) {
    RunResult result;
    result.state = state;
    result.epochs = position_.epoch;
    result.epochs_planned = static_cast<int>(plan_.size());
    result.best_epoch = position_.best_epoch;
    result.seconds = position_.seconds;
    if (!best_.empty()) method_->committee().restore(best_);
    result.evaluation = evaluate(method_->committee(), setup_);
    record_["state"] = name_of(state);
    record_["finished"] = utc_now();
    record_["epochs"] = result.epochs;
    record_["epochs_planned"] = result.epochs_planned;
    record_["best_epoch"] = result.best_epoch + 1;
    record_["seconds"] = result.seconds;
    record_["notes"] = options_.notes;
    record_["notes"].update(method_->notes());
    model::Bundle bundle = to_bundle(method_->committee(), setup_);
    bundle.training = {{"config", to_json(setup_.config)}, {"run", record_}};
    bundle.metrics = result.evaluation;
    model::write_bundle(options_.folder / "bundle", bundle);
    write_json(options_.folder / "evaluation.json", result.evaluation);
    write_json(options_.folder / "run.json", record_);
    return result;
  }

  const Setup setup_;
  const RunOptions& options_;
  Json record_;
  std::unique_ptr<Method> method_;
  Loader loader_;
  std::vector<std::int32_t> validation_labels_;
  std::vector<Planned> plan_;
  Position position_;
  std::vector<std::byte> best_;
};

int thread_count(const Config& config) { return nn::Threads(config.threads).count(); }

RunResult result_of_finished(const fs::path& folder, const Json& record) {
  RunResult result;
  result.evaluation = read_json(folder / "evaluation.json");
  result.epochs = record.value("epochs", 0);
  result.epochs_planned = record.value("epochs_planned", 0);
  result.best_epoch = record.value("best_epoch", 0) - 1;
  result.seconds = record.value("seconds", 0.0);
  return result;
}

/// A folder in which a run was killed before it wrote its run.json (or method auto is still choosing) holds at most these: nothing is lost by starting again.
bool is_barely_begun(const fs::path& folder) {
  if (!fs::is_directory(folder) || fs::exists(folder / "run.json") || !(fs::exists(folder / "lock") || fs::exists(folder / "candidates"))) return false;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path name = entry.path().filename();
    if (name != "lock" && name != "config.toml" && name != "candidates") return false;
  }
  return true;
}

/// Threads, the place of the data and the name of a task, whose networks are compared, do not change a result, so a resumed run may have others.
bool same_run(Config a, Config b) {
  a.threads = b.threads;
  a.data = b.data;
  a.task = b.task;
  return a == b;
}

}  // namespace

data::Dataset load_data(const Config& config) {
  data::LoadOptions options;
  options.group = config.group;
  options.front_end = config.front_end;
  options.window_seconds = config.window_seconds;
  options.hop_seconds = config.hop_seconds;
  options.length = config.length;
  return data::load_dataset(config.dataset, config.data, options);
}

data::Split split_data(const Config& config, const data::Dataset& dataset) {
  return data::make_split(dataset, {config.protocol, config.test_share, config.validation_share, config.held_out, config.seed});
}

bool is_refit(const Config& config) { return config.checkpoint == "refit"; }

data::Split training_split(const Config& config, const data::Dataset& dataset) {
  data::Split split = split_data(config, dataset);
  if (!is_refit(config)) return split;
  split.train.insert(split.train.end(), split.validation.begin(), split.validation.end());
  std::sort(split.train.begin(), split.train.end());
  return split;
}

/// Of larger sets a part is compared, evenly spread: the work is the product.
constexpr std::size_t most_known_windows = 60000, most_asked_windows = 10000;

Json nearest_neighbour_reference(const data::Dataset& dataset, const data::Split& split, int threads) {
  std::vector<std::uint32_t> known = split.train;
  if (split.validation != split.test)
    std::set_difference(split.validation.begin(), split.validation.end(), split.train.begin(), split.train.end(), std::back_inserter(known));
  known = data::spread_rows(known, most_known_windows);
  const std::vector<std::uint32_t> test = data::spread_rows(split.test, most_asked_windows);
  const auto said = nearest_neighbour(data::windows_of(dataset, known), labels_of(dataset, known), data::windows_of(dataset, test), dataset.window_size(), threads);
  const Accuracy a = accuracy_of(said, labels_of(dataset, test), static_cast<int>(dataset.classes.size()));
  return {{"accuracy", a.accuracy}, {"macro_accuracy", a.macro_accuracy}, {"known_windows", known.size()}, {"windows", test.size()}};
}

RunResult train_run(Config config, const data::Dataset& dataset, const RunOptions& options) {
  validate(config);
  if (config.method == "auto") return train_auto(config, dataset, options);
  const MethodEntry& entry = find_method(config.method);
  const data::Split split = training_split(config, dataset);
  shorten_default_networks(config, input_shape(dataset));
  nn::Threads threads(config.threads);
  std::optional<Trainer> trainer;  // made first: networks that do not fit the windows leave no folder behind
  if (entry.make) trainer.emplace(Setup{config, dataset, split, threads}, options);
  if (!is_barely_begun(options.folder)) make_output_folder(options.folder, "run.json", options.resume);
  const FolderLock lock(options.folder);
  const bool old = fs::exists(options.folder / "run.json");
  Json record;
  if (old) {
    record = read_json(options.folder / "run.json");
    if (!same_run(read_run_config(options.folder), config))
      throw Error("the run in " + options.folder.string() + " was started with another configuration", "give --resume and --out alone: they use " + (options.folder / "config.toml").string());
    if (record.value("state", "") == "finished") return result_of_finished(options.folder, record);
  } else {
    write_file_atomic(options.folder / "config.toml", to_toml(config));
    record = {{"state", "running"}, {"command", options.command}, {"version", options.version}, {"seed", config.seed}, {"method", config.method},
              {"dataset", dataset.name}, {"data", config.data}, {"provenance", dataset.provenance}, {"protocol", config.protocol},
              {"optimistic", data::is_optimistic(config.protocol)}, {"checkpoint", config.checkpoint}, {"host", host_name()}, {"started", utc_now()}};
    write_json(options.folder / "run.json", record);
  }
  if (!trainer) {
    RunResult result;
    result.evaluation = evaluate_nearest_neighbour(config, dataset, split, threads.count());
    record["state"] = name_of(RunState::finished);
    record["finished"] = utc_now();
    write_json(options.folder / "evaluation.json", result.evaluation);
    write_json(options.folder / "run.json", record);
    return result;
  }
  if (fs::exists(options.folder / "checkpoint.bin"))
    trainer->resume(Archive::read(options.folder / "checkpoint.bin"));
  else if (old)
    write_file_atomic(options.folder / "metrics.jsonl", "");
  return trainer->run(record);
}

Config read_run_config(const fs::path& folder) {
  if (!fs::exists(folder / "run.json") || !fs::exists(folder / "config.toml"))
    throw Error(folder.string() + " is not a run (it has no run.json and config.toml)", "ditmos train --out " + folder.string() + " makes one");
  Config config;
  apply_toml(config, read_file_limited(folder / "config.toml", std::size_t{1} << 20), (folder / "config.toml").string());
  validate(config);
  return config;
}

std::unique_ptr<Method> restore_best(const fs::path& folder, const Setup& setup) {
  const MethodEntry& entry = find_method(setup.config.method);
  if (!entry.make) throw Error("method " + entry.name + " trains no network");
  const fs::path path = folder / "checkpoint.bin";
  if (!fs::exists(path)) throw Error(folder.string() + " has no checkpoint yet", "ditmos train --resume --out " + folder.string());
  auto method = entry.make(setup);
  const Archive archive = Archive::read(path);
  method->restore(archive);
  method->committee().restore(archive.get(archive.has("best") ? "best" : "committee"));
  return method;
}

void write_tuned_run(const fs::path& folder, const fs::path& source, const Setup& setup, Committee& committee, const Json& record) {
  make_output_folder(folder, "run.json", false);
  const FolderLock lock(folder);
  Archive archive = Archive::read(source / "checkpoint.bin");
  archive.put("best", committee.save());
  archive.write(folder / "checkpoint.bin");
  write_file_atomic(folder / "config.toml", to_toml(setup.config));
  const Json evaluation = evaluate(committee, setup);
  write_json(folder / "evaluation.json", evaluation);
  Json run = read_json(source / "run.json");
  run["state"] = name_of(RunState::finished);
  run["finished"] = utc_now();
  run["tuning"] = record;
  model::Bundle bundle = to_bundle(committee, setup);
  bundle.training = {{"config", to_json(setup.config)}, {"run", run}};
  bundle.metrics = evaluation;
  model::write_bundle(folder / "bundle", bundle);
  write_json(folder / "run.json", run);
}

Json evaluate_run(const fs::path& folder, const data::Dataset& dataset) {
  const Config config = read_run_config(folder);
  const MethodEntry& entry = find_method(config.method);
  const data::Split split = training_split(config, dataset);
  const FolderLock lock(folder);
  Json evaluation;
  if (!entry.make) {
    evaluation = evaluate_nearest_neighbour(config, dataset, split, thread_count(config));
  } else {
    nn::Threads threads(config.threads);
    const Setup setup{config, dataset, split, threads};
    evaluation = evaluate(restore_best(folder, setup)->committee(), setup);
  }
  write_json(folder / "evaluation.json", evaluation);
  return evaluation;
}

}  // namespace ditmos::method
