#pragma once
#include <map>
#include <vector>

#include "device/block_counts.hpp"
#include "device/board.hpp"
#include "device/elf.hpp"
#include "device/instruction.hpp"
#include "device/simulate.hpp"

namespace ditmos::device {

/// Instructions (exact) and cycles (modelled) of each measured call, and their means by function.
struct Measured {
  std::vector<std::uint64_t> instructions;
  std::vector<double> cycles;
  std::vector<FunctionCount> by_function;  ///< largest first
};

Measured measure(const BlockCounts& counts, const Elf& elf, const std::map<std::uint32_t, Instruction>& disassembly,
                 const Board& board);

}  // namespace ditmos::device
