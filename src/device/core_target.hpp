#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ditmos::device {

/// A Cortex-M core: how to compile for it and which QEMU machine emulates it.
struct CoreTarget {
  std::string core;     ///< "cortex-m4"
  std::string title;    ///< "Cortex-M4F"
  std::string machine;  ///< QEMU machine
  std::vector<std::string> flags;  ///< of arm-none-eabi-gcc
  std::uint32_t code_origin = 0, code_bytes = 0;  ///< memory that stands for the flash; vectors at its start
  std::uint32_t data_origin = 0, data_bytes = 0;  ///< memory that stands for the RAM
  std::uint32_t stack_bytes = 0;                  ///< reserved at its end, painted to find the peak
  bool fpu = false;     ///< has floating point (or MVE) registers to switch on
};

/// Throws Error with the nearest name.
const CoreTarget& core_target(const std::string& core);
std::vector<std::string> core_names();

}  // namespace ditmos::device
