#include <gtest/gtest.h>

#include <limits>

#include "conv_reference.hpp"

namespace ditmos {
namespace {

/// zero + round_half_up(sum * multiplier / 2^(32 + shift)), clamped, in 128-bit integers.
int exact(std::int32_t sum, std::int32_t multiplier, int zero, int shift, int low) {
  __extension__ using Wide = __int128;
  const Wide unit = Wide{1} << (32 + shift);
  const Wide doubled = 2 * Wide{sum} * multiplier + unit;  // round half up: floor((2 a + d) / (2 d))
  Wide quotient = doubled / (2 * unit);
  if (doubled % (2 * unit) < 0) quotient--;
  quotient += zero;
  return static_cast<int>(std::min<Wide>(std::max<Wide>(quotient, low), 127));
}

TEST(Requantize, EqualsAnExactIntegerModel) {
  Random random(6);
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max(), kMin = std::numeric_limits<std::int32_t>::min();
  const auto check = [](std::int32_t sum, std::int32_t multiplier, int zero, int shift) {
    const std::int32_t offset = zero * (1 << shift) + (1 << (shift - 1));
    for (const int low : {-128, zero}) {
      ASSERT_EQ(ditmos_requantize(sum, multiplier, offset, shift, low), exact(sum, multiplier, zero, shift, low))
          << sum << " " << multiplier << " " << zero << " " << shift;
    }
  };
  for (int shift = 1; shift <= 22; shift++) {
    for (const std::int32_t sum : {kMin, kMin + 1, -1, 0, 1, kMax}) {
      for (const std::int32_t multiplier : {0, 1, 1 << 30, kMax}) {
        for (const int zero : {-128, -1, 0, 127}) check(sum, multiplier, zero, shift);
      }
    }
    for (int trial = 0; trial < 2000; trial++) {
      const auto sum = static_cast<std::int32_t>(random.next()) >> random.below(32);
      check(sum, static_cast<std::int32_t>(random.next() >> 33), random_int(random, -128, 127), shift);
    }
    // Ties: sum * multiplier is an odd multiple of half a unit.
    for (int odd = -255; odd <= 255; odd += 2) check(odd * (1 << (shift - 1)), 1 << 30, 0, shift == 1 ? 1 : shift - 1);
  }
}

TEST(Requantize, RoundsHalvesUpAndHandlesSigns) {
  // Real multiplier 1/8 = 2^30 / 2^33, so shift 1: halves at sums 4, 12, -4, -12.
  const auto eighth = [](std::int32_t sum) { return int{ditmos_requantize(sum, 1 << 30, 1, 1, -128)}; };
  EXPECT_EQ(eighth(3), 0);
  EXPECT_EQ(eighth(4), 1);
  EXPECT_EQ(eighth(12), 2);
  EXPECT_EQ(eighth(-4), 0);
  EXPECT_EQ(eighth(-5), -1);
  EXPECT_EQ(eighth(-12), -1);
  EXPECT_EQ(eighth(1016), 127);
  EXPECT_EQ(eighth(100000), 127);
  EXPECT_EQ(eighth(-100000), -128);
}

}  // namespace
}  // namespace ditmos
