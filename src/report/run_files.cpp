#include "report/run_files.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"

namespace ditmos::report {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;

bool is_there(const fs::path& path) {
  std::error_code code;
  return fs::exists(path, code);
}

Json read_part(const fs::path& path, const std::string& made_by, std::vector<std::string>& missing) {
  if (!is_there(path)) {
    missing.push_back(path.filename().string() + " is absent" + (made_by.empty() ? "" : "; " + made_by + " writes it"));
    return nullptr;
  }
  try {
    Json value = parse_json(read_file_limited(path, kMostBytes), path.string());
    if (value.is_object()) return value;
    missing.push_back(path.string() + " holds no JSON object");
  } catch (const Error& e) {
    missing.push_back(e.what());
  }
  return nullptr;
}

std::vector<Json> read_lines(const fs::path& path, std::vector<std::string>& missing) {
  std::vector<Json> lines;
  if (!is_there(path)) {
    missing.push_back("metrics.jsonl is absent, so there are no training curves");
    return lines;
  }
  std::size_t bad = 0;
  try {
    const std::string content = read_file_limited(path, kMostBytes);
    std::size_t begin = 0;
    while (begin < content.size()) {
      const std::size_t end = content.find('\n', begin);
      if (end == std::string::npos) break;  // still being written
      Json line = Json::parse(content.begin() + static_cast<std::ptrdiff_t>(begin),
                              content.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
      if (line.is_object()) lines.push_back(std::move(line));
      else if (end > begin) ++bad;
      begin = end + 1;
    }
  } catch (const Error& e) {
    missing.push_back(e.what());
  }
  if (bad > 0) missing.push_back(path.string() + ": " + std::to_string(bad) + " lines are no JSON objects and are left out");
  return lines;
}

std::string folder_name(const fs::path& folder) {
  const fs::path normal = fs::absolute(folder).lexically_normal();
  return normal.has_filename() ? normal.filename().string() : normal.parent_path().filename().string();
}

}  // namespace

bool is_run_folder(const fs::path& folder) {
  for (const char* file : {"run.json", "config.toml", "evaluation.json", "metrics.jsonl"})
    if (is_there(folder / file)) return true;
  return false;
}

std::vector<fs::path> find_builds(const fs::path& run) {
  std::error_code code;
  std::set<fs::path> found;
  const auto look = [&](const fs::path& parent, bool any_run) {
    for (fs::directory_iterator it(parent, code), end; !code && it != end; it.increment(code)) {
      const fs::path folder = it->path();
      if (!is_there(folder / "compile.json")) continue;
      bool ours = any_run;
      if (!ours) {
        std::vector<std::string> ignored;
        const Json compile = read_part(folder / "compile.json", "", ignored);
        const std::string named = text_at(compile, {"run"});
        std::error_code same;
        ours = !named.empty() && (fs::equivalent(named, run, same) || fs::equivalent(folder / named, run, same));
      }
      if (ours) found.insert(fs::weakly_canonical(folder, code));
    }
    code.clear();
  };
  look(run, true);
  look("build", false);
  look(run / ".." / ".." / "build", false);
  return {found.begin(), found.end()};
}

RunFiles read_run_files(const fs::path& run, const std::vector<fs::path>& builds) {
  std::error_code code;
  if (!fs::is_directory(run, code)) throw Error("no run folder " + run.string(), "give the folder that ditmos train wrote (--out)");
  if (!is_run_folder(run))
    throw Error(run.string() + " is no run folder: it holds no run.json, config.toml, evaluation.json or metrics.jsonl",
                "give the folder that ditmos train wrote (--out)");
  RunFiles files;
  files.folder = run;
  files.name = folder_name(run);
  if (is_there(run / "config.toml")) {
    try {
      files.config = read_file_limited(run / "config.toml", kMostBytes);
    } catch (const Error& e) {
      files.missing.push_back(e.what());
    }
  }
  files.run = read_part(run / "run.json", "ditmos train", files.missing);
  files.evaluation = read_part(run / "evaluation.json", "ditmos evaluate", files.missing);
  files.metrics = read_lines(run / "metrics.jsonl", files.missing);
  for (const fs::path& folder : builds.empty() ? find_builds(run) : builds) {
    if (!is_there(folder / "compile.json") && !is_there(folder / "simulation.json"))
      throw Error(folder.string() + " is no build folder: it holds no compile.json", "give the folder that ditmos compile wrote (--out)");
    BuildFiles build;
    build.folder = folder;
    build.name = folder_name(folder);
    std::vector<std::string> missing;
    build.compile = read_part(folder / "compile.json", "ditmos compile", missing);
    build.simulation = read_part(folder / "simulation.json", "ditmos simulate", missing);
    for (const auto& sentence : missing) files.missing.push_back("build " + build.name + ": " + sentence);
    files.builds.push_back(std::move(build));
  }
  if (files.builds.empty()) files.missing.push_back("no build of this run was found; ditmos compile makes one, --build names it");
  return files;
}

const Json& at_path(const Json& value, std::initializer_list<const char*> path) {
  static const Json none = nullptr;
  const Json* here = &value;
  for (const char* key : path) {
    if (!here->is_object()) return none;
    const auto it = here->find(key);
    if (it == here->end()) return none;
    here = &*it;
  }
  return *here;
}

std::optional<double> number_at(const Json& value, std::initializer_list<const char*> path) {
  const Json& found = at_path(value, path);
  if (!found.is_number()) return std::nullopt;
  const double number = found.get<double>();
  return std::isfinite(number) ? std::optional<double>(number) : std::nullopt;
}

std::string text_at(const Json& value, std::initializer_list<const char*> path, const std::string& otherwise) {
  const Json& found = at_path(value, path);
  return found.is_string() ? found.get<std::string>() : otherwise;
}

bool flag_at(const Json& value, std::initializer_list<const char*> path) {
  const Json& found = at_path(value, path);
  return found.is_boolean() && found.get<bool>();
}

std::vector<std::string> texts_at(const Json& value, std::initializer_list<const char*> path) {
  std::vector<std::string> out;
  const Json& found = at_path(value, path);
  if (!found.is_array()) return out;
  for (const Json& item : found) out.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  return out;
}

std::vector<std::vector<double>> matrix_at(const Json& value, std::initializer_list<const char*> path) {
  std::vector<std::vector<double>> out;
  const Json& found = at_path(value, path);
  if (!found.is_array()) return out;
  for (const Json& row : found) {
    if (!row.is_array()) return {};
    auto& line = out.emplace_back();
    for (const Json& cell : row)
      line.push_back(cell.is_number() ? cell.get<double>() : std::numeric_limits<double>::quiet_NaN());
  }
  return out;
}

}  // namespace ditmos::report
