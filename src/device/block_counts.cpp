#include "device/block_counts.hpp"

#include <cstring>

#include "core/error.hpp"

namespace ditmos::device {
namespace {

[[noreturn]] void fail() { throw Error("the instruction counts of the emulator are incomplete", "run it again"); }

}  // namespace

BlockCounts parse_block_counts(const std::string& bytes) {
  std::size_t at = 0;
  const auto word = [&] {
    std::uint32_t value;
    if (bytes.size() - at < sizeof value) fail();
    std::memcpy(&value, bytes.data() + at, sizeof value);
    at += sizeof value;
    return value;
  };
  BlockCounts counts;
  bool complete = false;
  while (at < bytes.size()) {
    if (complete) fail();
    const std::uint32_t tag = word(), n = word();
    if (n > (bytes.size() - at) / 12) fail();
    if (tag == 1) {
      auto& window = counts.windows.emplace_back();
      window.traffic.data_misses = word();
      window.traffic.code_misses = word();
      window.traffic.code_misses_in_sequence = word();
      window.blocks.resize(n);
      for (auto& runs : window.blocks) {
        runs.block = word();
        runs.runs = word();
        runs.taken = word();
      }
    } else if (tag == 2) {
      counts.blocks.resize(n);
      for (auto& block : counts.blocks) {
        block.address = word();
        block.bytes = word();
        block.instructions = word();
      }
      complete = true;
    } else {
      fail();
    }
  }
  if (!complete) fail();
  for (const auto& window : counts.windows)
    for (const auto& runs : window.blocks)
      if (runs.block >= counts.blocks.size()) fail();
  return counts;
}

}  // namespace ditmos::device
