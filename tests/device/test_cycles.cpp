#include <gtest/gtest.h>

#include <sstream>

#include "core/error.hpp"
#include "core/random.hpp"
#include "device/core_target.hpp"
#include "device/cycle_model.hpp"

namespace ditmos::device {
namespace {

/// Instructions "mnemonic operands; mnemonic operands".
std::vector<Instruction> block(const std::string& text) {
  std::vector<Instruction> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line, ';');) {
    line.erase(0, line.find_first_not_of(' '));
    const auto space = line.find(' ');
    out.push_back(decode(line.substr(0, space), space == std::string::npos ? "" : line.substr(space + 1)));
  }
  return out;
}

double cycles(const std::string& core, const std::string& text, bool loop = false) {
  return price_block(core, block(text), loop).base;
}

std::uint64_t core_bits(std::initializer_list<int> registers) {
  std::uint64_t bits = 0;
  for (const int r : registers) bits |= std::uint64_t{1} << r;
  return bits;
}

TEST(Decode, OperationsAndRegisters) {
  struct Row {
    const char *mnemonic, *operands;
    Operation operation;
    std::uint64_t reads, writes;
  };
  const Row rows[] = {
      {"adds", "r1, r2, #4", Operation::alu, core_bits({2}), core_bits({1})},
      {"subs", "r1, #1", Operation::alu, core_bits({1}), core_bits({1})},
      {"mov.w", "r8, r9", Operation::alu, core_bits({9}), core_bits({8})},
      {"add.w", "r0, r1, r2, lsl #2", Operation::alu_shifted, core_bits({1, 2}), core_bits({0})},
      {"cmp", "r3, r4", Operation::alu, core_bits({3, 4}), 0},
      {"bic.w", "r1, r1, #3", Operation::alu, core_bits({1}), core_bits({1})},
      {"smlad", "r0, r1, r2, r0", Operation::multiply_accumulate, core_bits({0, 1, 2}), core_bits({0})},
      {"smlabb", "r3, r4, r5, r6", Operation::multiply_accumulate, core_bits({4, 5, 6}), core_bits({3})},
      {"smull", "r0, r1, r2, r3", Operation::multiply_long, core_bits({2, 3}), core_bits({0, 1})},
      {"smlal", "r0, r1, r2, r3", Operation::multiply_accumulate_long, core_bits({0, 1, 2, 3}), core_bits({0, 1})},
      {"ldr.w", "r3, [r2], #4", Operation::load, core_bits({2}), core_bits({2, 3})},
      {"ldrsb.w", "r3, [r2, r1]", Operation::load_small, core_bits({1, 2}), core_bits({3})},
      {"ldrd", "r4, r5, [sp, #8]", Operation::load_double, core_bits({13}), core_bits({4, 5})},
      {"str", "r3, [r2, #4]!", Operation::store, core_bits({2, 3}), core_bits({2})},
      {"ldmia.w", "r0!, {r4, r5, r6}", Operation::load_multiple, core_bits({0}), core_bits({0, 4, 5, 6})},
      {"push", "{r4, lr}", Operation::store_multiple, core_bits({4, 13, 14}), core_bits({13})},
      {"pop", "{r4, pc}", Operation::load_multiple, core_bits({13}), core_bits({4, 13, 15})},
      {"bne.n", "8010 <f+0x10>", Operation::branch_conditional, 0, 0},
      {"b.n", "8010 <f>", Operation::branch, 0, 0},
      {"bl", "8010 <f>", Operation::call, 0, 0},
      {"bls.n", "8010 <f>", Operation::branch_conditional, 0, 0},
      {"blt.w", "8010 <f>", Operation::branch_conditional, 0, 0},
      {"bx", "lr", Operation::branch_indirect, core_bits({14}), 0},
      {"cbz", "r3, 8010 <f>", Operation::branch_conditional, core_bits({3}), 0},
      {"ite", "eq", Operation::it, 0, 0},
      {"sxtb16", "r1, r2, ror #8", Operation::simd, core_bits({2}), core_bits({1})},
      {"ssat", "r0, #8, r0", Operation::simd, core_bits({0}), core_bits({0})},
      {"vfma.f32", "s0, s1, s2", Operation::fp_accumulate, core_bits({16, 17, 18}), core_bits({16})},
      {"vmul.f32", "s0, s1, s2", Operation::fp_multiply, core_bits({17, 18}), core_bits({16})},
      {"vldmia", "r0!, {s0-s3}", Operation::fp_load_multiple, core_bits({0}), core_bits({0, 16, 17, 18, 19})},
      {"vldr", "d1, [r0]", Operation::fp_load_double, core_bits({0}), core_bits({18, 19})},
      {"vcmpe.f32", "s0, #0.0", Operation::fp_add, core_bits({16}), 0},
      {"vldrb.s16", "q0, [r1], #8", Operation::vector_load, core_bits({1}), core_bits({1, 16, 17, 18, 19})},
      {"vmladava.s8", "r0, q0, q1", Operation::vector_multiply, core_bits({0, 16, 17, 18, 19, 20, 21, 22, 23}), core_bits({0})},
      {"vadd.i32", "q0, q0, q1", Operation::vector_integer, core_bits({16, 17, 18, 19, 20, 21, 22, 23}),
       core_bits({16, 17, 18, 19})},
      {"le", "lr, 8010 <f>", Operation::loop_end, 0, 0},
  };
  for (const Row& row : rows) {
    const Instruction i = decode(row.mnemonic, row.operands);
    EXPECT_EQ(i.operation, row.operation) << row.mnemonic;
    EXPECT_EQ(i.reads, row.reads) << row.mnemonic << ' ' << row.operands;
    EXPECT_EQ(i.writes, row.writes) << row.mnemonic << ' ' << row.operands;
  }
}

TEST(Decode, AnyTextIsSurvived) {
  Random random(5);
  const std::string letters = "abcdefrsqvldmx0123456789[]{},#-! .";
  for (int round = 0; round < 5000; ++round) {
    std::string mnemonic, operands;
    for (std::uint64_t i = 1 + random.below(6); i > 0; --i) mnemonic += letters[random.below(letters.size())];
    for (std::uint64_t i = random.below(20); i > 0; --i) operands += letters[random.below(letters.size())];
    const Instruction one = decode(mnemonic, operands);
    for (const auto& core : core_names()) EXPECT_GE(price_block(core, std::span(&one, 1), true).base, 0);
  }
}

TEST(Disassembly, ListingsAreRead) {
  const auto listing = parse_disassembly(
      "\nfirmware.elf:     file format elf32-littlearm\n\nDisassembly of section .text:\n\n00008000 <f>:\n    8000:\tmovs\tr1, #100\n"
      "    8002:\tldr.w\tr0, [r1, #400]\n    8006:\tbne.n\t8002 <f+0x2>\n    8008:\tbx\tlr\n    800c:\t.word\t0x12345678\n");
  ASSERT_EQ(listing.size(), 4u);
  EXPECT_EQ(listing.at(0x8002).bytes, 4);
  EXPECT_EQ(listing.at(0x8006).bytes, 2);
  EXPECT_EQ(listing.at(0x8006).target, 0x8002u);
  EXPECT_EQ(listing.at(0x8008).operation, Operation::branch_indirect);
}

// Cortex-M4 TRM, instruction set summary: LDR 2, a load behind a load 1, MUL 1, PUSH 1+N, VFMA 3 and one more when the next
// instruction takes its result.
TEST(Cycles, M4ByItsTable) {
  EXPECT_EQ(cycles("cortex-m4", "ldr r0, [r1]"), 2);
  EXPECT_EQ(cycles("cortex-m4", "ldr r0, [r1]; ldr r2, [r1, #4]; ldr r3, [r1, #8]"), 4);
  EXPECT_EQ(cycles("cortex-m4", "ldr r0, [r1]; ldr r2, [r0]"), 4);
  EXPECT_EQ(cycles("cortex-m4", "smlad r0, r1, r2, r0; smlad r0, r3, r4, r0"), 2);
  EXPECT_EQ(cycles("cortex-m4", "push {r4, r5, lr}"), 4);
  EXPECT_EQ(cycles("cortex-m4", "vfma.f32 s0, s1, s2; vfma.f32 s3, s1, s2"), 6);
  EXPECT_EQ(cycles("cortex-m4", "vmul.f32 s0, s1, s2; vadd.f32 s3, s3, s0"), 3);
  EXPECT_EQ(cycles("cortex-m4", "vmul.f32 s0, s1, s2; vmul.f32 s4, s1, s5; vadd.f32 s3, s3, s0"), 3);
  EXPECT_EQ(cycles("cortex-m4", "vldmia r0!, {s0-s7}"), 9);
}

TEST(Cycles, BranchesCostByTheWayOut) {
  const BlockPrice loop = price_block("cortex-m4", block("subs r1, #1; bne.n 0"), true);
  EXPECT_EQ(block_cycles(loop, 100, 99), 2 * 100 + 99);
  const BlockPrice predicted = price_block("cortex-m7", block("subs r1, #1; bne.n 0"), true);
  EXPECT_EQ(block_cycles(predicted, 100, 99) - predicted.base * 100, predicted.mispredict);
  EXPECT_EQ(block_cycles(price_block("cortex-m0", block("subs r1, #1; bne.n 0"), true), 10, 9), 10 * 2 + 9 * 2);
}

TEST(Cycles, M0AndM3ByTheirTables) {
  EXPECT_EQ(cycles("cortex-m0", "ldr r0, [r1]; ldr r2, [r1]; muls r0, r2"), 5);
  EXPECT_EQ(cycles("cortex-m0", "bl 0"), 4);
  EXPECT_EQ(cycles("cortex-m0plus", "bl 0"), 3);
  EXPECT_EQ(cycles("cortex-m3", "mla r0, r1, r2, r0"), 2);
}

// The M7 issues two independent instructions a cycle, one multiply-accumulate a cycle, and two loads beside each other.
TEST(Cycles, M7IssuesPairs) {
  EXPECT_EQ(cycles("cortex-m7", "adds r0, #1; adds r1, #1; adds r2, #1; adds r3, #1"), 2);
  EXPECT_EQ(cycles("cortex-m7", "adds r0, #1; adds r0, #1; adds r0, #1; adds r0, #1"), 4);
  EXPECT_EQ(cycles("cortex-m7", "ldr r0, [r4]; ldr r1, [r5]; ldr r2, [r4]; ldr r3, [r5]"), 2);
  EXPECT_EQ(cycles("cortex-m7", "smlad r0, r4, r5, r0; smlad r1, r4, r5, r1; smlad r2, r4, r5, r2"), 3);
  // Accumulators are read late, so that a chain runs at one a cycle; floating point ones wait three.
  EXPECT_EQ(cycles("cortex-m7", "smlad r0, r4, r5, r0; smlad r0, r4, r5, r0; smlad r0, r4, r5, r0; smlad r0, r4, r5, r0"), 4);
  EXPECT_EQ(cycles("cortex-m7", "vfma.f32 s0, s1, s2; vfma.f32 s0, s3, s4", true), 6);
  EXPECT_EQ(cycles("cortex-m7", "vfma.f32 s0, s8, s9; vfma.f32 s1, s8, s9; vfma.f32 s2, s8, s9; vfma.f32 s3, s8, s9", true), 4);
  EXPECT_EQ(cycles("cortex-m7", "ldr r0, [r4], #4; adds r1, #1", true), 1);
}

// On the M55 vector instructions to different pipes overlap by a beat, those to the same pipe do not; LE costs nothing.
TEST(Cycles, M55OverlapsBeats) {
  EXPECT_EQ(cycles("cortex-m55", "vldrb.8 q0, [r0], #16; vmladava.s8 r2, q1, q2; le lr, 0", true), 2);
  EXPECT_EQ(cycles("cortex-m55", "vldrb.8 q0, [r0], #16; vldrb.8 q1, [r1], #16; vmladava.s8 r2, q0, q1; le lr, 0", true), 4);
}

TEST(Cycles, FlashStallsFollowTheBoard) {
  Board board = find_board("nucleo-l4r5zi");
  EXPECT_EQ(flash_stalls(board, {10, 0, 0}), 10.0 * board.flash_wait_states);
  EXPECT_EQ(flash_stalls(board, {0, 0, 10}), 10.0 * (board.flash_wait_states - board.flash_line_bytes / 4));
  board.flash_wait_states = 0;
  EXPECT_EQ(flash_stalls(board, {10, 10, 10}), 0);
  EXPECT_THROW(price_block("cortex-m99", {}, false), Error);
}

// Two 16-bit instructions of which one is a simple one, the second not in need of the first.
TEST(Cycles, M33PairsSixteenBitInstructions) {
  EXPECT_EQ(cycles("cortex-m33", "movs r0, #1; adds r1, #2"), 1);
  EXPECT_EQ(cycles("cortex-m33", "movs r0, #1; adds r0, #2"), 2);
  EXPECT_EQ(cycles("cortex-m33", "movs r0, #1; movs r1, #2; movs r2, #3"), 2);
  EXPECT_EQ(cycles("cortex-m4", "movs r0, #1; adds r1, #2"), 2);
}

}  // namespace
}  // namespace ditmos::device
