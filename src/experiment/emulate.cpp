#include "experiment/emulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>

#include "compile/compile.hpp"
#include "compile/front_end.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "data/parallel.hpp"
#include "device/scratch.hpp"
#include "device/simulate.hpp"
#include "experiment/results.hpp"
#include "experiment/table.hpp"
#include "method/evaluation.hpp"
#include "model/bundle.hpp"
#include "tune/assess.hpp"
#include "tune/chip_input.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;
namespace {

double mean_of(const std::vector<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), 0.0, [](double sum, std::uint64_t n) { return sum + static_cast<double>(n); }) / static_cast<double>(counts.size());
}

std::size_t differing(const device::HarnessResults& chip, const device::HarnessResults& host, std::size_t n) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i * chip.classes), end = at + static_cast<std::ptrdiff_t>(chip.classes);
    count += chip.labels[i] != host.labels[i] || !std::equal(chip.logits.begin() + at, chip.logits.begin() + end, host.logits.begin() + at);
  }
  return count;
}

Json emulate(const fs::path& run_folder, const device::Board& board) {
  const tune::TrainedRun run = tune::read_run(run_folder);
  const model::Bundle bundle = model::read_bundle(run_folder / "bundle");
  const compile::Program program = compile::import_bundle(bundle, "model");
  compile::Options options;
  options.core = board.core;
  options.budget.ram = board.ram_bytes;
  options.budget.flash = board.flash_bytes;
  options.front_end = compile::import_front_end(bundle);
  options.int8 = tune::int8_of(run, program, tune::kAutomatic, tune::kCalibrationWindows, compile::weight_layout_for(board.core));
  const compile::Compilation compilation = compile::compile(program, options);
  const device::Scratch scratch;
  compile::write_build(scratch.path() / "build", compilation, compile::to_json(compilation, options));

  const tune::ChipInput input = tune::chip_input(run.config, run.dataset, run.split.test, options.front_end.get());
  device::EmittedModel model = device::find_emitted_model(scratch.path() / "build");
  model.entry = options.front_end ? device::Entry::samples : device::Entry::window;
  device::SimulationOptions simulation;  // an emulator that shares its core with others does some millions of instructions a second
  simulation.timeout_s = std::max(simulation.timeout_s, static_cast<double>(input.n) * static_cast<double>(compilation.plan.macs) / 2e6);
  const device::SimulationResult chip = device::simulate(model, board, input.fed(), input.n, simulation);
  const device::HarnessResults host = device::run_on_host(model, input.fed(), input.n, simulation.timeout_s);
  double front_end = 0;
  if (options.front_end) {  // alone on a few windows: its work hardly depends on the samples
    const std::size_t n = std::min<std::size_t>(input.n, 4);
    model.entry = device::Entry::front_end;
    front_end = mean_of(device::simulate(model, board, input.fed().subspan(0, n * options.front_end->sample_count()), n).instructions);
  }
  const method::Accuracy accuracy = method::accuracy_of(chip.outputs.labels, input.labels, static_cast<int>(input.classes));
  return {{"board", board.name}, {"schedule", compilation.schedule}, {"calibration", compile::name_of(options.int8->options.calibration)}, {"windows", input.n},
          {"differing", differing(chip.outputs, host, input.n)}, {"accuracy", accuracy.accuracy}, {"macro_accuracy", accuracy.macro_accuracy}, {"instructions", mean_of(chip.instructions)},
          {"front_end_instructions", front_end}, {"ram", chip.ram_total()}, {"flash", chip.flash.total()}, {"ms_modelled", chip.ms_modelled}, {"mj_modelled", chip.mj_modelled}};
}

EmulatedRow read_row(const PlannedRun& run, const fs::path& at, const fs::path& record) {
  const Json j = read_json(record), evaluation = read_json(at / "evaluation.json");
  const std::string name = record.string();
  const auto number = [&](const char* key) { return json_get<double>(j, key, name); };
  EmulatedRow row{run.dataset, run.protocol, run.variant, json_get<std::string>(j, "schedule", name), run.config.seed, json_get<std::size_t>(j, "windows", name),
                  json_get<std::size_t>(j, "differing", name), 0, number("accuracy"), number("macro_accuracy"), number("instructions"), number("front_end_instructions"), number("ram"),
                  number("flash"), number("ms_modelled"), number("mj_modelled")};
  row.real = json_get<double>(evaluation.at("parts").at("test"), "accuracy", (at / "evaluation.json").string());
  return row;
}

}  // namespace

std::vector<EmulatedRow> emulate_runs(const std::vector<PlannedRun>& runs, const fs::path& folder, const std::string& board_name, int jobs, bool measure, std::vector<std::string>& warnings) {
  const device::Board board = device::find_board(board_name);
  std::vector<const PlannedRun*> finished;
  for (const PlannedRun& run : runs)
    if (fs::exists(folder / run.folder / "evaluation.json") && fs::exists(folder / run.folder / "bundle" / "manifest.json")) finished.push_back(&run);
  std::vector<std::optional<EmulatedRow>> rows(finished.size());
  std::vector<std::string> failures(finished.size());
  std::mutex mutex;
  std::int64_t done = 0;
  std::optional<Progress> progress;
  if (measure) progress.emplace("emulating " + board.name, static_cast<std::int64_t>(finished.size()));
  data::parallel_for(finished.size(), [&](std::size_t i) {
    const fs::path at = folder / finished[i]->folder, record = at / "emulated" / (board.name + ".json");
    try {
      if (interrupted()) throw Interrupted("interrupted", "the same command goes on where it stopped");
      if (measure && !fs::exists(record)) write_json(record, emulate(at, board));
      if (fs::exists(record)) rows[i] = read_row(*finished[i], at, record);
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& e) {
      failures[i] = at.string() + ": not emulated: " + e.what();
    }
    const std::lock_guard guard(mutex);
    if (progress) progress->update(++done, finished[i]->folder);
  }, static_cast<std::size_t>(jobs));
  if (progress) progress->finish();
  std::vector<EmulatedRow> out;
  for (std::size_t i = 0; i < finished.size(); ++i) {
    if (rows[i]) out.push_back(*rows[i]);
    if (!failures[i].empty()) warnings.push_back(failures[i]);
  }
  return out;
}

std::string to_csv(const std::string& experiment, const std::string& board, const std::vector<EmulatedRow>& rows) {
  std::string out =
      "experiment,board,dataset,protocol,variant,seed,schedule,test_windows,differing,float32,int8,int8_macro,instructions,front_end_instructions,ram_bytes,flash_bytes,ms_modelled,"
      "mj_modelled\n";
  for (const EmulatedRow& r : rows)
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{:.1f},{:.1f},{:.0f},{:.0f},{:.4f},{:.4f}\n", csv_field(experiment), board, csv_field(r.dataset), r.protocol,
                       csv_field(r.variant), r.seed, r.schedule, r.windows, r.differing, r.real, r.accuracy, r.macro, r.instructions, r.front_end, r.ram, r.flash, r.ms_modelled,
                       r.mj_modelled);
  return out;
}

std::vector<EmulatedSummary> summarize(const std::vector<EmulatedRow>& rows, const std::string& compare) {
  std::vector<ResultRow> results;  // intervals and paired tests are made as of float results
  for (const EmulatedRow& r : rows) {
    ResultRow& row = results.emplace_back();
    row.dataset = r.dataset, row.protocol = r.protocol, row.variant = r.variant;
    row.seed = r.seed, row.accuracy = r.accuracy, row.macro_accuracy = r.macro;
  }
  std::vector<EmulatedSummary> out;
  for (const Summary& s : summarize(results, compare)) {
    EmulatedSummary& sum = out.emplace_back();
    sum.dataset = s.dataset, sum.protocol = s.protocol, sum.variant = s.variant;
    sum.accuracy = s.accuracy, sum.macro = s.macro_accuracy, sum.against = s.against;
    const double n = s.accuracy.n;
    for (const EmulatedRow& r : rows) {
      if (r.dataset != s.dataset || r.protocol != s.protocol || r.variant != s.variant) continue;
      sum.windows += r.windows, sum.differing += r.differing;
      sum.real += r.real / n, sum.instructions += r.instructions / n, sum.front_end += r.front_end / n;
      sum.ms_modelled += r.ms_modelled / n, sum.mj_modelled += r.mj_modelled / n;
      sum.ram = std::max(sum.ram, r.ram), sum.flash = std::max(sum.flash, r.flash);
    }
  }
  return out;
}

std::string to_table(const std::string& board, const std::string& compare, const std::vector<EmulatedSummary>& rows, bool markdown) {
  if (rows.empty()) return {};
  std::vector<std::vector<std::string>> table = {{"data set", "protocol", "variant", "seeds", "int8 %", "macro %", "float32 %", "minus " + compare, "windows", "not as on the host",
                                                  "instructions", "of these front end", "RAM B", "flash B", "ms modelled", "mJ modelled"}};
  for (const EmulatedSummary& r : rows) {
    const bool compared = !compare.empty() && r.variant != compare && r.against.difference.n > 0;
    table.push_back({r.dataset, r.protocol, r.variant, std::to_string(r.accuracy.n), percent(r.accuracy), percent(r.macro), fmt::format("{:.1f}", 100 * r.real),
                     compared ? percent(r.against.difference) : "", std::to_string(r.windows), std::to_string(r.differing), fmt::format("{:.0f}", r.instructions),
                     r.front_end > 0 ? fmt::format("{:.0f}", r.front_end) : "", fmt::format("{:.0f}", r.ram), fmt::format("{:.0f}", r.flash), fmt::format("{:.2f}", r.ms_modelled),
                     fmt::format("{:.3f}", r.mj_modelled)});
  }
  return fmt::format("int8 on the emulated {}, test part; mean and 95 % interval over seeds, RAM (with stack) and flash of the largest\n", board) + std::string(markdown ? "\n" : "") +
         render_table(table, markdown) + "\n";
}

Json to_json(const std::string& board, const std::vector<EmulatedSummary>& rows) {
  Json out = {{"board", board}, {"rows", Json::array()}};
  for (const EmulatedSummary& r : rows)
    out["rows"].push_back({{"dataset", r.dataset}, {"protocol", r.protocol}, {"variant", r.variant}, {"windows", r.windows}, {"differing", r.differing}, {"accuracy", to_json(r.accuracy)},
                           {"macro_accuracy", to_json(r.macro)}, {"float32", r.real}, {"difference", to_json(r.against.difference)}, {"p", r.against.p}, {"instructions", r.instructions},
                           {"front_end_instructions", r.front_end}, {"ram", r.ram}, {"flash", r.flash}, {"ms_modelled", r.ms_modelled}, {"mj_modelled", r.mj_modelled}});
  return out;
}

}  // namespace ditmos::experiment
