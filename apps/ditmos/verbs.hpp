#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace ditmos::cli {

// One function a verb, each in a file of its own name; main.cpp lists them.
void add_datasets(CLI::App& app);
void add_fetch(CLI::App& app);
void add_inspect(CLI::App& app);
void add_report(CLI::App& app);
void add_serve(CLI::App& app);
void add_compile(CLI::App& app);
void add_quantize(CLI::App& app);
void add_train(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_experiment(CLI::App& app);
void add_version(CLI::App& app);
void add_boards(CLI::App& app);
void add_simulate(CLI::App& app);

/// "0.1.0 (git 9977665)": for records.
std::string full_version();

}  // namespace ditmos::cli
