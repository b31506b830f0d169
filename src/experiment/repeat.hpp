#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "method/run.hpp"

namespace ditmos::experiment {

/// Where the results of two runs differ, a line each; empty when evaluation.json and every file of bundle/ but its manifest agree to the byte.
/// Throws Error when either has no evaluation.json.
std::vector<std::string> differences(const std::filesystem::path& run, const std::filesystem::path& other);

/// Trains a finished run again from its own config.toml into `options.folder`, and says where the results differ.
std::vector<std::string> repeat(const std::filesystem::path& run, const method::RunOptions& options);

}  // namespace ditmos::experiment
