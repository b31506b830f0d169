#include "core/version.hpp"

#include <cstdio>

#include "verbs.hpp"

namespace ditmos::cli {

void add_version(CLI::App& app) {
  app.add_subcommand("version", "Print the version.")->callback([] { std::printf("ditmos %s\n", version); });
}

}  // namespace ditmos::cli
