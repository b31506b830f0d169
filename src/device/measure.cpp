#include "device/measure.hpp"

#include <algorithm>

#include "device/cycle_model.hpp"

namespace ditmos::device {
namespace {

/// The block's instructions as the disassembly has them; one that it does not know becomes a plain one.
std::vector<Instruction> instructions_of(const Block& block, const std::map<std::uint32_t, Instruction>& disassembly) {
  std::vector<Instruction> out;
  for (auto at = disassembly.find(block.address); at != disassembly.end() && at->first < block.address + block.bytes; ++at)
    out.push_back(at->second);
  Instruction unknown;
  unknown.address = block.address;
  while (out.size() < block.instructions) out.insert(out.begin(), unknown);
  return out;
}

}  // namespace

Measured measure(const BlockCounts& counts, const Elf& elf, const std::map<std::uint32_t, Instruction>& disassembly,
                 const Board& board) {
  struct Use {
    std::uint64_t runs = 0, taken = 0;
  };
  std::vector<Use> uses(counts.blocks.size());
  for (const auto& window : counts.windows)
    for (const auto& runs : window.blocks) {
      uses[runs.block].runs += runs.runs;
      uses[runs.block].taken += runs.taken;
    }
  std::vector<BlockPrice> prices(counts.blocks.size());
  std::map<std::string, FunctionCount> functions;
  const double n = static_cast<double>(std::max<std::size_t>(1, counts.windows.size()));
  for (std::size_t i = 0; i < counts.blocks.size(); ++i) {
    if (uses[i].runs == 0) continue;
    const auto block = instructions_of(counts.blocks[i], disassembly);
    prices[i] = price_block(board.core, block, block.back().target == block.front().address && uses[i].taken > 0);
    const double each = block_cycles(prices[i], uses[i].runs, uses[i].taken) / n / static_cast<double>(block.size());
    for (const Instruction& instruction : block) {
      const Elf::Symbol* symbol = elf.function_at(instruction.address);
      FunctionCount& function = functions[symbol ? symbol->name : "(unknown)"];
      function.mean_instructions += static_cast<double>(uses[i].runs) / n;
      function.mean_cycles_modelled += each;
    }
  }
  Measured out;
  for (const auto& window : counts.windows) {
    std::uint64_t sum = 0;
    double cycles = flash_stalls(board, window.traffic);
    for (const auto& runs : window.blocks) {
      sum += std::uint64_t{runs.runs} * counts.blocks[runs.block].instructions;
      cycles += block_cycles(prices[runs.block], runs.runs, runs.taken);
    }
    out.instructions.push_back(sum);
    out.cycles.push_back(cycles);
  }
  for (auto& [name, function] : functions) {
    function.name = name;
    out.by_function.push_back(function);
  }
  std::stable_sort(out.by_function.begin(), out.by_function.end(),
                   [](const FunctionCount& a, const FunctionCount& b) { return a.mean_instructions > b.mean_instructions; });
  return out;
}

}  // namespace ditmos::device
