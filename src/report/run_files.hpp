#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace ditmos::report {

/// What a build folder tells; a part that is absent or unreadable is null.
struct BuildFiles {
  std::filesystem::path folder;
  std::string name;      ///< the folder's name
  Json compile;          ///< compile.json
  Json simulation;       ///< simulation.json
};

/// What a run folder tells. A part that is absent or unreadable is null (or empty), and `missing` says so in a sentence.
struct RunFiles {
  std::filesystem::path folder;
  std::string name;
  std::string config;              ///< config.toml
  Json run;                        ///< run.json
  Json evaluation;                 ///< evaluation.json
  std::vector<Json> metrics;       ///< metrics.jsonl, a line an epoch; a torn last line is left out
  std::vector<BuildFiles> builds;
  std::vector<std::string> missing;
};

/// Reads what is there. Throws Error when `run` is no folder or holds none of a run's files.
/// builds: folders to show; empty: find_builds(run).
RunFiles read_run_files(const std::filesystem::path& run, const std::vector<std::filesystem::path>& builds = {});

/// Build folders (those with a compile.json) inside the run, and those in `build/` of the working folder and beside the
/// run's parent whose compile.json names this run. Sorted, each once.
std::vector<std::filesystem::path> find_builds(const std::filesystem::path& run);

/// True for a folder with one of run.json, config.toml, evaluation.json, metrics.jsonl.
bool is_run_folder(const std::filesystem::path& folder);

/// The member reached by following `path`, or null where anything on the way is absent.
const Json& at_path(const Json& value, std::initializer_list<const char*> path);
/// A number, or nothing (also when it is not finite).
std::optional<double> number_at(const Json& value, std::initializer_list<const char*> path);
/// A string, or `otherwise`.
std::string text_at(const Json& value, std::initializer_list<const char*> path, const std::string& otherwise = {});
bool flag_at(const Json& value, std::initializer_list<const char*> path);
std::vector<std::string> texts_at(const Json& value, std::initializer_list<const char*> path);
/// A matrix of numbers; what is no number becomes NaN, what is no matrix nothing.
std::vector<std::vector<double>> matrix_at(const Json& value, std::initializer_list<const char*> path);

}  // namespace ditmos::report
