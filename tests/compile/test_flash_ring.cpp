#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "../../firmware/nvm/flash_ring.h"
#include "core/random.hpp"

namespace {

/// Flash as STM32F7 has it: erased to ones by the sector, programmed once by the word, each with its typical time, until a sector is worn
/// out. `fuel`: operations until the power fails; an operation that fails this way is left half done.
struct SimulatedFlash {
  SimulatedFlash(std::uint32_t sectors, std::uint32_t sector_bytes) : words(sectors * sector_bytes / 4, 0xFFFFFFFFu), erases(sectors, 0), sector_words(sector_bytes / 4) {}
  static constexpr double kWordMicroseconds = 16, kEraseMicroseconds = 1e6;

  std::vector<std::uint32_t> words;
  std::vector<int> erases;
  std::uint32_t sector_words;
  double microseconds = 0;
  int endurance = 10000;
  long fuel = -1;
  int misuse = 0;

  bool power() { return fuel < 0 || fuel-- > 0; }

  static int erase(void* chip, std::uint32_t sector) {
    auto& flash = *static_cast<SimulatedFlash*>(chip);
    flash.microseconds += kEraseMicroseconds;
    if (++flash.erases[sector] > flash.endurance) return 1;
    const bool whole = flash.power();
    const std::uint32_t count = whole ? flash.sector_words : flash.sector_words / 2;
    for (std::uint32_t i = 0; i < count; ++i) flash.words[sector * flash.sector_words + i] = 0xFFFFFFFFu;
    return whole ? 0 : 1;
  }
  static int program(void* chip, std::uint32_t address, std::uint32_t word) {
    auto& flash = *static_cast<SimulatedFlash*>(chip);
    flash.microseconds += kWordMicroseconds;
    std::uint32_t& cell = flash.words.at(address / 4);
    if (address % 4 != 0 || cell != 0xFFFFFFFFu) return ++flash.misuse, 1;
    if (!flash.power()) return cell = word | 0xFFFF0000u, 1;
    cell = word;
    return 0;
  }
  static std::uint32_t read(const void* chip, std::uint32_t address) { return static_cast<const SimulatedFlash*>(chip)->words.at(address / 4); }

  ditmos_flash_ring ring(std::uint32_t sectors) {
    ditmos_flash_ring made;
    std::memset(&made, 0, sizeof made);
    made.chip = this;
    made.erase = erase;
    made.program = program;
    made.read = read;
    made.sectors = sectors;
    made.sector_bytes = sector_words * 4;
    return made;
  }
};

std::vector<unsigned char> random_bytes(std::size_t size, ditmos::Random& random) {
  std::vector<unsigned char> bytes(size);
  for (auto& byte : bytes) byte = random.below(4) == 0 ? 0xFF : static_cast<unsigned char>(random.below(256));
  return bytes;
}

bool holds(const ditmos_flash_ring& ring, std::uint32_t offset, const std::vector<unsigned char>& wanted) {
  std::vector<unsigned char> found(wanted.size());
  return ditmos_flash_ring_read(&ring, offset, found.data(), static_cast<std::uint32_t>(found.size())) == 0 && found == wanted;
}

TEST(FlashRing, MapsOfManyInferencesComeBackAndSectorsWearAlike) {
  SimulatedFlash flash(3, 16384);
  ditmos_flash_ring ring = flash.ring(3);
  ASSERT_EQ(ditmos_flash_ring_open(&ring), 0);
  ditmos::Random random(1);
  for (int inference = 0; inference < 60; ++inference) {
    const auto first = random_bytes(2176, random), second = random_bytes(961, random);
    ASSERT_EQ(ditmos_flash_ring_write(&ring, 0, first.data(), 2176), 0);
    ASSERT_TRUE(holds(ring, 0, first));
    ASSERT_EQ(ditmos_flash_ring_write(&ring, 2176, second.data(), 961), 0);
    ASSERT_TRUE(holds(ring, 2176, second));
    ASSERT_TRUE(holds(ring, 0, first)) << "also where the second map began a sector";
  }
  EXPECT_EQ(flash.misuse, 0);
  EXPECT_LE(*std::max_element(flash.erases.begin(), flash.erases.end()) - *std::min_element(flash.erases.begin(), flash.erases.end()), 1);
  // 784 words of maps an inference at 16 us alone take 12.5 ms, as PAPER.md derives.
  EXPECT_GT(flash.microseconds - 1e6 * ring.erases, 60 * 8000.0);
}

TEST(FlashRing, RefusesWhatCannotBeKept) {
  SimulatedFlash flash(2, 256);
  ditmos_flash_ring ring = flash.ring(2);
  unsigned char data[300] = {0};
  EXPECT_EQ(ditmos_flash_ring_write(&ring, 0, data, 4), -1) << "not opened";
  ASSERT_EQ(ditmos_flash_ring_open(&ring), 0);
  EXPECT_EQ(ditmos_flash_ring_write(&ring, 0, data, 300), -1);
  EXPECT_EQ(ditmos_flash_ring_read(&ring, 0, data, 4), -1);
  ditmos_flash_ring one = flash.ring(1);
  EXPECT_EQ(ditmos_flash_ring_open(&one), -1);
}

TEST(FlashRing, AWornSectorIsReported) {
  SimulatedFlash flash(2, 256);
  flash.endurance = 3;
  ditmos_flash_ring ring = flash.ring(2);
  ASSERT_EQ(ditmos_flash_ring_open(&ring), 0);
  unsigned char data[100] = {1};
  int written = 0;
  while (written < 100 && ditmos_flash_ring_write(&ring, 0, data, 100) == 0) ++written;
  EXPECT_EQ(written, 2 * 3 * 2);  // two records a sector, three erases of two sectors
}

TEST(FlashRing, SurvivesPowerFailureAtEveryOperation) {
  ditmos::Random random(2);
  for (long fuel = 0; fuel < 400; ++fuel) {
    SimulatedFlash flash(3, 512);
    ditmos_flash_ring ring = flash.ring(3);
    ASSERT_EQ(ditmos_flash_ring_open(&ring), 0);
    flash.fuel = fuel;
    for (int i = 0; i < 40; ++i) {
      const auto data = random_bytes(40 + random.below(60), random);
      if (ditmos_flash_ring_write(&ring, 0, data.data(), static_cast<std::uint32_t>(data.size())) != 0) break;
    }
    flash.fuel = -1;
    ditmos_flash_ring again = flash.ring(3);
    ASSERT_EQ(ditmos_flash_ring_open(&again), 0);
    for (int i = 0; i < 12; ++i) {
      const auto data = random_bytes(90, random);
      ASSERT_EQ(ditmos_flash_ring_write(&again, 4, data.data(), 90), 0) << fuel;
      ASSERT_TRUE(holds(again, 4, data)) << fuel;
    }
    EXPECT_EQ(flash.misuse, 0) << fuel;
  }
}

}  // namespace
