#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "config_options.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "method/auto.hpp"
#include "method/method.hpp"
#include "method/run.hpp"
#include "method/specs.hpp"
#include "method/summary.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct Options {
  std::string out;
  bool resume = false, print_config = false, list_methods = false, json = false;
  double max_minutes = 0;
  std::unique_ptr<ConfigOptions> config;
};

void train(const Options& o, const std::string& command) {
  if (o.list_methods) {
    for (const auto& entry : method::method_entries()) std::printf("%-14s %s\n", entry.name.c_str(), entry.help.c_str());
    return;
  }
  if (o.print_config) {
    const method::Config config = o.config->build();
    method::validate(config);
    std::fputs(method::to_toml(config).c_str(), stdout);
    return;
  }
  if (o.out.empty()) throw Error("--out is missing", "name a new folder for the run, as --out runs/first");
  method::Config config;
  if (o.resume) {
    if (o.config->any()) throw Error("--resume takes the configuration of the run folder", "give --out, --resume, and at most --threads, --data, --max-minutes");
    const method::Config saved = method::read_resumable_config(o.out);
    config = o.config->apply(saved);
    config.dataset = saved.dataset;
  } else {
    config = o.config->build();
  }
  method::validate(config);
  method::find_method(config.method);
  const data::Dataset dataset = method::load_data(config);
  for (const std::string& change : method::shorten_default_networks(config, method::input_shape(dataset))) std::fprintf(stderr, "%s\n", change.c_str());
  method::RunOptions options;
  options.folder = o.out;
  options.resume = o.resume;
  options.max_minutes = o.max_minutes;
  options.command = command;
  options.version = full_version();
  const method::RunResult result = method::train_run(config, dataset, options);
  if (o.json) {
    std::printf("%s\n", result.evaluation.dump(2).c_str());
    return;
  }
  if (result.state == method::RunState::stopped)
    std::printf("stopped after %d of %d epochs to keep --max-minutes %g; %s\n", result.epochs, result.epochs_planned, o.max_minutes,
                result.best_epoch >= 0 ? "the best model so far stands" : "no epoch had a whole model yet: what stands is half trained");
  std::fputs(method::evaluation_table(result.evaluation).c_str(), stdout);
  if (result.epochs_planned)
    std::printf("%d epochs in %s, model of epoch %d\n", result.epochs, format_duration(result.seconds).c_str(), result.best_epoch + 1);
  std::printf("run: %s\n", o.out.c_str());
}

}  // namespace

void add_train(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("train", "Train a method on a data set into a run folder.");
  verb->footer("Example: ditmos train --dataset unimib-shar --data DIR --protocol group --out runs/unimib\n"
               "Defaults are those of --preset paper. --preset best is our recipe, --preset quick a short form of it.");
  verb->add_option("--out", options->out, "Run folder, new: config.toml, metrics.jsonl, checkpoint.bin, bundle/, evaluation.json")->type_name("DIR");
  verb->add_flag("--resume", options->resume, "Go on with the run in --out, to the same bits as without a break");
  verb->add_option("--max-minutes", options->max_minutes, "Stop in time and keep the best model so far (0: no limit)")->type_name("N")->check(CLI::NonNegativeNumber);
  verb->add_flag("--print-config", options->print_config, "Write the complete configuration as TOML and end");
  verb->add_flag("--list-methods", options->list_methods, "List the methods and end");
  verb->add_flag("--json", options->json, "Print evaluation.json instead of tables");
  options->config = std::make_unique<ConfigOptions>(*verb);
  verb->callback([options, verb] { train(*options, command_line(*verb)); });
}

}  // namespace ditmos::cli
