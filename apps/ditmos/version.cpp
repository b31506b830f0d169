#include <cstdio>

#include "verbs.hpp"

namespace ditmos::cli {

void add_version(CLI::App& app) {
  app.add_subcommand("version", "Print the version.")->callback([] { std::puts("ditmos 0.1.0"); });
}

}  // namespace ditmos::cli
