#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "config_options.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/source_dir.hpp"
#include "device/board.hpp"
#include "experiment/chip.hpp"
#include "experiment/emulate.hpp"
#include "experiment/execute.hpp"
#include "experiment/int8.hpp"
#include "experiment/plan.hpp"
#include "experiment/repeat.hpp"
#include "experiment/results.hpp"
#include "experiment/slurm.hpp"
#include "report/experiment_report.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string name, folder, out, shard = "0/1";
  std::vector<std::string> datasets, protocols, set;
  std::vector<std::uint64_t> seeds;
  int jobs = 0;
  double max_minutes = 0;
  std::vector<std::string> slurm_options;
  int slurm_tasks = 8;
  bool slurm = false;
  bool list = false, gather = false, json = false, markdown = false, plan = false;
  std::string preset, emulate;
};

/// experiments/ of the source tree, or of the current folder.
fs::path experiments_folder(const std::string& asked) {
  if (!asked.empty()) return asked;
  if (fs::is_directory("experiments")) return "experiments";
  return fs::path(DITMOS_SOURCE_DIR) / "experiments";
}

experiment::Settings overrides_of(const Options& o) {
  experiment::Settings out;
  for (const std::string& text : o.set) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) throw Error("--set " + text + " is not NAME=VALUE", "as --set joint_training.epochs=40");
    out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

experiment::Experiment asked_for(const Options& o, const fs::path& folder) {
  experiment::Experiment x = experiment::find_experiment(o.name, folder);
  if (!o.preset.empty()) x.preset = o.preset;
  if (!o.datasets.empty()) x.datasets = o.datasets;
  if (!o.protocols.empty()) x.protocols = o.protocols;
  if (!o.seeds.empty()) x.seeds = o.seeds;
  if (!o.emulate.empty()) x.emulate = o.emulate;
  if (!x.emulate.empty()) device::find_board(x.emulate);  // says now, not after the training, that there is no such board
  return x;
}

/// The words that ask for the same experiment from any folder, for a scheduler's job.
std::vector<std::string> same_command(const Options& o, const fs::path& folder, const fs::path& out) {
  std::vector<std::string> words = {fs::read_symlink("/proc/self/exe").string(), "experiment"};
  const auto add = [&](const std::string& option, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {option, value});
  };
  words.push_back(fs::path(o.name).extension() == ".toml" ? fs::absolute(o.name).string() : o.name);
  add("--folder", fs::absolute(folder).string());
  add("--out", fs::absolute(out).string());
  add("--preset", o.preset);
  add("--emulate", o.emulate);
  add("--datasets", fmt::format("{}", fmt::join(o.datasets, ",")));
  add("--protocols", fmt::format("{}", fmt::join(o.protocols, ",")));
  add("--seeds", fmt::format("{}", fmt::join(o.seeds, ",")));
  for (const std::string& set : o.set) add("--set", set);
  return words;
}

void submit(const Options& o, const experiment::Experiment& x, const fs::path& folder, const fs::path& out) {
  const experiment::SlurmJob job{x.name, fs::absolute(out), same_command(o, folder, out), o.slurm_tasks, o.slurm_options};
  const experiment::SlurmIds ids = experiment::submit(job);
  std::printf("submitted: job array %s of %d tasks, then job %s gathers the tables\nlogs: %s\n", ids.array.c_str(), o.slurm_tasks, ids.gather.c_str(),
              (job.folder / "slurm").string().c_str());
}

/// Of `own` runs, as the experiment asks: their integers, and these on an emulated board.
void measure(const Options& o, const experiment::Experiment& x, const std::vector<experiment::PlannedRun>& own, const fs::path& out, std::vector<std::string>& warnings) {
  if (x.int8) experiment::quantize_runs(own, out, true, warnings);
  if (!x.emulate.empty()) experiment::emulate_runs(own, out, x.emulate, o.jobs, true, warnings);
}

/// Tables, CSV and page of what is finished and measured.
void gather(const Options& o, const experiment::Experiment& x, const std::vector<experiment::PlannedRun>& runs, const fs::path& out, const std::vector<std::string>& warnings) {
  experiment::Results results = experiment::collect(runs, out);
  results.warnings.insert(results.warnings.end(), warnings.begin(), warnings.end());
  const auto summaries = experiment::summarize(results.rows, x.compare);
  Json summary = experiment::to_json(x, summaries);
  std::string chip;  // tables of what the chip makes of the models
  if (x.chip && fs::exists(out)) {
    const auto rows = experiment::plan_on_chip(runs, out, x.board, results.warnings);
    write_file_atomic(out / "chip.csv", experiment::to_csv(x.name, rows));
    chip = experiment::to_table(rows, x.board, o.markdown);
  }
  if (x.int8 && fs::exists(out)) {
    const auto rows = experiment::quantize_runs(runs, out, false, results.warnings);
    write_file_atomic(out / "int8.csv", experiment::to_csv(x.name, rows));
    chip += experiment::to_table(rows, o.markdown);
  }
  if (!x.emulate.empty() && fs::exists(out)) {
    const auto rows = experiment::emulate_runs(runs, out, x.emulate, o.jobs, false, results.warnings);
    const auto emulated = experiment::summarize(rows, x.compare);
    write_file_atomic(out / "emulated.csv", experiment::to_csv(x.name, x.emulate, rows));
    chip += experiment::to_table(x.emulate, x.compare, emulated, o.markdown);
    summary["emulated"] = experiment::to_json(x.emulate, emulated);
  }
  if (fs::exists(out)) {
    write_file_atomic(out / "results.csv", experiment::to_csv(x.name, results.rows));
    write_json(out / "summary.json", summary);
    write_file_atomic(out / "report.html", report::experiment_report(summary).html());
  }
  if (o.json)
    std::printf("%s\n", summary.dump(2).c_str());
  else
    std::printf("%s\n%s%s%zu of %d runs finished; %s, report.html\n", x.title.c_str(), experiment::to_table(x, summaries, o.markdown).c_str(), chip.c_str(),
                results.rows.size(), results.planned, (out / "results.csv").string().c_str());
  for (const std::string& warning : results.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
}

void run(const Options& o, const std::string& command) {
  const fs::path folder = experiments_folder(o.folder);
  if (o.list) {
    for (const std::string& name : experiment::experiment_names(folder)) std::printf("%-14s %s\n", name.c_str(), experiment::find_experiment(name, folder).title.c_str());
    return;
  }
  if (o.name.empty()) throw Error("which experiment?", "ditmos experiment --list names them");
  const experiment::Experiment x = asked_for(o, folder);
  const auto runs = experiment::expand(x, overrides_of(o));
  if (o.plan) {
    for (const auto& r : runs) std::printf("%s\n", r.folder.c_str());
    return;
  }
  const fs::path out = o.out.empty() ? fs::path("results") / x.name : fs::path(o.out);
  if (o.slurm) return submit(o, x, folder, out);
  experiment::ExecuteResult executed;
  std::vector<std::string> warnings;
  if (!o.gather) {
    const auto own = experiment::part_of(runs, experiment::parse_shard(o.shard));
    experiment::ExecuteOptions options;
    options.folder = out;
    options.jobs = o.jobs;
    options.max_minutes = o.max_minutes;
    options.command = command;
    options.version = full_version();
    executed = experiment::execute(own, options);
    measure(o, x, own, out, warnings);
  }
  gather(o, x, runs, out, warnings);
  if (executed.left > 0) std::fprintf(stderr, "warning: %d runs not begun within --max-minutes; the same command goes on\n", executed.left);
  if (executed.failures.empty()) return;
  std::string all;
  for (const std::string& f : executed.failures) all.append("\n  ").append(f);
  throw Error(std::to_string(executed.failures.size()) + " runs failed:" + all, "the others are kept; the same command tries these again");
}

struct RepeatOptions {
  std::string run, out;
};

void repeat(const RepeatOptions& o) {
  method::RunOptions options;
  options.folder = o.out.empty() ? fs::path(fs::path(o.run) / ".").parent_path().string() + "-repeat" : o.out;
  options.command = "ditmos experiment repeat " + o.run;
  options.version = full_version();
  const auto differences = experiment::repeat(o.run, options);
  if (differences.empty()) {
    std::printf("%s repeats %s: the same figures and the same networks, to the byte\n", options.folder.string().c_str(), o.run.c_str());
    return;
  }
  std::string all;
  for (const std::string& line : differences) all.append("\n  ").append(line);
  throw Error(options.folder.string() + " differs from " + o.run + ":" + all, "other versions, data, or kinds of processor can be why; run.json of both says what they were");
}

}  // namespace

void add_experiment(CLI::App& app) {
  auto o = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("experiment", "Run one of the paper's experiments, or your own, and print its table.");
  verb->footer("Finished runs are kept: the same command after a kill, or with more seeds, does only what is missing.\n"
               "Example: ditmos experiment overall --preset quick --datasets unimib-shar --seeds 1");
  verb->add_option("name", o->name, "Name of an experiment (--list), or a TOML file")->type_name("NAME");
  verb->add_flag("--list", o->list, "List the experiments and end");
  verb->add_flag("--plan", o->plan, "List the runs and end");
  verb->add_flag("--gather", o->gather, "Train nothing; make tables of what is finished");
  verb->add_option("--out", o->out, "Folder of the runs (results/NAME)")->type_name("DIR");
  verb->add_option("--folder", o->folder, "Where the experiments' TOML files are")->type_name("DIR");
  verb->add_option("--preset", o->preset, "paper, best or quick, in place of the experiment's")->type_name("NAME");
  verb->add_option("--emulate", o->emulate, "Compile each model in int8 for this board and run its whole test part there, emulated")->type_name("BOARD");
  verb->add_option("--datasets", o->datasets, "In place of the experiment's")->delimiter(',')->type_name("A,B");
  verb->add_option("--protocols", o->protocols, "In place of the experiment's")->delimiter(',')->type_name("A,B");
  verb->add_option("--seeds", o->seeds, "In place of the experiment's")->delimiter(',')->type_name("1,2");
  verb->add_option("--set", o->set, "An option of ditmos train for every run, NAME=VALUE; may be repeated")->type_name("NAME=VALUE");
  verb->add_option("--jobs", o->jobs, "Runs at a time, a thread each (0: as many as cores)")->type_name("N")->check(CLI::NonNegativeNumber);
  verb->add_option("--shard", o->shard, "Do part i of n (from 0), as a job array numbers them")->type_name("i/n");
  verb->add_option("--max-minutes", o->max_minutes, "Begin no run after this time (0: no limit)")->type_name("N")->check(CLI::NonNegativeNumber);
  verb->add_flag("--json", o->json, "Print the summary as JSON");
  verb->add_flag("--markdown", o->markdown, "Print tables for a document");
  verb->add_flag("--slurm", o->slurm, "Submit to Slurm: a job array whose tasks do a shard each, and a job that gathers");
  verb->add_option("--slurm-tasks", o->slurm_tasks, "Tasks of the array")->type_name("N")->check(CLI::Range(1, 10000));
  verb->add_option("--slurm-option", o->slurm_options, "Passed to sbatch, as --slurm-option=--partition=long; may be repeated")->type_name("OPTION");
  auto again = std::make_shared<RepeatOptions>();
  CLI::App* repetition = verb->add_subcommand("repeat", "Train a finished run again from its own configuration and say where the results differ.");
  repetition->add_option("run", again->run, "Folder of the run")->required()->type_name("RUN");
  repetition->add_option("--out", again->out, "Folder of the repetition (RUN-repeat)")->type_name("DIR");
  verb->callback([o, again, verb, repetition] {
    if (repetition->parsed())
      repeat(*again);
    else
      run(*o, command_line(*verb));
  });
}

}  // namespace ditmos::cli
