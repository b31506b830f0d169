#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ditmos::device {

/// What an instruction costs by: one entry a row of the timing tables (docs/CYCLES.md).
enum class Operation {
  alu,                  ///< arithmetic, logic, move, compare
  alu_shifted,          ///< the same with a shifted register operand, and bit-field moves
  simd,                 ///< DSP extension without multiply: packing, extension, parallel add, saturation, byte reversal
  multiply,             ///< 32-bit result, no accumulate; also the dual 16-bit forms
  multiply_accumulate,  ///< 32-bit accumulate; also SMLAD and its like
  multiply_long,        ///< 64-bit result
  multiply_accumulate_long,
  divide,
  load,                 ///< a word
  load_small,           ///< a byte or halfword
  load_double,
  load_multiple,
  store,
  store_double,
  store_multiple,
  branch,               ///< always, to a fixed place
  branch_conditional,   ///< B<cond>, CBZ, CBNZ
  call,
  branch_indirect,      ///< BX, BLX register, a load or pop into pc, table branches
  it,
  nop,
  system,               ///< barriers, MRS, MSR
  fp_add,               ///< add, subtract, compare, convert, absolute, negate, round, minimum
  fp_multiply,
  fp_accumulate,        ///< VMLA, VFMA and their like
  fp_divide,
  fp_root,
  fp_load,
  fp_load_double,
  fp_load_multiple,
  fp_store,
  fp_store_double,
  fp_store_multiple,
  fp_move,              ///< between registers, immediates
  vector_load,          ///< MVE
  vector_store,
  vector_integer,
  vector_multiply,      ///< MVE multiply pipe, integer and float
  loop_start,           ///< DLS, WLS
  loop_end,             ///< LE, LETP
};

/// Bits of Instruction::reads and ::writes: r0..r15, then s0..s31 from bit 16 (d and q registers are 2 and 4 of them).
constexpr int fp_bit = 16;
constexpr int register_bits = 48;

struct Instruction {
  std::uint32_t address = 0;
  int bytes = 2;
  Operation operation = Operation::alu;
  std::uint64_t reads = 0, writes = 0;
  std::uint64_t updates = 0;      ///< of the writes: an address register that a load or store moves on
  std::uint64_t accumulator = 0;  ///< of the reads: the operand that a multiply-accumulate adds to
  int registers = 1;              ///< in a multiple's list
  std::uint32_t target = 0;       ///< of a direct branch
  bool writes_pc = false;
  bool plain_narrow = false;      ///< 16-bit ADD/SUB/MOV immediate, MOV register, SXT/UXT, IT, B: what an M55 pairs with any other
};

/// One instruction from a disassembler's mnemonic and operands ("ldrb.w", "r3, [r2], #1"), GNU unified syntax.
Instruction decode(std::string_view mnemonic, std::string_view operands);

/// All instructions in the output of `objdump -d`, by address; data words between them are left out.
std::map<std::uint32_t, Instruction> parse_disassembly(const std::string& text);

}  // namespace ditmos::device
