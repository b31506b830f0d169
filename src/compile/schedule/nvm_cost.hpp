#pragma once
#include <cstddef>
#include <cstdint>

#include "compile/schedule/plan.hpp"

namespace ditmos::compile {

/// What `sliced` costs on flash of STM32F7 through firmware/nvm/flash_ring.h. Modelled from typical figures of the data sheet (DS11532,
/// flash memory programming): 16 us a 32-bit word, 1 s to erase a sector of 128 KiB, 10,000 erases a sector.
struct NvmCost {
  std::size_t bytes = 0;   ///< written in each inference
  std::size_t words = 0;   ///< programmed, the ring's headers included
  double write_ms = 0;     ///< of programming
  double erase_ms = 0;     ///< of erasing, spread over the inferences that a sector holds
  std::int64_t inferences_until_worn = 0;  ///< with two sectors
};

/// All zeros for a plan that parks nothing.
NvmCost nvm_cost(const Plan& plan);

}  // namespace ditmos::compile
