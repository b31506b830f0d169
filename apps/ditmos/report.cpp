#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/file.hpp"
#include "report/experiment_report.hpp"
#include "report/run_report.hpp"
#include "report/terminal.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct Options {
  std::vector<std::string> runs, builds;
  std::string out;
  bool json = false;
};

/// A folder of an experiment: the page from its summary.json.
void run_experiment(const std::filesystem::path& folder, const Options& options) {
  const Json summary = read_json(folder / "summary.json");
  const std::filesystem::path out = options.out.empty() ? folder / "report.html" : std::filesystem::path(options.out);
  write_file_atomic(out, report::experiment_report(summary).html());
  if (options.json) std::puts(summary.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
  else fmt::print("report: {}\n", out.string());
}

void run(const Options& options) {
  const std::filesystem::path first = options.runs.front();
  if (options.runs.size() == 1 && std::filesystem::exists(first / "summary.json") && !report::is_run_folder(first))
    return run_experiment(first, options);
  if (options.runs.size() > 1 && !options.builds.empty())
    throw Error("--build goes with one run, " + std::to_string(options.runs.size()) + " were given",
                "builds inside a run's folder, and those in build/ that name it, are found without it");
  std::vector<report::RunFiles> runs;
  for (const auto& folder : options.runs)
    runs.push_back(report::read_run_files(folder, {options.builds.begin(), options.builds.end()}));
  const bool one = runs.size() == 1;
  const std::filesystem::path out = !options.out.empty() ? std::filesystem::path(options.out)
                                    : one                ? runs[0].folder / "report.html"
                                                         : std::filesystem::path("comparison.html");
  write_file_atomic(out, (one ? report::run_report(runs[0]) : report::comparison_report(runs)).html());
  if (options.json) {
    Json json;
    if (one) {
      json = report::run_summary_json(runs[0]);
    } else {
      json["runs"] = Json::array();
      for (const auto& files : runs) json["runs"].push_back(report::run_summary_json(files));
    }
    json["report"] = out.string();
    std::puts(json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    return;
  }
  const bool colour = report::stdout_takes_colour();
  const std::string text = one ? report::run_summary_text(runs[0], colour) : report::comparison_text(runs, colour);
  fmt::print("{}\nreport: {}\n", text, out.string());
}

}  // namespace

void add_report(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "report",
      "Show a run's figures as tables, and write them with charts as one HTML page.\n"
      "With several runs the page sets them side by side; of an experiment's folder it shows the summary.\n"
      "The page needs no network and no other file.");
  verb->add_option("run", options->runs, "Folders that ditmos train wrote, or one that ditmos experiment wrote.")->required()->type_name("RUN");
  verb->add_option("--build", options->builds,
                   "A folder that ditmos compile wrote, for its memory map and its figures on the chip; may be given again.\n"
                   "Without it: those inside the run's folder, and those in build/ that name this run.")
      ->type_name("DIR")
      ->allow_extra_args(false);
  verb->add_option("--out", options->out, "The page to write. Without it: RUN/report.html, or comparison.html for several runs.")
      ->type_name("FILE");
  verb->add_flag("--json", options->json, "Print the figures as JSON.");
  verb->callback([options] { run(*options); });
}

}  // namespace ditmos::cli
