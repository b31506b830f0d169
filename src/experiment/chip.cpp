#include "experiment/chip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>
#include <tuple>

#include "compile/compile.hpp"
#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "device/scratch.hpp"
#include "device/simulate.hpp"
#include "experiment/table.hpp"
#include "model/bundle.hpp"
#include "report/paper.hpp"
#include "tune/assess.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t simulated_windows = 4;

/// One trained model and the data that quantisation and simulation take from.
class Model {
 public:
  Model(const fs::path& run, const std::string& board) : run_(run), program_(compile::import_bundle(model::read_bundle(run / "bundle"), "model")) {
    if (!board.empty()) board_ = device::find_board(board);
    const tune::TrainedRun trained = tune::read_run(run);
    int8_ = tune::int8_of(trained, program_, "mse", tune::kCalibrationWindows, compile::weight_layout_for(board_ ? board_->core : ""));
    test_ = tune::spread_windows(trained.dataset, trained.split.test, simulated_windows, test_count_);
  }

  std::optional<compile::Int8> int8(const std::string& precision) const { return precision == "int8" ? std::optional(int8_) : std::nullopt; }
  std::vector<compile::Candidate> candidates(const std::string& precision) const { return compile::plan_candidates(program_, {}, int8(precision)); }

  ChipFigures simulate(const std::string& precision, const std::string& schedule) const {
    const fs::path kept = run_ / "chip" / fmt::format("{}-{}-{}.json", board_->name, precision, schedule);
    if (fs::exists(kept)) {
      const Json j = read_json(kept);
      const std::string name = kept.string();
      return {json_get<double>(j, "instructions", name), json_get<double>(j, "ram", name), json_get<double>(j, "flash", name), json_get<double>(j, "ms_modelled", name),
              json_get<double>(j, "mj_modelled", name)};
    }
    compile::Options options;
    options.schedule = schedule;
    options.core = board_->core;
    options.int8 = int8(precision);
    const compile::Compilation compilation = compile::compile(program_, options);
    const device::Scratch scratch;
    compile::write_build(scratch.path() / "build", compilation, compile::to_json(compilation, options));
    const device::SimulationResult r = device::simulate(scratch.path() / "build", *board_, test_, test_count_);
    ChipFigures figures{0, static_cast<double>(r.ram_total()), static_cast<double>(r.flash.total()), r.ms_modelled, r.mj_modelled};
    for (const std::uint64_t n : r.instructions) figures.instructions += static_cast<double>(n) / static_cast<double>(r.instructions.size());
    write_json(kept, {{"instructions", figures.instructions}, {"ram", figures.ram}, {"flash", figures.flash}, {"ms_modelled", figures.ms_modelled}, {"mj_modelled", figures.mj_modelled}});
    return figures;
  }
  bool has_board() const { return board_.has_value(); }

 private:
  fs::path run_;
  compile::Program program_;
  std::optional<device::Board> board_;
  compile::Int8 int8_;
  std::vector<float> test_;
  std::size_t test_count_ = 0;
};

void add_rows(const PlannedRun& run, const Model& model, const std::string& precision, std::vector<ChipRow>& rows, std::vector<std::string>& warnings) {
  for (const compile::Candidate& c : model.candidates(precision)) {
    ChipRow row{run.dataset, run.protocol, run.variant, precision, c.schedule, c.plan.arena_bytes, c.plan.weight_bytes, c.plan.macs, c.on_front, {}};
    try {
      if (model.has_board()) row.simulated = model.simulate(precision, c.schedule);
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& e) {
      warnings.push_back(fmt::format("{}: {} {} not simulated: {}", run.folder, precision, c.schedule, e.what()));
    }
    rows.push_back(std::move(row));
  }
}

}  // namespace

std::vector<ChipRow> plan_on_chip(const std::vector<PlannedRun>& runs, const fs::path& folder, const std::string& board, std::vector<std::string>& warnings) {
  std::vector<const PlannedRun*> order;
  for (const PlannedRun& run : runs) order.push_back(&run);
  std::stable_sort(order.begin(), order.end(), [](const PlannedRun* a, const PlannedRun* b) { return a->config.seed < b->config.seed; });
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  std::vector<const PlannedRun*> models;
  for (const PlannedRun* run : order) {
    const fs::path at = folder / run->folder;
    if (!fs::exists(at / "evaluation.json") || !fs::exists(at / "bundle" / "manifest.json")) continue;
    if (seen.insert({run->dataset, run->protocol, run->variant}).second) models.push_back(run);
  }
  std::vector<ChipRow> rows;
  Progress progress(board.empty() ? "planning for the chip" : "simulating on " + board, static_cast<std::int64_t>(models.size()));
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto guarded = [&](const std::string& what, const auto& task) {
      try {
        task();
      } catch (const Interrupted&) {
        throw;
      } catch (const std::exception& e) {
        warnings.push_back(fmt::format("{}: {}not planned: {}", models[i]->folder, what, e.what()));
      }
    };
    guarded("", [&] {
      const Model model(folder / models[i]->folder, board);
      for (const char* precision : {"float32", "int8"}) guarded(std::string(precision) + " ", [&] { add_rows(*models[i], model, precision, rows, warnings); });
    });
    progress.update(static_cast<std::int64_t>(i + 1), models[i]->variant);
  }
  progress.finish();
  std::stable_sort(rows.begin(), rows.end(), [](const ChipRow& a, const ChipRow& b) { return std::tie(a.dataset, a.protocol) < std::tie(b.dataset, b.protocol); });
  return rows;
}

std::string to_csv(const std::string& experiment, const std::vector<ChipRow>& rows) {
  std::string out =
      "experiment,dataset,protocol,variant,precision,schedule,arena_bytes,weight_bytes,macs,on_front,instructions,ram_bytes,flash_bytes,ms_modelled,mj_modelled\n";
  for (const ChipRow& r : rows) {
    out += fmt::format("{},{},{},{},{},{},{},{},{},{}", csv_field(experiment), csv_field(r.dataset), r.protocol, csv_field(r.variant), r.precision, r.schedule, r.ram, r.weights,
                       r.macs, r.on_front);
    out += r.simulated ? fmt::format(",{:.1f},{:.0f},{:.0f},{:.4f},{:.4f}\n", r.simulated->instructions, r.simulated->ram, r.simulated->flash, r.simulated->ms_modelled,
                                     r.simulated->mj_modelled)
                       : ",,,,,\n";
  }
  return out;
}

std::string to_table(const std::vector<ChipRow>& rows, const std::string& board, bool markdown) {
  std::string out;
  const auto head = [&](const std::string& text) { out += markdown ? "**" + text + "**\n\n" : text + "\n"; };
  for (std::size_t at = 0; at < rows.size();) {
    const ChipRow& first = rows[at];
    head(fmt::format("{}, protocol {}: as the compiler plans it; arena with the input, stack apart; weights without code{}", first.dataset, first.protocol,
                     board.empty() ? "" : "; simulated on " + board + ", RAM with stack, ms and mJ modelled"));
    std::vector<std::vector<std::string>> table = {{"variant", "precision", "schedule", "arena B", "weights B", "MACs", "front"}};
    if (!board.empty()) table[0].insert(table[0].end(), {"instructions", "RAM B", "flash B", "ms modelled", "mJ modelled"});
    for (; at < rows.size() && rows[at].dataset == first.dataset && rows[at].protocol == first.protocol; ++at) {
      const ChipRow& r = rows[at];
      table.push_back({r.variant, r.precision, r.schedule, std::to_string(r.ram), std::to_string(r.weights), std::to_string(r.macs), r.on_front ? "*" : ""});
      if (board.empty()) continue;
      if (const auto& s = r.simulated)
        table.back().insert(table.back().end(), {fmt::format("{:.0f}", s->instructions), fmt::format("{:.0f}", s->ram), fmt::format("{:.0f}", s->flash),
                                                 fmt::format("{:.2f}", s->ms_modelled), fmt::format("{:.2f}", s->mj_modelled)});
      else
        table.back().insert(table.back().end(), 5, "");
    }
    out += render_table(table, markdown) + "\n";
  }
  if (board.empty() || rows.empty()) return out;
  head("The paper's figures, measured on an STM32F767ZI through STM32Cube.AI, float32");
  std::vector<std::vector<std::string>> table = {{"method", "RAM KB", "flash KB", "ms", "mJ"}};
  for (const report::PaperSystem& p : report::paper_system())
    table.push_back({p.method, fmt::format("{}", p.ram_kb), fmt::format("{}", p.flash_kb), fmt::format("{}", p.ms), fmt::format("{}", p.mj)});
  return out + render_table(table, markdown) + "\n";
}

}  // namespace ditmos::experiment
