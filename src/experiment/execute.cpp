#include "experiment/execute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "data/dataset.hpp"
#include "method/run.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;
namespace {

/// Reads each data set once, whatever the number of jobs; the last reader is kept.
class DatasetCache {
 public:
  std::shared_ptr<const data::Dataset> get(const method::Config& config) {
    const std::string key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", config.dataset, config.data, config.group, config.front_end, config.window_seconds,
                                        config.hop_seconds, config.length);
    const std::lock_guard guard(mutex_);
    auto& entry = sets_[key];
    if (!entry) entry = std::make_shared<const data::Dataset>(method::load_data(config));
    return entry;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const data::Dataset>> sets_;
};

bool is_finished(const fs::path& folder) {
  try {
    return fs::exists(folder / "run.json") && read_json(folder / "run.json").value("state", "") == "finished";
  } catch (const std::exception&) {
    return false;  // a damaged record: the run itself will say what is wrong
  }
}

}  // namespace

Shard parse_shard(const std::string& text) {
  Shard shard;
  const std::size_t slash = text.find('/');
  const auto number = [&](std::string_view part, int& value) {
    const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), value);
    return code == std::errc() && end == part.data() + part.size();
  };
  const std::string_view view = text;
  if (slash == std::string::npos || !number(view.substr(0, slash), shard.index) || !number(view.substr(slash + 1), shard.count) || shard.count < 1 ||
      shard.index < 0 || shard.index >= shard.count)
    throw Error("--shard " + text + " is not i/n with 0 <= i < n", "as --shard 0/4, 1/4, 2/4, 3/4 for four jobs");
  return shard;
}

std::vector<PlannedRun> part_of(const std::vector<PlannedRun>& runs, const Shard& shard) {
  std::vector<PlannedRun> out;
  for (auto i = static_cast<std::size_t>(shard.index); i < runs.size(); i += static_cast<std::size_t>(shard.count)) out.push_back(runs[i]);
  return out;
}

ExecuteResult execute(const std::vector<PlannedRun>& runs, const ExecuteOptions& options) {
  ExecuteResult result;
  std::vector<const PlannedRun*> todo;
  for (const PlannedRun& run : runs) {
    ++result.planned;
    if (is_finished(options.folder / run.folder))
      ++result.done_before;
    else
      todo.push_back(&run);
  }
  const auto start = std::chrono::steady_clock::now();
  const auto minutes = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 60; };
  DatasetCache cache;
  std::mutex mutex;  // guards result, shares and progress
  std::vector<double> shares(todo.size());
  Progress progress(fmt::format("{} runs", todo.size()), static_cast<std::int64_t>(1000 * todo.size()));
  const auto show = [&](std::size_t i, double share) {
    const std::lock_guard guard(mutex);
    shares[i] = share;
    double sum = 0;
    for (const double s : shares) sum += s;
    progress.update(static_cast<std::int64_t>(1000 * sum), todo[i]->folder);
  };
  std::atomic<std::size_t> next{0};
  const auto worker = [&] {
    for (std::size_t i = next++; i < todo.size(); i = next++) {
      if (interrupted() || (options.max_minutes > 0 && minutes() > options.max_minutes)) return;
      const PlannedRun& run = *todo[i];
      std::optional<std::string> failure;
      try {
        method::RunOptions own;
        own.folder = options.folder / run.folder;
        own.resume = true;
        own.command = options.command;
        own.version = options.version;
        own.on_epoch = [&](double share) { show(i, share); };
        method::Config config = run.config;
        config.threads = 1;
        method::train_run(config, *cache.get(config), own);
      } catch (const Interrupted&) {
        return;
      } catch (const std::exception& e) {
        failure = e.what();
      }
      show(i, 1);
      const std::lock_guard guard(mutex);
      if (failure)
        result.failures.push_back(run.folder + ": " + *failure);
      else
        ++result.done;
    }
  };
  const int jobs = std::clamp(options.jobs > 0 ? options.jobs : static_cast<int>(std::thread::hardware_concurrency()), 1,
                              std::max(1, static_cast<int>(todo.size())));
  std::vector<std::thread> threads;
  for (int j = 1; j < jobs; ++j) threads.emplace_back(worker);
  worker();
  for (auto& t : threads) t.join();
  progress.finish();
  if (interrupted()) throw Interrupted("interrupted", "the same command goes on where it stopped");
  result.left = result.planned - result.done - result.done_before - static_cast<int>(result.failures.size());
  return result;
}

}  // namespace ditmos::experiment
