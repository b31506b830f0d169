#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ditmos::device {

/// What firmware/harness.c wrote, from the emulator or from the host.
struct HarnessResults {
  int self_test = 0;  ///< 0: the model's own test vectors agree
  std::uint32_t arena_bytes = 0, window_values = 0, classes = 0, classifiers = 0;
  std::vector<std::int32_t> labels;   ///< a window each
  std::vector<std::int32_t> choices;  ///< classifier picked, -1 where the model does not pick
  std::vector<std::uint32_t> stack;   ///< bytes, 0 on the host
  std::vector<float> logits;          ///< windows x classes
};

/// Throws Error when the file is not whole or does not hold `windows` windows.
HarnessResults parse_harness_results(const std::string& bytes, std::size_t windows);

}  // namespace ditmos::device
