#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace ditmos::compile {

/// Bytes that must stay whole from step `first` to step `last`, both included. Buffers of different lanes (>= 0) belong to
/// alternatives of which one inference runs only one, so they never meet; lane -1 is common to all.
///
///   offset
///     |   [ conv1   ]
///     |   [ window      ]   [ conv2 ]
///     +------------------------------> step
struct Buffer {
  std::string name;
  std::size_t size = 0;
  int first = 0, last = 0;
  int lane = -1;
  std::size_t offset = 0;
};

inline constexpr std::size_t kAlignment = 4;

/// Sets the offsets (multiples of kAlignment) and returns the bytes needed. First fit over several orders of the buffers, then over
/// seeded random exchanges of the best order, until the lower bound is reached or the tries are used up. Same input, same plan.
std::size_t plan_offsets(std::vector<Buffer>& buffers);

/// The most bytes that live at one step: no plan needs less.
std::size_t lower_bound_bytes(const std::vector<Buffer>& buffers);

/// Throws Error where two buffers that live at the same step share a byte, or one ends beyond `bytes`.
void check_offsets(const std::vector<Buffer>& buffers, std::size_t bytes);

}  // namespace ditmos::compile
