#pragma once
#include <span>
#include <string>

#include "device/board.hpp"
#include "device/instruction.hpp"

namespace ditmos::device {

/// Modelled cycles of one block of instructions, run from memory without wait states.
struct BlockPrice {
  double base = 0;        ///< each run
  double taken = 0;       ///< more, when its last instruction branches away
  double mispredict = 0;  ///< more, when the branch went against the predictor (cores that have one)
};

/// Prices a block on a core by the rules of docs/CYCLES.md. A block whose last instruction branches back to its first is priced
/// in the steady state of that loop, so that latencies carried from round to round count.
/// Throws Error for an unknown core.
BlockPrice price_block(const std::string& core, std::span<const Instruction> block, bool loops_to_itself);

/// Cycles of a window from how a block was run: predictors are charged with the rarer of the two ways out.
double block_cycles(const BlockPrice& price, std::uint64_t runs, std::uint64_t taken);

/// Stalls of reading flash, counted in simulated caches while a window ran.
struct FlashTraffic {
  std::uint64_t data_misses = 0, code_misses = 0, code_misses_in_sequence = 0;
};
/// Modelled stall cycles of this traffic on the board.
double flash_stalls(const Board& board, const FlashTraffic& traffic);

}  // namespace ditmos::device
