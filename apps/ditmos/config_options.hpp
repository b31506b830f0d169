#pragma once
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "method/config.hpp"

namespace ditmos::cli {

/// Every option of method::Config on the command line, beside --config FILE. Later wins: defaults of the preset, the file, the command line.
class ConfigOptions {
 public:
  explicit ConfigOptions(CLI::App& verb);
  /// Throws Error for unknown presets, files, values.
  method::Config build() const;
  /// True when any option but --threads and --data was given.
  bool any() const;
  method::Config apply(method::Config config) const;  ///< command line options alone, over `config`

 private:
  std::string file_;
  std::map<std::string, std::string> values_;
  std::vector<std::pair<std::string, CLI::Option*>> options_;
};

/// The command line as one text, for records.
std::string command_line(const CLI::App& verb);

}  // namespace ditmos::cli
