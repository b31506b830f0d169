#include "compile/compile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compile/emit_c/c_text.hpp"
#include "compile/emit_c/fields.hpp"
#include "compile/ops/channel_major.hpp"
#include "compile/passes/passes.hpp"
#include "compile/schedule/nvm_cost.hpp"
#include "core/error.hpp"
#include "frontend/front_end.hpp"
#include "core/file.hpp"
#include "core/names.hpp"

namespace ditmos::compile {
namespace {

/// Counted on the paper's network (docs/SCHEDULES.md): instructions a MAC beyond those of `fused`.
constexpr double kStreamingOverhead = 0.03, kRecomputingOverhead = 0.07, kLayerwiseOverhead = 0.10;

/// Writes flash in every inference, so it is taken only when asked for by name.
const char* const kSliced = "sliced";

/// Only with Options::hop.
const char* const kContinuous = "continuous";

/// Schedules differ in fusion only, so that the program is made ready once for each level of it.
class Prepared {
 public:
  Prepared(const Program& imported, const std::optional<Int8>& int8) : imported_(imported), int8_(int8) {}
  const Program& of(const std::string& schedule) {
    std::optional<Program>& program = schedule == "layerwise" ? layerwise_ : fused_;
    if (!program) program = prepare(imported_, schedule, int8_);
    return *program;
  }

 private:
  const Program& imported_;
  const std::optional<Int8>& int8_;
  std::optional<Program> layerwise_, fused_;
};

Candidate candidate_of(const Program& prepared, const std::string& schedule, int recomputed, const std::shared_ptr<const frontend::FrontEnd>& front_end) {
  Candidate candidate;
  candidate.schedule = schedule;
  const bool streamed = schedule.starts_with("streaming");
  candidate.plan = make_plan(prepared, schedule, streamed ? Cut::streamed : Cut::one_by_one, recomputed, schedule == kSliced, front_end);
  candidate.overhead = streamed ? (recomputed > 0 ? kRecomputingOverhead : kStreamingOverhead) : schedule == "layerwise" ? kLayerwiseOverhead : 0;
  return candidate;
}

Candidate judged(Candidate candidate, const Budget& budget) {
  candidate.fits = !(budget.ram && candidate.plan.arena_bytes > *budget.ram) && !(budget.flash && candidate.flash() > *budget.flash) &&
                   !(budget.latency_ms && candidate.work() / budget.macs_per_ms > *budget.latency_ms);
  return candidate;
}

std::string largest_buffer(const Plan& plan) {
  const auto largest = std::max_element(plan.buffers.begin(), plan.buffers.end(), [](const Buffer& a, const Buffer& b) { return a.size < b.size; });
  return largest == plan.buffers.end() ? "none" : fmt::format("{} with {} bytes", largest->name, largest->size);
}

std::string largest_table(const Plan& plan) {
  std::string name;
  std::size_t most = 0;
  for (const FamilyPlan& planned : plan.families)
    for (const int member : planned.family.members) {
      const std::size_t bytes = weight_bytes(planned.family, plan.networks[static_cast<std::size_t>(member)]);
      if (bytes > most) most = bytes, name = planned.family.name;
    }
  return fmt::format("weights of a {} with {} bytes", name, most);
}

[[noreturn]] void refuse(const std::vector<Candidate>& candidates, const Budget& budget) {
  const auto least = std::min_element(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.plan.arena_bytes < b.plan.arena_bytes; });
  if (budget.ram && least->plan.arena_bytes > *budget.ram)
    throw Error(fmt::format("the network needs {} bytes of RAM in its smallest schedule ({}), {} more than the {} allowed; the largest buffer is {}", least->plan.arena_bytes, least->schedule,
                            least->plan.arena_bytes - *budget.ram, *budget.ram, largest_buffer(least->plan)),
                "a board with more RAM, fewer filters, or int8");
  if (budget.flash && least->flash() > *budget.flash)
    throw Error(fmt::format("the network needs {} bytes of flash ({} of weights, {} of front end, about {} of code), {} more than the {} allowed; the largest table is the {}", least->flash(), least->plan.weight_bytes,
                            least->plan.front_end_bytes, least->code, least->flash() - *budget.flash, *budget.flash, largest_table(least->plan)),
                "a board with more flash, fewer classifiers, or int8");
  const Candidate& fastest = candidates.front();
  if (budget.latency_ms && fastest.work() / budget.macs_per_ms > *budget.latency_ms)
    throw Error(fmt::format("the fastest schedule ({}) takes {:.2f} ms (modelled), {:.2f} allowed", fastest.schedule, fastest.work() / budget.macs_per_ms, *budget.latency_ms),
                "a faster board, a smaller network, or int8");
  throw Error("no schedule fits RAM and latency together", "the schedules and what each needs: ditmos compile --plan");
}

}  // namespace

std::vector<std::string> schedule_names(const Program& program) {
  std::vector<std::string> names = {"auto", "fused", "streaming", "layerwise"};
  for (std::size_t maps = 1; maps <= shared_maps(program).size(); ++maps) names.push_back("streaming-" + std::to_string(maps));
  if (!shared_maps(program).empty()) names.emplace_back(kSliced);
  return names;
}

Program prepare(const Program& imported, const std::string& schedule, const std::optional<Int8>& int8) {
  Program program = imported;
  if (std::any_of(program.networks.begin(), program.networks.end(), is_quantized)) return program;  // from a QDQ file
  for (Graph& network : program.networks) optimize(network, schedule == "layerwise" ? FusionLevel::layerwise : FusionLevel::fused);
  if (int8) {
    lower_for_int8(program);
    return quantize(program, int8->windows, int8->count, int8->options);
  }
  return program;
}

std::vector<Candidate> plan_candidates(const Program& imported, const Budget& budget, const std::optional<Int8>& int8, const std::shared_ptr<const frontend::FrontEnd>& front_end) {
  Prepared prepared(imported, int8);
  if (budget.latency_ms && !(budget.macs_per_ms > 0)) throw Error("a latency limit needs a board, whose speed is known");
  std::vector<Candidate> candidates;
  for (const std::string& name : schedule_names(imported)) {
    if (name == "auto") continue;
    const std::size_t dash = name.find('-');
    candidates.push_back(candidate_of(prepared.of(name), name, dash == std::string::npos ? 0 : std::stoi(name.substr(dash + 1)), front_end));
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.work() < b.work(); });
  std::size_t least = SIZE_MAX;
  for (Candidate& candidate : candidates) {
    candidate = judged(std::move(candidate), budget);
    if (candidate.schedule == kSliced) continue;
    candidate.on_front = candidate.plan.arena_bytes < least;
    least = std::min(least, candidate.plan.arena_bytes);
  }
  return candidates;
}

namespace {

/// The candidate's C, and what it becomes on the chip where a compiler is at hand.
Compilation finish(const Program& imported, Candidate& candidate, const Options& options) {
  if (options.sample_unit > 0 && (imported.channels == 0 || imported.height != 1)) throw Error("only a series takes a sensor's int16 samples");
  Compilation result;
  result.schedule = candidate.schedule;
  result.plan = candidate.plan;
  result.plan.sample_unit = options.sample_unit;
  result.plan.stream = options.stream;
  result.program = prepare(imported, candidate.schedule, options.int8);
  if (options.core == "cortex-m4" || options.core == "cortex-m33") {  // VFMA takes 3 cycles there, VMUL + VADD 2
    result.plan.defines.push_back("DITMOS_MUL_ADD 1");
    mark_channel_major(result.plan);
  }
  result.files = emit_c(result.program, result.plan, options.name);
  if (options.measure_code) result.code = options.measure_code(result.files);
  if (result.code) candidate.code = *result.code;
  return result;
}

/// Those of the candidates that may be taken, in the order in which they are tried.
std::vector<Candidate*> wanted(std::vector<Candidate>& candidates, const Program& imported, const Options& options) {
  std::vector<Candidate*> tries;
  for (Candidate& candidate : candidates)
    if (options.schedule == "auto" ? candidate.schedule != kSliced : candidate.schedule == options.schedule) tries.push_back(&candidate);
  if (!tries.empty()) return tries;
  throw Error("this network has no schedule \"" + options.schedule + "\"", name_hint(options.schedule, schedule_names(imported)));
}

}  // namespace

Compilation compile(const Program& imported, const Options& options) {
  if (options.name.empty() || c_identifier(options.name) != options.name) throw Error("\"" + options.name + "\" is no C identifier", "letters, digits and underscores, not starting with a digit");
  Budget budget = options.budget;
  if (options.measure_code) budget.flash.reset();  // judged by what the code really takes
  std::vector<Candidate> candidates;
  if (options.front_end && (options.hop > 0 || options.sample_unit > 0))
    throw Error("continuous mode and int16 samples are for networks that read samples, and this one reads the features of a front end");
  if (options.hop > 0) {
    if (options.schedule != "auto" && options.schedule != kContinuous) throw Error("a hop makes the schedule \"continuous\", not \"" + options.schedule + "\"");
    Candidate candidate;
    candidate.schedule = kContinuous;
    candidate.plan = make_continuous_plan(prepare(imported, "fused", options.int8), options.hop);
    candidates = {judged(std::move(candidate), budget)};
  } else {
    candidates = plan_candidates(imported, budget, options.int8, options.front_end);
  }
  std::vector<Candidate> refused;
  for (Candidate* candidate : wanted(candidates, imported, options)) {
    const auto too_large = [&] { return options.budget.flash && candidate->flash() > *options.budget.flash; };
    if (options.measure_code) candidate->code = 0;
    if (candidate->fits && !too_large()) {
      Compilation result = finish(imported, *candidate, options);
      if (!result.code && options.measure_code) candidate->code = kCodeEstimate;
      candidate->fits = !too_large();
      if (candidate->fits) {
        result.candidates = std::move(candidates);
        return result;
      }
    }
    if (candidate->code == 0) candidate->code = kCodeEstimate;
    refused.push_back(*candidate);
  }
  refuse(refused, options.budget);
}

Json to_json(const Compilation& c, const Options& options) {
  Json json;
  json["name"] = options.name;
  json["precision"] = is_quantized(c.program.networks.at(0)) ? "int8" : "float32";
  json["schedule"] = c.schedule;
  json["candidates"] = Json::array();
  for (const Candidate& candidate : c.candidates)
    json["candidates"].push_back({{"schedule", candidate.schedule}, {"ram", candidate.plan.arena_bytes}, {"flash", candidate.plan.weight_bytes}, {"macs", candidate.plan.macs}, {"fits", candidate.fits}, {"pareto", candidate.on_front}});
  json["ram"] = {{"arena", c.plan.arena_bytes}};
  json["flash"] = {{"weights", c.plan.weight_bytes}};
  if (c.code) json["flash"].update(Json{{"code", *c.code}, {"total", c.plan.weight_bytes + *c.code}});
  if (c.plan.hop > 0) json["hop"] = c.plan.hop;
  json["macs"] = c.plan.macs;
  json["front_end"] = Json();
  if (c.plan.front_end) {
    const frontend::FrontEnd& front_end = *c.plan.front_end;
    json["front_end"] = to_json(front_end.settings());
    json["front_end"]["ram"] = front_end.scratch_bytes();
    json["front_end"]["flash"] = c.plan.front_end_bytes;
    json["front_end"]["multiplications"] = c.plan.front_end_multiplications;
  }
  json["input"] = c.program.channels ? Json{{"channels", c.program.channels}, {"height", c.program.height}, {"width", c.program.width}} : Json();
  json["classes"] = c.program.classes;
  json["combine"] = c.plan.combine == model::Combine::select ? "select" : c.plan.combine == model::Combine::average ? "average" : "single";
  json["buffers"] = Json::array();
  for (const Buffer& buffer : c.plan.buffers)
    json["buffers"].push_back({{"name", buffer.name}, {"offset", buffer.offset}, {"size", buffer.size}, {"first", buffer.first}, {"last", buffer.last}});
  json["steps"] = c.plan.steps;
  if (const NvmCost cost = nvm_cost(c.plan); cost.bytes > 0)
    json["nvm"] = {{"bytes", cost.bytes}, {"words", cost.words}, {"write_ms_modelled", cost.write_ms}, {"erase_ms_modelled", cost.erase_ms}, {"inferences_until_worn", cost.inferences_until_worn}};
  return json;
}

void write_build(const std::filesystem::path& folder, const Compilation& compilation, const Json& record) {
  make_output_folder(folder, "compile.json", true);
  for (const File& file : compilation.files) write_file_atomic(folder / file.name, file.content);
  write_json(folder / "compile.json", record);
}

}  // namespace ditmos::compile
