#pragma once
#include <span>

#include "device/cycle_model.hpp"

namespace ditmos::device {

/// Cortex-M7: two instructions a cycle in order; sources and rules in docs/CYCLES.md.
BlockPrice price_m7(std::span<const Instruction> block, bool loops_to_itself);
/// Cortex-M55: one instruction a cycle, two for some 16-bit pairs; vector instructions take two beats in one of three pipes.
BlockPrice price_m55(std::span<const Instruction> block, bool loops_to_itself);

}  // namespace ditmos::device
