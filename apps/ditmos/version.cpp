#include "core/version.hpp"

#include <cstdio>
#include <string>

#include "revision.hpp"
#include "verbs.hpp"

namespace ditmos::cli {

std::string full_version() {
  const std::string revision = DITMOS_REVISION;
  return revision.empty() ? version : std::string(version) + " (git " + revision + ")";
}

void add_version(CLI::App& app) {
  app.add_subcommand("version", "Print the version and the git revision it was built from.")->callback([] { std::printf("ditmos %s\n", full_version().c_str()); });
}

}  // namespace ditmos::cli
