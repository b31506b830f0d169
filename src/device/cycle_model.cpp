#include "device/cycle_model.hpp"

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "device/core_target.hpp"
#include "device/issue_model.hpp"

namespace ditmos::device {
namespace {

using Op = Operation;

/// Cores that issue one instruction at a time: a cost a row, as their manuals' tables have it.
struct Table {
  double multiply, multiply_accumulate, multiply_long, multiply_accumulate_long, divide;
  double load, store;            ///< a load, a store
  bool pipelined;                ///< a load or store right behind a load takes one cycle
  double indirect, call;         ///< BX, BL
  double pop_pc;                 ///< more than a pop of the other registers
  double taken;                  ///< a taken conditional branch, more than one cycle
  double branch;                 ///< B
  double load_use = 0;           ///< more when the next instruction needs the loaded value
  bool pairs = false;            ///< two 16-bit instructions of which one is a simple one share a cycle
};

// Cortex-M0 TRM (DDI 0432), M0+ TRM (DDI 0484), M3 TRM (DDI 0337) and M4 TRM (DDI 0439), instruction timings. The M33's is not
// published in that form; it is priced as an M4 whose loads take one cycle, and one more when the next instruction needs the
// value, and which issues some pairs of 16-bit instructions at once (docs/CYCLES.md).
constexpr Table m0 = {1, 1, 1, 1, 1, 2, 2, false, 3, 4, 3, 2, 3};
constexpr Table m0plus = {1, 1, 1, 1, 1, 2, 2, false, 2, 3, 2, 1, 2};
constexpr Table m3 = {1, 2, 4, 5, 7, 2, 1, true, 3, 2, 2, 1, 2};
constexpr Table m4 = {1, 1, 1, 1, 7, 2, 1, true, 3, 2, 2, 1, 2};
constexpr Table m33 = {1, 1, 1, 1, 7, 1, 1, false, 3, 2, 2, 1, 2, 1, true};

bool is_fp_arithmetic(Op o) {
  return o == Op::fp_add || o == Op::fp_multiply || o == Op::fp_accumulate || o == Op::fp_divide || o == Op::fp_root;
}

double row(const Table& t, const Instruction& i) {
  const double n = i.registers;
  switch (i.operation) {
    case Op::multiply: return t.multiply;
    case Op::multiply_accumulate: return t.multiply_accumulate;
    case Op::multiply_long: return t.multiply_long;
    case Op::multiply_accumulate_long: return t.multiply_accumulate_long;
    case Op::divide: return t.divide;
    case Op::load: case Op::load_small: return t.load + (i.writes_pc ? t.pop_pc : 0);
    case Op::load_double: return 1 + 2;
    case Op::load_multiple: return 1 + n + (i.writes_pc ? t.pop_pc : 0);
    case Op::store: return t.store;
    case Op::store_double: return 1 + 2;
    case Op::store_multiple: return 1 + n;
    case Op::branch: return t.branch;
    case Op::call: return t.call;
    case Op::branch_indirect: return t.indirect;
    case Op::system: return 4;
    case Op::fp_accumulate: return 3;
    case Op::fp_divide: case Op::fp_root: return 14;
    case Op::fp_load: return t.load;
    case Op::fp_load_double: return 3;
    case Op::fp_load_multiple: case Op::fp_store_multiple: return 1 + n;
    case Op::fp_store: return t.load;
    case Op::fp_store_double: return 3;
    default: return 1;
  }
}

BlockPrice price_by_table(const Table& table, std::span<const Instruction> block) {
  BlockPrice price;
  const Instruction* before = nullptr;
  bool paired = false;  // the instruction before has a partner already
  for (const Instruction& i : block) {
    double cost = row(table, i);
    paired = table.pairs && before && !paired && before->bytes == 2 && i.bytes == 2 && (before->plain_narrow || i.plain_narrow) && (i.reads & before->writes) == 0;
    if (paired) cost = std::max(0.0, cost - 1);
    if (before) {
      const bool after_load = before->operation == Op::load || before->operation == Op::load_small;
      const bool access = i.operation == Op::load || i.operation == Op::load_small || i.operation == Op::store;
      if (table.pipelined && after_load && access && !i.writes_pc && (i.reads & before->writes) == 0) cost = 1;
      if ((after_load || before->operation == Op::fp_load) && (i.reads & before->writes & ~before->updates) != 0)
        cost += table.load_use;
      if (is_fp_arithmetic(before->operation) && (i.reads & before->writes) != 0) cost += 1;  // M4 TRM, FPU table, note
    }
    price.base += cost;
    before = &i;
  }
  if (before && before->operation == Op::branch_conditional) price.taken = table.taken;
  return price;
}

}  // namespace

BlockPrice price_block(const std::string& core, std::span<const Instruction> block, bool loops_to_itself) {
  if (core == "cortex-m0") return price_by_table(m0, block);
  if (core == "cortex-m0plus") return price_by_table(m0plus, block);
  if (core == "cortex-m3") return price_by_table(m3, block);
  if (core == "cortex-m4") return price_by_table(m4, block);
  if (core == "cortex-m33") return price_by_table(m33, block);
  if (core == "cortex-m7") return price_m7(block, loops_to_itself);
  if (core == "cortex-m55") return price_m55(block, loops_to_itself);
  core_target(core);  // throws: unknown
  throw Error("there is no cycle model of " + core);
}

double block_cycles(const BlockPrice& price, std::uint64_t runs, std::uint64_t taken) {
  return price.base * static_cast<double>(runs) + price.taken * static_cast<double>(taken) +
         price.mispredict * static_cast<double>(std::min(taken, runs - std::min(runs, taken)));
}

double flash_stalls(const Board& board, const FlashTraffic& traffic) {
  const double wait = board.flash_wait_states;
  if (wait == 0) return 0;
  // On an M7 a line comes over AXI into the cache: the request and the answer cross the bus matrix as well.
  const double fill = wait + (board.core == "cortex-m7" ? 6 : 0);
  // Code read in sequence is fetched ahead while the line before it runs, about a cycle for every four bytes.
  const double ahead = std::max(0.0, fill - board.flash_line_bytes / 4.0);
  return fill * static_cast<double>(traffic.data_misses + traffic.code_misses) +
         ahead * static_cast<double>(traffic.code_misses_in_sequence);
}

}  // namespace ditmos::device
