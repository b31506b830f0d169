#include "experiment/chip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>
#include <tuple>

#include "compile/compile.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "experiment/table.hpp"
#include "model/bundle.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;

std::vector<ChipRow> plan_on_chip(const std::vector<PlannedRun>& runs, const fs::path& folder, std::vector<std::string>& warnings) {
  std::vector<const PlannedRun*> order;
  for (const PlannedRun& run : runs) order.push_back(&run);
  std::stable_sort(order.begin(), order.end(), [](const PlannedRun* a, const PlannedRun* b) { return a->config.seed < b->config.seed; });
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  std::vector<ChipRow> rows;
  for (const PlannedRun* run : order) {
    const fs::path at = folder / run->folder;
    if (!fs::exists(at / "evaluation.json") || !fs::exists(at / "bundle" / "manifest.json")) continue;
    if (!seen.insert({run->dataset, run->protocol, run->variant}).second) continue;
    try {
      for (const compile::Candidate& c : compile::plan_candidates(compile::import_bundle(model::read_bundle(at / "bundle"), "model"), {}))
        rows.push_back({run->dataset, run->protocol, run->variant, c.schedule, c.plan.arena_bytes, c.plan.weight_bytes, c.plan.macs, c.on_front});
    } catch (const std::exception& e) {
      warnings.push_back(at.string() + ": not planned: " + e.what());
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const ChipRow& a, const ChipRow& b) { return std::tie(a.dataset, a.protocol) < std::tie(b.dataset, b.protocol); });
  return rows;
}

std::string to_csv(const std::string& experiment, const std::vector<ChipRow>& rows) {
  std::string out = "experiment,dataset,protocol,variant,precision,schedule,ram_bytes,weight_bytes,macs,on_front\n";
  for (const ChipRow& r : rows)
    out += fmt::format("{},{},{},{},float32,{},{},{},{},{}\n", csv_field(experiment), csv_field(r.dataset), r.protocol, csv_field(r.variant), r.schedule, r.ram, r.weights,
                       r.macs, r.on_front);
  return out;
}

std::string to_table(const std::vector<ChipRow>& rows, bool markdown) {
  std::string out;
  for (std::size_t at = 0; at < rows.size();) {
    const ChipRow& first = rows[at];
    const std::string heading = fmt::format("{}, protocol {}: as the compiler plans it, float32; RAM is the arena, input included, stack apart; weights without code", first.dataset,
                                            first.protocol);
    out += markdown ? "**" + heading + "**\n\n" : heading + "\n";
    std::vector<std::vector<std::string>> table = {{"variant", "schedule", "RAM B", "weights B", "MACs", "front"}};
    for (; at < rows.size() && rows[at].dataset == first.dataset && rows[at].protocol == first.protocol; ++at)
      table.push_back({rows[at].variant, rows[at].schedule, std::to_string(rows[at].ram), std::to_string(rows[at].weights), std::to_string(rows[at].macs), rows[at].on_front ? "*" : ""});
    out += render_table(table, markdown) + "\n";
  }
  return out;
}

}  // namespace ditmos::experiment
