#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compile/emit_c/emit.hpp"
#include "compile/import.hpp"
#include "compile/quantize/quantize.hpp"
#include "core/json.hpp"

namespace ditmos::compile {

/// What a compilation may use. A limit that is not set is no limit.
struct Budget {
  std::optional<std::size_t> ram;    ///< bytes of arena, input included; the stack comes on top
  std::optional<std::size_t> flash;  ///< bytes of weights and code
  std::optional<double> latency_ms;  ///< modelled: macs / macs_per_ms
  double macs_per_ms = 0;            ///< of the chip; needed for latency_ms
};

/// Code on the chip, without weights: an upper estimate for the planner, before the code is compiled (Options::measure_code).
inline constexpr std::size_t kCodeEstimate = 12 * 1024;

/// Estimate: instructions of a multiplication in a front end against those of a multiply-accumulate of int8 networks.
inline constexpr double kFrontEndWork = 2.5;

/// Asks for int8: training windows, count x (channels, height, width), and how to calibrate with them (quantize/quantize.hpp).
struct Int8 {
  std::vector<float> windows;
  std::size_t count = 0;
  QuantizeOptions options;
};

struct Options {
  std::string name = "ditmos_model";  ///< C identifier
  std::string schedule = "auto";      ///< one of schedule_names()
  Budget budget;
  std::optional<Int8> int8;           ///< else float32
  std::shared_ptr<const frontend::FrontEnd> front_end;  ///< becomes part of the code (front_end.hpp); null: none
  std::optional<frontend::Stream> stream;               ///< the same (front_end.hpp); none: windows come whole
  std::string core;                   ///< "cortex-m4", ... whose kernels to choose; empty: any
  int hop = 0;                        ///< continuous mode: columns from one window to the next (schedule "continuous"); 0: none
  float sample_unit = 0;              ///< also take int16 samples of which a step is this much; 0: none
  /// Bytes of code that the files become on the chip, where a compiler for it is at hand. Then the budget is held to them.
  std::function<std::optional<std::size_t>(const std::vector<File>&)> measure_code;
};

/// One way to run the program. `overhead`: work of a schedule beyond its MACs, as a share, for ranking (docs/SCHEDULES.md).
struct Candidate {
  std::string schedule;
  Plan plan;
  double overhead = 0;
  std::size_t code = kCodeEstimate;
  std::size_t flash() const { return plan.weight_bytes + plan.front_end_bytes + code; }
  /// In multiply-accumulates of the networks; a multiplication of the front end takes about kFrontEndWork of them.
  double work() const { return static_cast<double>(plan.macs) * (1 + overhead) + kFrontEndWork * static_cast<double>(plan.front_end_multiplications); }
  bool fits = false;
  bool on_front = false;  ///< no other candidate is better in RAM and in work
};

/// "auto", "layerwise", "fused", "streaming" and, with maps to share, "streaming-1", "streaming-2", ... (so many of the selector's maps
/// recomputed) and "sliced" (the maps wait in non-volatile memory; never taken by "auto").
std::vector<std::string> schedule_names(const Program& program);

/// The program's networks optimised, and quantized where int8 is asked for: what plans and emission take.
Program prepare(const Program& imported, const std::string& schedule, const std::optional<Int8>& int8 = {});

/// Every schedule of an imported program, planned and judged against the budget; fastest first.
std::vector<Candidate> plan_candidates(const Program& imported, const Budget& budget, const std::optional<Int8>& int8 = {},
                                       const std::shared_ptr<const frontend::FrontEnd>& front_end = nullptr);

struct Compilation {
  std::string schedule;
  Program program;  ///< optimised for the schedule
  Plan plan;
  std::vector<Candidate> candidates;
  std::vector<File> files;
  std::optional<std::size_t> code;  ///< bytes, as measured
};

/// The schedule asked for, or for "auto" the fastest that fits. Throws Error: no such schedule (nearest name), nothing fits (what is short by
/// how many bytes, and the largest buffer or table), a name that is no C identifier.
Compilation compile(const Program& imported, const Options& options);

/// compile.json without board and paths.
Json to_json(const Compilation& compilation, const Options& options);

/// Writes the files and `record` as compile.json into a new folder, or over an older build. Throws Error when the folder holds other things.
void write_build(const std::filesystem::path& folder, const Compilation& compilation, const Json& record);

}  // namespace ditmos::compile
