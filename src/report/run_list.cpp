#include "report/run_list.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/file.hpp"
#include "report/run_files.hpp"

namespace ditmos::report {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

std::string stamp_of(const fs::path& folder) {
  std::string stamp;
  for (const char* file : {"run.json", "evaluation.json", "metrics.jsonl"}) {
    std::error_code code;
    const auto size = fs::file_size(folder / file, code);
    if (code) {
      stamp += "-;";
      continue;
    }
    stamp += std::to_string(size) + "@" + std::to_string(fs::last_write_time(folder / file, code).time_since_epoch().count()) + ";";
  }
  return stamp;
}

Json read_quietly(const fs::path& path) {
  try {
    return parse_json(read_file_limited(path, kMostBytes), path.string());
  } catch (const Error&) {
    return nullptr;  // absent, or being written by a foreign tool: the list shows the run without it
  }
}

bool is_experiment_folder(const fs::path& folder) {
  std::error_code code;
  return fs::is_regular_file(folder / "summary.json", code);
}

RunEntry read_entry(const std::string& id, const fs::path& folder) {
  RunEntry entry;
  entry.id = id;
  entry.folder = folder;
  const Json run = read_quietly(folder / "run.json");
  const Json evaluation = read_quietly(folder / "evaluation.json");
  const auto either = [&](const char* key) { return text_at(evaluation, {key}, text_at(run, {key})); };
  entry.dataset = either("dataset");
  entry.protocol = either("protocol");
  entry.method = either("method");
  entry.state = text_at(run, {"state"});
  entry.optimistic = flag_at(evaluation, {"optimistic"}) || entry.protocol == "paper";
  entry.seed = number_at(run, {"seed"});
  if (!entry.seed) entry.seed = number_at(evaluation, {"seed"});
  entry.accuracy = number_at(evaluation, {"parts", "test", "accuracy"});
  entry.macro_accuracy = number_at(evaluation, {"parts", "test", "macro_accuracy"});
  try {
    const std::string metrics = read_file_limited(folder / "metrics.jsonl", kMostBytes);
    entry.epochs = static_cast<std::size_t>(std::count(metrics.begin(), metrics.end(), '\n'));
    if (entry.epochs > 0) {
      const std::size_t end = metrics.rfind('\n');
      const std::size_t begin = end == 0 ? std::string::npos : metrics.rfind('\n', end - 1);
      const std::size_t from = begin == std::string::npos ? 0 : begin + 1;
      const Json last = Json::parse(metrics.substr(from, end - from), nullptr, false);
      entry.stage = text_at(last, {"stage"});
    }
  } catch (const Error&) {
    entry.epochs = 0;
  }
  return entry;
}

}  // namespace

RunList::Found RunList::find(bool (*wanted)(const fs::path&)) const {
  Found found;
  if (wanted(root_)) found.emplace_back(".", root_);
  std::error_code code;
  fs::recursive_directory_iterator it(root_, fs::directory_options::skip_permission_denied, code), end;
  for (; !code && it != end && found.size() < kMostRuns; it.increment(code)) {
    std::error_code kind;
    if (it->is_symlink(kind) || !it->is_directory(kind)) continue;
    if (wanted(it->path())) found.emplace_back(it->path().lexically_relative(root_).generic_string(), it->path());
    if (is_run_folder(it->path()) || it.depth() + 1 >= kDeepest) it.disable_recursion_pending();
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<ExperimentEntry> RunList::experiments() const {
  std::vector<ExperimentEntry> entries;
  for (const auto& [id, folder] : find(is_experiment_folder)) {
    const Json summary = read_quietly(folder / "summary.json");
    entries.push_back({id, folder, text_at(summary, {"title"}, text_at(summary, {"name"}, id)), text_at(summary, {"preset"}), at_path(summary, {"rows"}).size()});
  }
  return entries;
}

std::optional<fs::path> RunList::experiment_folder_of(const std::string& id) const {
  for (const auto& [name, folder] : find(is_experiment_folder))
    if (name == id) return folder;
  return std::nullopt;
}

std::vector<RunEntry> RunList::runs() {
  std::vector<RunEntry> entries;
  std::map<std::string, Known> fresh;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, folder] : find(is_run_folder)) {
    std::string stamp = stamp_of(folder);
    const auto it = known_.find(id);
    const bool same = it != known_.end() && it->second.stamp == stamp;
    Known known = same ? std::move(it->second) : Known{std::move(stamp), read_entry(id, folder)};
    entries.push_back(known.entry);
    fresh.emplace(id, std::move(known));
  }
  known_ = std::move(fresh);
  return entries;
}

std::optional<fs::path> RunList::folder_of(const std::string& id) {
  for (const auto& [name, folder] : find(is_run_folder))
    if (name == id) return folder;
  return std::nullopt;
}

}  // namespace ditmos::report
