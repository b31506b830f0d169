#include "device/issue_model.hpp"

#include <algorithm>
#include <array>

namespace ditmos::device {
namespace {

using Op = Operation;

enum Pipe { no_pipe, load_pipe, store_pipe, mac_pipe, fp_pipe, simd_pipe, shift_pipe, branch_pipe, vector_memory_pipe,
            vector_integer_pipe, vector_multiply_pipe, pipes };

/// How an instruction goes through an in-order pipeline.
struct Timing {
  Pipe pipe = no_pipe;
  double busy = 1;          ///< cycles before the pipe takes the next
  double latency = 1;       ///< cycles until another may read the result
  double issue = 1;         ///< cycles of issue that it takes alone
  double early = 0;         ///< its operands are read this many cycles before those of a plain ALU operation
  double accumulator_late = 0;  ///< its accumulator is read this many cycles after its other operands
  bool alone = false;       ///< never issued beside another
  bool first_only = false;  ///< may only be the first of a pair
};

/// Latencies and units: LLVM's scheduling model of the M7 (ARMScheduleM7.td, written by Arm); loads of bytes and halfwords
/// take one cycle longer than words, addresses and shifted operands are read one stage early.
Timing timing_m7(const Instruction& i) {
  const double n = i.registers;
  switch (i.operation) {
    case Op::alu: case Op::it: case Op::nop: case Op::loop_start: case Op::loop_end: return {};
    case Op::alu_shifted: return {.pipe = shift_pipe, .early = 1};
    case Op::simd: return {.pipe = simd_pipe, .first_only = true};
    case Op::multiply: case Op::multiply_long: return {.pipe = mac_pipe, .latency = 2};
    case Op::multiply_accumulate: case Op::multiply_accumulate_long:
      return {.pipe = mac_pipe, .latency = 2, .accumulator_late = 1};
    case Op::divide: return {.latency = 1, .issue = 7, .alone = true};
    case Op::load: return {.pipe = load_pipe, .latency = 1, .early = 1};
    case Op::load_small: return {.pipe = load_pipe, .latency = 2, .early = 1};
    case Op::load_double: return {.pipe = load_pipe, .latency = 1, .early = 1, .alone = true};
    case Op::load_multiple: return {.pipe = load_pipe, .latency = 1, .issue = (n + 1) / 2, .early = 1, .alone = true};
    case Op::store: return {.pipe = store_pipe, .early = 0};
    case Op::store_double: return {.pipe = store_pipe, .alone = true};
    case Op::store_multiple: return {.pipe = store_pipe, .issue = (n + 1) / 2, .alone = true};
    case Op::branch: case Op::branch_conditional: case Op::call: return {.pipe = branch_pipe};
    case Op::branch_indirect: return {.pipe = branch_pipe, .issue = 2, .alone = true};
    case Op::system: return {.latency = 3, .issue = 3, .alone = true};
    case Op::fp_add: case Op::fp_multiply: return {.pipe = fp_pipe, .latency = 3};
    case Op::fp_accumulate: return {.pipe = fp_pipe, .latency = 6, .accumulator_late = 3};
    case Op::fp_divide: case Op::fp_root: return {.pipe = fp_pipe, .busy = 14, .latency = 16};
    case Op::fp_load: return {.pipe = load_pipe, .latency = 1, .early = 1};
    case Op::fp_load_double: return {.pipe = load_pipe, .latency = 2, .early = 1, .alone = true};
    case Op::fp_load_multiple: return {.pipe = load_pipe, .latency = 1, .issue = (n + 1) / 2, .early = 1, .alone = true};
    case Op::fp_store: return {.pipe = store_pipe};
    case Op::fp_store_double: return {.pipe = store_pipe, .alone = true};
    case Op::fp_store_multiple: return {.pipe = store_pipe, .issue = (n + 1) / 2, .alone = true};
    case Op::fp_move: return {.latency = 3};
    default: return {.alone = true};  // vector instructions do not exist on an M7
  }
}

/// Latencies and beats: LLVM's scheduling model of the M55 (ARMScheduleM55.td, written by Arm).
Timing timing_m55(const Instruction& i) {
  const double n = i.registers;
  switch (i.operation) {
    case Op::load: case Op::load_small: return {.latency = 2};
    case Op::load_double: return {.latency = 2, .issue = 2, .alone = true};
    case Op::load_multiple: return {.latency = 2, .issue = n, .alone = true};
    case Op::store_double: return {.issue = 2, .alone = true};
    case Op::store_multiple: return {.issue = n, .alone = true};
    case Op::multiply: case Op::multiply_accumulate: case Op::multiply_long: case Op::multiply_accumulate_long:
    case Op::alu_shifted: case Op::simd:
      return {.latency = i.plain_narrow ? 1.0 : 2.0, .alone = !i.plain_narrow};
    case Op::divide: return {.latency = 7, .issue = 7, .alone = true};
    case Op::branch_indirect: return {.issue = 2, .alone = true};
    case Op::system: return {.issue = 3, .alone = true};
    case Op::loop_end: return {.issue = 0};
    case Op::fp_add: case Op::fp_multiply: return {.pipe = vector_multiply_pipe, .latency = 2, .alone = true};
    case Op::fp_accumulate: return {.pipe = vector_multiply_pipe, .latency = 4, .alone = true};
    case Op::fp_divide: case Op::fp_root: return {.pipe = vector_multiply_pipe, .busy = 14, .latency = 15, .alone = true};
    case Op::fp_load: case Op::fp_load_double: case Op::fp_store: case Op::fp_store_double:
      return {.pipe = vector_memory_pipe, .latency = 1, .alone = true};
    case Op::fp_load_multiple: case Op::fp_store_multiple:
      return {.pipe = vector_memory_pipe, .busy = n, .issue = (n + 1) / 2, .alone = true};
    case Op::fp_move: return {.latency = 1, .alone = true};
    case Op::vector_load: case Op::vector_store: return {.pipe = vector_memory_pipe, .busy = 2, .latency = 1, .alone = true};
    case Op::vector_integer: return {.pipe = vector_integer_pipe, .busy = 2, .latency = 1, .alone = true};
    case Op::vector_multiply: return {.pipe = vector_multiply_pipe, .busy = 2, .latency = 2, .alone = true};
    default: return {};
  }
}

/// An in-order pipeline that issues up to two instructions a cycle.
class Pipeline {
 public:
  explicit Pipeline(bool any_pair) : any_pair_(any_pair) { ready_.fill(-100); }  // all operands are there at the start

  void issue(const Instruction& i, const Timing& t) {
    if (t.issue == 0) return;
    double at = now_;
    for (int r = 0; r < register_bits; ++r) {
      const std::uint64_t bit = std::uint64_t{1} << r;
      if ((i.reads & bit) == 0) continue;
      const double late = (i.accumulator & bit) != 0 ? t.accumulator_late : 0;
      at = std::max(at, ready_[static_cast<std::size_t>(r)] + t.early - late);
    }
    if (t.pipe != no_pipe) at = std::max(at, free_at(t.pipe));
    const bool second = at <= now_ && used_ == 1 && may_pair(i, t);
    if (!second && used_ > 0) at = std::max(at, now_ + 1);
    if (at > now_) used_ = 0;
    now_ = at;
    if (t.pipe != no_pipe) take(t.pipe, now_ + t.busy);
    for (int r = 0; r < register_bits; ++r)
      if ((i.writes >> r & 1) != 0)  // an address moved on is forwarded from the first stage
        ready_[static_cast<std::size_t>(r)] = now_ + ((i.updates >> r & 1) != 0 ? t.issue - t.early : std::max(t.latency, t.issue));
    ++used_;
    first_ = &i;
    if (t.alone || used_ == 2) {
      now_ += t.issue;
      used_ = 0;
    }
  }

  /// Cycles from the start to where the next instruction can be issued, as a new pair.
  double cycles() const { return now_ + (used_ > 0 ? 1 : 0); }
  void end_pair() {
    now_ = cycles();
    used_ = 0;
  }

 private:
  bool may_pair(const Instruction& i, const Timing& t) const {
    if (t.alone || t.first_only) return false;
    if (any_pair_) return true;
    return i.bytes == 2 && first_->bytes == 2 && (i.plain_narrow || first_->plain_narrow);
  }
  /// The M7 has two load pipes; the second one stands at the end of the table.
  double free_at(Pipe pipe) const {
    if (pipe == load_pipe && any_pair_) return std::min(free_[load_pipe], free_[pipes]);
    return free_[static_cast<std::size_t>(pipe)];
  }
  void take(Pipe pipe, double until) {
    if (pipe == load_pipe && any_pair_ && free_[pipes] < free_[load_pipe])
      free_[pipes] = until;
    else
      free_[static_cast<std::size_t>(pipe)] = until;
  }

  bool any_pair_;
  double now_ = 0;
  int used_ = 0;  ///< instructions issued in the cycle `now_`
  const Instruction* first_ = nullptr;
  std::array<double, register_bits> ready_{};
  std::array<double, pipes + 1> free_{};
};

template <class TimingOf>
double run(std::span<const Instruction> block, bool loops, bool any_pair, TimingOf timing) {
  Pipeline pipeline(any_pair);
  double before = 0;
  for (int round = 0; round < (loops ? 4 : 1); ++round) {
    before = pipeline.cycles();
    for (const Instruction& i : block) pipeline.issue(i, timing(i));
    pipeline.end_pair();
  }
  return pipeline.cycles() - (loops ? before : 0);
}

}  // namespace

BlockPrice price_m7(std::span<const Instruction> block, bool loops_to_itself) {
  BlockPrice price;
  price.base = run(block, loops_to_itself, true, timing_m7);
  if (!block.empty() && block.back().operation == Op::branch_conditional) price.mispredict = 6;
  if (!block.empty() && block.back().writes_pc) price.base += 1;
  return price;
}

BlockPrice price_m55(std::span<const Instruction> block, bool loops_to_itself) {
  BlockPrice price;
  price.base = run(block, loops_to_itself, false, timing_m55);
  if (!block.empty() && block.back().operation == Op::branch_conditional) price.taken = 1, price.mispredict = 2;
  if (!block.empty() && block.back().operation == Op::branch) price.base += 1;
  return price;
}

}  // namespace ditmos::device
