#include <gtest/gtest.h>

#include <fmt/format.h>

#include "../compile/foreign.hpp"
#include "core/source_dir.hpp"
#include "device/core_target.hpp"
#include "device/process.hpp"
#include "device/toolchain.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {
namespace {

namespace fs = std::filesystem;

const char* const kChipFiles =
    "#include \"semihosting.h\"\ntypedef int file;\n"
    "static int file_open(const char *name, int write) { return semihosting_open(name, write ? \"wb\" : \"rb\"); }\n"
    "static size_t file_read(int f, void *to, size_t size) { return semihosting_read(f, to, size); }\n"
    "static void file_write(int f, const void *from, size_t size) { if (semihosting_write(f, from, size)) semihosting_exit(3); }\n"
    "static void file_close(int f) { semihosting_close(f); }\n";

constexpr std::size_t kMost = 1 << 20;  // bytes of an arena, an input or an output

/// Compiles the cases for the Cortex-M7, runs them in the emulator, and returns those that are wrong.
std::vector<std::string> run_on_m7(std::span<const ForeignCase> cases, const fs::path& folder) {
  const device::CoreTarget& target = device::core_target("cortex-m7");
  const fs::path source = DITMOS_SOURCE_DIR, firmware = source / "firmware", elf = folder / "foreign.elf";
  write_foreign(folder, cases);
  write_file_atomic(folder / "files.h", kChipFiles);
  std::vector<std::string> gcc = {device::find_tool("arm-none-eabi-gcc").string(), "-mthumb", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-I" + firmware.string()};
  gcc.insert(gcc.end(), target.flags.begin(), target.flags.end());
  gcc.insert(gcc.end(), {(folder / "main.c").string(), (firmware / "startup.c").string(), (firmware / "semihosting.c").string(), "-nostartfiles", "-T",
                         (firmware / "link.ld").string(), "-Wl,--no-warn-rwx-segments", "-o", elf.string(), "-lm"});
  const std::pair<const char*, std::uint32_t> symbols[] = {{"code_origin", target.code_origin}, {"code_bytes", target.code_bytes},
                                                           {"data_origin", target.data_origin}, {"data_bytes", target.data_bytes},
                                                           {"stack_bytes", target.stack_bytes}};
  for (const auto& [symbol, value] : symbols) gcc.push_back(fmt::format("-Wl,--defsym=ditmos_{}={:#x}", symbol, value));
  device::run_checked(gcc, "compile the ONNX backend tests", {folder, 600});
  const device::ProcessResult run = device::run_process({device::find_tool("qemu-system-arm").string(), "-machine", target.machine, "-display", "none", "-monitor", "none",
                                                         "-serial", "none", "-semihosting-config", "enable=on,target=native", "-kernel", elf.string()},
                                                        {folder, 600});
  if (run.timed_out || run.exit_code != 0) throw Error(fmt::format("the emulated chip ended with {}", run.timed_out ? "a time-out" : std::to_string(run.exit_code)));
  return wrong_foreign(folder, cases);
}

/// Why the tests cannot run here, or empty.
std::string missing() {
  if (!fs::exists(kBackendTests)) return "the ONNX backend tests (Debian: libonnx-testdata) are absent";
  try {
    device::find_tool("arm-none-eabi-gcc");
    device::find_tool("qemu-system-arm");
  } catch (const Error& e) {
    return std::string(e.what()) + " (" + e.hint() + ")";
  }
  return {};
}

TEST(ForeignChip, AHandfulOfOnnxBackendTestsOnTheM7) {
  if (const std::string what = missing(); !what.empty()) GTEST_SKIP() << what;
  const std::set<std::string> handful = {"node/test_basic_conv_with_padding", "node/test_gemm_all_attributes", "node/test_maxpool_2d_default", "node/test_softmax_axis_1",
                                         "node/test_concat_2d_axis_1", "node/test_slice", "node/test_quantizelinear", "node/test_transpose_default",
                                         "pytorch-converted/test_Conv1d_stride"};
  const ForeignSet set = foreign_cases([&](const std::string& title) { return handful.contains(title); });
  const TempFolder folder;
  EXPECT_GE(set.cases.size(), 8u);
  EXPECT_EQ(run_on_m7(set.cases, folder.path()), std::vector<std::string>());
}

TEST(ForeignChipSlow, OnnxBackendTestsOnTheM7) {
  if (const std::string what = missing(); !what.empty()) GTEST_SKIP() << what;
  ForeignSet set = foreign_cases([](const std::string&) { return true; });
  std::erase_if(set.cases, [](const ForeignCase& c) { return c.largest > kMost || c.compilation.plan.arena_bytes > kMost; });
  std::size_t passed = 0;
  for (std::size_t at = 0; at < set.cases.size(); at += 40) {
    const TempFolder folder;
    const auto part = std::span(set.cases).subspan(at, std::min<std::size_t>(40, set.cases.size() - at));
    const auto wrong = run_on_m7(part, folder.path());
    for (const std::string& title : wrong) ADD_FAILURE() << title;
    passed += part.size() - wrong.size();
  }
  std::printf("%zu ONNX backend tests pass on the emulated Cortex-M7\n", passed);
  EXPECT_GE(passed, 200u);
}

}  // namespace
}  // namespace ditmos::compile
