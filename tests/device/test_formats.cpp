#include <gtest/gtest.h>

#include <cstring>

#include "core/error.hpp"
#include "core/random.hpp"
#include "device/block_counts.hpp"
#include "device/elf.hpp"
#include "device/harness_results.hpp"

namespace ditmos::device {
namespace {

std::string words(std::initializer_list<std::uint32_t> values) {
  std::string out;
  for (const std::uint32_t v : values) out.append(reinterpret_cast<const char*>(&v), 4);
  return out;
}

TEST(BlockCounts, WindowsThenBlocks) {
  const auto counts = parse_block_counts(words({1, 2, 9, 8, 7, 0, 5, 1, 1, 7, 0, 1, 0, 0, 0, 0, 2, 2, 0x100, 8, 3, 0x200, 4, 2}));
  ASSERT_EQ(counts.windows.size(), 2u);
  EXPECT_EQ(counts.windows[0].blocks[1].runs, 7u);
  EXPECT_EQ(counts.windows[0].traffic.code_misses, 8u);
  EXPECT_EQ(counts.windows[0].blocks[0].taken, 1u);
  EXPECT_TRUE(counts.windows[1].blocks.empty());
  EXPECT_EQ(counts.blocks[1].address, 0x200u);
}

TEST(BlockCounts, TornOrForeignFilesAreRefused) {
  const std::string whole = words({1, 1, 0, 0, 0, 0, 5, 1, 2, 1, 0x100, 8, 3});
  EXPECT_NO_THROW(parse_block_counts(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_THROW(parse_block_counts(whole.substr(0, size)), Error) << size;
  EXPECT_THROW(parse_block_counts(words({1, 0xffffffff})), Error);
  EXPECT_THROW(parse_block_counts(words({3, 0})), Error);
  EXPECT_THROW(parse_block_counts(words({1, 1, 0, 0, 0, 4, 5, 1, 2, 1, 0x100, 8, 3})), Error);
}

TEST(HarnessResults, SizesAreChecked) {
  const std::string header = words({0x524D5444u, 0, 64, 8, 2, 1});
  const auto results = parse_harness_results(header + words({1, 0xffffffff, 40, 0, 0x3f800000}), 1);
  EXPECT_EQ(results.labels, std::vector<std::int32_t>{1});
  EXPECT_EQ(results.choices, std::vector<std::int32_t>{-1});
  EXPECT_EQ(results.logits[1], 1.0f);
  EXPECT_THROW(parse_harness_results(header, 1), Error);
  EXPECT_THROW(parse_harness_results("", 0), Error);
  EXPECT_THROW(parse_harness_results(words({1, 0, 0, 0, 0, 0}), 0), Error);
  EXPECT_THROW(parse_harness_results(words({0x524D5444u, 0, 64, 8, 0xffffffff, 1}), SIZE_MAX / 8), Error);
}

/// A small ELF: sections "" , .text (8 bytes at 0x100), .symtab, .strtab (also the section names).
std::string small_elf() {
  const std::string strings = std::string("\0.text\0.symtab\0.strtab\0main\0next\0", 33);
  std::string symbols = words({0, 0, 0, 0}) + words({23, 0x101, 4, 0x00010012}) + words({28, 0x105, 4, 0x00010012});
  std::string file = std::string("\177ELF\1\1\1", 7) + std::string(9, '\0');
  const std::uint32_t text = 52, symbol_at = 60, string_at = symbol_at + 48, table = 144;
  file += words({0x00280002, 1, 0x101, 0, table, 0});
  const std::uint16_t tail[6] = {52, 32, 0, 40, 4, 3};
  file.append(reinterpret_cast<const char*>(tail), 12);
  file += std::string("\1\2\3\4\5\6\7\10", 8) + symbols + strings;
  file.resize(table, '\0');
  file += words({0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  file += words({1, 1, 6, 0x100, text, 8, 0, 0, 4, 0});
  file += words({7, 2, 0, 0, symbol_at, 48, 3, 0, 4, 16});
  file += words({15, 3, 0, 0, string_at, 33, 0, 0, 1, 0});
  return file;
}

TEST(Elf, SectionsSymbolsAndBytes) {
  const Elf elf(small_elf(), "small");
  EXPECT_EQ(elf.section_size(".text"), 8u);
  EXPECT_EQ(elf.section_size(".nothing"), 0u);
  EXPECT_EQ(elf.symbol("next").address, 0x104u);
  EXPECT_THROW(elf.symbol("absent"), Error);
  ASSERT_NE(elf.function_at(0x102), nullptr);
  EXPECT_EQ(elf.function_at(0x102)->name, "main");
  EXPECT_EQ(elf.function_at(0x104)->name, "next");
  EXPECT_EQ(elf.function_at(0x108), nullptr);
  EXPECT_EQ(elf.function_at(0xff), nullptr);
  ASSERT_EQ(elf.bytes_at(0x104, 4).size(), 4u);
  EXPECT_EQ(elf.bytes_at(0x104, 4)[0], 5);
  EXPECT_TRUE(elf.bytes_at(0x104, 5).empty());
  EXPECT_TRUE(elf.bytes_at(0xffffffff, 4).empty());
}

TEST(Elf, AnyBytesAreSurvived) {
  const std::string whole = small_elf();
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_THROW(Elf(whole.substr(0, size), "cut"), Error) << size;
  Random random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = whole;
    for (int k = 0; k < 4; ++k) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    try {
      const Elf elf(bytes, "changed");
      elf.function_at(0x102);
      elf.bytes_at(0x100, 4);
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace ditmos::device
