#include "experiment/int8.hpp"

#include <fmt/format.h>

#include <array>
#include <exception>
#include <map>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "experiment/table.hpp"
#include "tune/assess.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;

std::vector<Int8Row> quantize_runs(const std::vector<PlannedRun>& runs, const fs::path& folder, bool measure, std::vector<std::string>& warnings) {
  std::vector<Int8Row> rows;
  for (const PlannedRun& run : runs) {
    const fs::path at = folder / run.folder, record = at / "int8.json";
    if (!fs::exists(at / "evaluation.json") || !fs::exists(at / "bundle" / "manifest.json")) continue;
    try {
      if (!fs::exists(record)) {
        if (!measure) continue;
        fs::remove_all(at / "tuned");  // of a run cut short: int8.json is written last
        const tune::TrainedRun trained = tune::read_run(at);
        tune::TuneOptions options;
        options.quantize.calibration = tune::resolve_calibration(tune::kAutomatic, trained, tune::program_of_run(at), options);
        write_json(record, tune::assess(trained, options, 1, at / "tuned").record);
      }
      const Json test = read_json(record).at("parts").at("test");
      const std::string where = record.string();
      rows.push_back({run.dataset, run.protocol, run.variant, run.config.seed, json_get<std::size_t>(test, "windows", where), json_get<double>(test, "float32", where),
                      json_get<double>(test, "int8", where), json_get<double>(test, "int8_tuned", where)});
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& e) {
      warnings.push_back(at.string() + ": not quantised: " + e.what());
    }
  }
  return rows;
}

std::string to_csv(const std::string& experiment, const std::vector<Int8Row>& rows) {
  std::string out = "experiment,dataset,protocol,variant,seed,test_windows,float32,int8,int8_tuned\n";
  for (const Int8Row& r : rows)
    out += fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_field(experiment), csv_field(r.dataset), r.protocol, csv_field(r.variant), r.seed, r.windows, r.real, r.quantized, r.tuned);
  return out;
}

std::string to_table(const std::vector<Int8Row>& rows, bool markdown) {
  if (rows.empty()) return {};
  struct Sum {
    double seeds = 0, real = 0, quantized = 0, tuned = 0;
    std::size_t windows = 0;
  };
  std::vector<std::array<std::string, 3>> order;
  std::map<std::array<std::string, 3>, Sum> sums;
  for (const Int8Row& r : rows) {
    const std::array<std::string, 3> key{r.dataset, r.protocol, r.variant};
    if (!sums.contains(key)) order.push_back(key);
    Sum& s = sums[key];
    s.seeds += 1, s.real += 100 * r.real, s.quantized += 100 * r.quantized, s.tuned += 100 * r.tuned, s.windows += r.windows;
  }
  std::vector<std::vector<std::string>> table = {{"data set", "protocol", "variant", "seeds", "test windows", "float32 %", "int8 %", "loss", "fine-tuned int8 %", "loss"}};
  for (const auto& key : order) {
    const Sum& s = sums.at(key);
    const double real = s.real / s.seeds, quantized = s.quantized / s.seeds, tuned = s.tuned / s.seeds;
    table.push_back({key[0], key[1], key[2], fmt::format("{}", s.seeds), std::to_string(s.windows), fmt::format("{:.2f}", real), fmt::format("{:.2f}", quantized),
                     fmt::format("{:.2f}", real - quantized), fmt::format("{:.2f}", tuned), fmt::format("{:.2f}", real - tuned)});
  }
  return "int8 on the test part, mean over seeds; losses in points against float32 on the same windows\n" + std::string(markdown ? "\n" : "") + render_table(table, markdown) + "\n";
}

}  // namespace ditmos::experiment
