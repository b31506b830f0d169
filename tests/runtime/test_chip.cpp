#include <gtest/gtest.h>

#include <cstdint>
#include <fmt/format.h>

#include "core/error.hpp"
#include "core/source_dir.hpp"
#include "device/core_target.hpp"
#include "device/process.hpp"
#include "device/scratch.hpp"
#include "device/toolchain.hpp"

namespace ditmos::device {
namespace {

namespace fs = std::filesystem;

/// Builds tests/runtime/chip/differential.c for a core and runs it there.
int run_differential(const std::string& core, const std::vector<std::string>& defines, const fs::path& scratch) {
  const CoreTarget& target = core_target(core);
  const fs::path source = DITMOS_SOURCE_DIR, firmware = source / "firmware", elf = scratch / "differential.elf";
  std::vector<std::string> gcc = {find_tool("arm-none-eabi-gcc").string(), "-mthumb", "-std=c99", "-O2", "-Wall", "-Wextra", "-Werror",
                                  "-I" + (source / "runtime/include").string(), "-I" + firmware.string()};
  gcc.insert(gcc.end(), target.flags.begin(), target.flags.end());
  gcc.insert(gcc.end(), defines.begin(), defines.end());
  gcc.insert(gcc.end(), {(source / "tests/runtime/chip/differential.c").string(), (firmware / "startup.c").string(),
                         (firmware / "semihosting.c").string(), "-nostartfiles", "-T", (firmware / "link.ld").string(),
                         "-Wl,--no-warn-rwx-segments", "-o", elf.string(), "-lm"});
  const std::pair<const char*, std::uint32_t> symbols[] = {{"code_origin", target.code_origin}, {"code_bytes", target.code_bytes},
                                                           {"data_origin", target.data_origin}, {"data_bytes", target.data_bytes},
                                                           {"stack_bytes", target.stack_bytes}};
  for (const auto& [symbol, value] : symbols) gcc.push_back(fmt::format("-Wl,--defsym=ditmos_{}={:#x}", symbol, value));
  run_checked(gcc, "compile the kernels for " + target.title, {scratch, 300});
  const ProcessResult run = run_process({find_tool("qemu-system-arm").string(), "-machine", target.machine, "-display", "none", "-monitor",
                                         "none", "-serial", "none", "-semihosting-config", "enable=on,target=native", "-kernel",
                                         elf.string()},
                                        {scratch, 120});
  return run.timed_out ? -1 : run.exit_code;
}

struct Chip {
  const char* core;
  std::vector<std::string> defines;
};

class ChipKernels : public testing::TestWithParam<Chip> {
 protected:
  void check() {
    try {
      find_tool("arm-none-eabi-gcc");
      find_tool("qemu-system-arm");
    } catch (const Error& e) {
      GTEST_SKIP() << e.what() << " (" << e.hint() << ")";
    }
    const Scratch scratch;
    EXPECT_EQ(run_differential(GetParam().core, GetParam().defines, scratch.path()), 0)
        << "the exit code is the number of the shape in tests/runtime/chip/differential.c that differs";
  }
};

std::string name_of(const testing::TestParamInfo<Chip>& chip) { return std::string(chip.param.core).substr(7); }

TEST_P(ChipKernels, EqualTheirPlainTwins) { check(); }
INSTANTIATE_TEST_SUITE_P(Cores, ChipKernels,
                         testing::Values(Chip{"cortex-m4", {"-DLAYOUT_IS_PAIRS=1", "-DDITMOS_MUL_ADD=1"}},
                                         Chip{"cortex-m7", {"-DLAYOUT_IS_PAIRS=1"}}),
                         name_of);

class ChipKernelsSlow : public ChipKernels {};
TEST_P(ChipKernelsSlow, EqualTheirPlainTwins) { check(); }
INSTANTIATE_TEST_SUITE_P(Cores, ChipKernelsSlow,
                         testing::Values(Chip{"cortex-m3", {}}, Chip{"cortex-m33", {"-DLAYOUT_IS_PAIRS=1"}}, Chip{"cortex-m55", {}}),
                         name_of);

}  // namespace
}  // namespace ditmos::device
