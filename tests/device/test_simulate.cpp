#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "device/board.hpp"
#include "device/core_target.hpp"
#include "device/simulate.hpp"
#include "temp_folder.hpp"
#include "toy_model.hpp"

namespace ditmos::device {
namespace {

Board board_of(const std::string& core) {
  Board board = find_board("nucleo-f767zi");
  board.core = core;
  return board;
}

std::vector<float> some_windows(std::size_t n) {
  Random random(3);
  std::vector<float> windows(n * 8);
  for (float& v : windows) v = static_cast<float>(random.uniform(-2, 2));
  return windows;
}

class EveryCore : public testing::TestWithParam<std::string> {};

TEST_P(EveryCore, AgreesWithTheHostOnEveryWindow) {
  const TempFolder folder;
  write_toy_model(folder.path());
  const std::size_t n = 25;
  const auto windows = some_windows(n);
  const HarnessResults host = run_on_host(folder.path(), windows, n);
  const SimulationResult chip = simulate(folder.path(), board_of(GetParam()), windows, n);
  EXPECT_EQ(host.self_test, 0);
  EXPECT_EQ(chip.outputs.self_test, 0);
  EXPECT_EQ(chip.outputs.labels, host.labels);
  EXPECT_EQ(chip.outputs.choices, host.choices);
  ASSERT_EQ(chip.outputs.logits.size(), n * 3);
  for (std::size_t i = 0; i < n * 3; ++i) EXPECT_NEAR(chip.outputs.logits[i], host.logits[i], 1e-5) << i;
  EXPECT_EQ(std::count(host.choices.begin(), host.choices.end(), 0) % static_cast<std::ptrdiff_t>(n) == 0, false);
  ASSERT_EQ(chip.instructions.size(), n);
  double by_function = 0, total = 0;
  for (const auto& function : chip.by_function) by_function += function.mean_instructions;
  for (const auto count : chip.instructions) total += static_cast<double>(count);
  EXPECT_NEAR(by_function * static_cast<double>(n), total, 1e-6 * total);
  EXPECT_GT(total / static_cast<double>(n), 32);
  EXPECT_EQ(chip.ram_arena, 64u);
  EXPECT_EQ(chip.ram_static, 0u);
  EXPECT_EQ(chip.flash.weights, 0u);  // it has no table
  EXPECT_GE(chip.flash.constants, 192u);
  EXPECT_LT(chip.flash.constants, 300u);
  EXPECT_GT(chip.flash.kernels, 40u);
  EXPECT_EQ(chip.nvm_bytes, 0u);
}

INSTANTIATE_TEST_SUITE_P(Device, EveryCore, testing::ValuesIn(core_names()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

/// Instructions of the run function written by hand, on this core, for each of two windows.
std::vector<std::uint64_t> count_assembly(const std::string& core, const std::string& body, std::size_t n = 2) {
  const TempFolder folder;
  write_assembly_model(folder.path(), body);
  return simulate(folder.path(), board_of(core), some_windows(n), n).instructions;
}

// movs, then 100 x (subs, bne), then bx: 202 instructions, whatever the core.
TEST(Count, ALoopIsCountedExactly) {
  for (const char* core : {"cortex-m0", "cortex-m4", "cortex-m7", "cortex-m33"})
    EXPECT_EQ(count_assembly(core, "movs r1, #100\\n 1: subs r1, #1\\n bne 1b\\n bx lr"),
              (std::vector<std::uint64_t>{202, 202}))
        << core;
}

// Of a Thumb IT block all instructions take a slot, whether their condition holds or not.
TEST(Count, FailedConditionalInstructionsCount) {
  EXPECT_EQ(count_assembly("cortex-m4", "movs r1, #1\\n cmp r1, #1\\n ite eq\\n moveq r2, #1\\n movne r2, #2\\n bx lr"),
            (std::vector<std::uint64_t>{6, 6}));
}

// A helper that the run function calls counts; code before and after the call does not.
TEST(Count, CalledFunctionsAreInside) {
  EXPECT_EQ(count_assembly("cortex-m4", "push {r4, lr}\\n bl 2f\\n bl 2f\\n pop {r4, pc}\\n 2: nop\\n bx lr"),
            (std::vector<std::uint64_t>{8, 8}));
}

// movs r1, dls/wls set-up, then the loop-end instruction once a round: 1 + 1 + 10 x (1 + 1) + 1.
TEST(Count, LowOverheadLoops) {
  EXPECT_EQ(count_assembly("cortex-m55", "push {r4, lr}\\n movs r1, #10\\n dls lr, r1\\n 1: nop\\n le lr, 1b\\n pop {r4, pc}"),
            (std::vector<std::uint64_t>{24, 24}));
}

TEST(Count, TheStackIsThatOfTheRunFunction) {
  const TempFolder folder;
  write_assembly_model(folder.path(), "push {r4-r11, lr}\\n sub sp, #100\\n str r4, [sp]\\n add sp, #100\\n pop {r4-r11, pc}");
  EXPECT_EQ(simulate(folder.path(), board_of("cortex-m4"), some_windows(1), 1).ram_stack, 136u);
}

std::string error_of(const std::filesystem::path& folder, const std::string& core, const SimulationOptions& options = {},
                     std::size_t values = 8) {
  try {
    const std::vector<float> windows(values);
    simulate(folder, board_of(core), windows, 1, options);
  } catch (const Error& e) {
    return std::string(e.what()) + " | " + e.hint();
  }
  return "";
}

TEST(SimulateErrors, AreOneClearSentence) {
  const TempFolder folder;
  EXPECT_NE(error_of(folder.path() / "none", "cortex-m4").find("ditmos compile"), std::string::npos);
  EXPECT_NE(error_of(folder.path(), "cortex-m4").find("holds no ditmos_model.h"), std::string::npos);
  write_toy_model(folder.path());
  EXPECT_NE(error_of(folder.path(), "cortex-m4", {}, 9).find("have 9 values each, the model takes 8"), std::string::npos);
  write_assembly_model(folder.path(), "udf #0");
  EXPECT_NE(error_of(folder.path(), "cortex-m4").find("ran into a fault"), std::string::npos);
  write_assembly_model(folder.path(), "ldr r2, =ditmos_stack_limit\\n movs r1, #0\\n str r1, [r2]\\n bx lr\\n .ltorg");
  EXPECT_NE(error_of(folder.path(), "cortex-m4").find("of stack"), std::string::npos);
  write_assembly_model(folder.path(), "1: b 1b");
  SimulationOptions brief;
  brief.timeout_s = 1;
  EXPECT_NE(error_of(folder.path(), "cortex-m4", brief).find("did not end within 1 s"), std::string::npos);
  write_file_atomic(folder.path() / "ditmos_model.c", "this is not C\n");
  EXPECT_NE(error_of(folder.path(), "cortex-m4").find("cannot compile ditmos_model.c"), std::string::npos);
  write_file_atomic(folder.path() / "compile.json", "{\"name\": \"a b; rm\"}");
  EXPECT_NE(error_of(folder.path(), "cortex-m4").find("no C identifier"), std::string::npos);
}

}  // namespace
}  // namespace ditmos::device
