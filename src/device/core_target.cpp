#include "device/core_target.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"

namespace ditmos::device {
namespace {

constexpr std::uint32_t KiB = 1024, MiB = 1024 * KiB;

// Memory maps: ARM AN385, AN386, AN500, AN505, AN547 (MPS2/MPS3 FPGA images) and nRF51822 (micro:bit). The M33 and M55
// images start in the secure state, so that their secure aliases are used.
const std::vector<CoreTarget>& targets() {
  static const std::vector<CoreTarget> all = {
      {"cortex-m0", "Cortex-M0", "microbit", {"-mcpu=cortex-m0", "-mfloat-abi=soft"},
       0x00000000, 256 * KiB, 0x20000000, 16 * KiB, 3 * KiB, false},
      {"cortex-m0plus", "Cortex-M0+", "microbit", {"-mcpu=cortex-m0plus", "-mfloat-abi=soft"},
       0x00000000, 256 * KiB, 0x20000000, 16 * KiB, 3 * KiB, false},
      {"cortex-m3", "Cortex-M3", "mps2-an385", {"-mcpu=cortex-m3", "-mfloat-abi=soft"},
       0x00000000, 4 * MiB, 0x20000000, 4 * MiB, 64 * KiB, false},
      {"cortex-m4", "Cortex-M4F", "mps2-an386", {"-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"},
       0x00000000, 4 * MiB, 0x20000000, 4 * MiB, 64 * KiB, true},
      {"cortex-m7", "Cortex-M7", "mps2-an500", {"-mcpu=cortex-m7", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"},
       0x00000000, 4 * MiB, 0x20000000, 4 * MiB, 64 * KiB, true},
      {"cortex-m33", "Cortex-M33", "mps2-an505", {"-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"},
       0x10000000, 4 * MiB, 0x38000000, 4 * MiB, 64 * KiB, true},
      {"cortex-m55", "Cortex-M55", "mps3-an547", {"-mcpu=cortex-m55", "-mfloat-abi=hard"},
       0x00000000, 512 * KiB, 0x31000000, 4 * MiB, 64 * KiB, true},
  };
  return all;
}

}  // namespace

const CoreTarget& core_target(const std::string& core) {
  for (const auto& target : targets())
    if (target.core == core) return target;
  throw Error("unknown core \"" + core + "\"", name_hint(core, core_names()));
}

std::vector<std::string> core_names() {
  std::vector<std::string> names;
  for (const auto& target : targets()) names.push_back(target.core);
  return names;
}

}  // namespace ditmos::device
