#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "device/cycle_model.hpp"

namespace ditmos::device {

/// A translated block of the emulated program: a run of instructions entered at the first and left after the last.
struct Block {
  std::uint32_t address = 0, bytes = 0, instructions = 0;
};

/// How often a block ran in a window, and how often it was left for elsewhere than the instruction behind it.
struct BlockRuns {
  std::uint32_t block = 0;  ///< index into BlockCounts::blocks
  std::uint32_t runs = 0, taken = 0;
};

/// One measured call.
struct WindowRuns {
  FlashTraffic traffic;
  std::vector<BlockRuns> blocks;  ///< those that ran
};

/// What firmware/plugin/count.c wrote.
struct BlockCounts {
  std::vector<Block> blocks;
  std::vector<WindowRuns> windows;
};

/// Throws Error on anything but a whole file of the plugin.
BlockCounts parse_block_counts(const std::string& bytes);

}  // namespace ditmos::device
