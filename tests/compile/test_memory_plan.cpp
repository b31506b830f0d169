#include <gtest/gtest.h>

#include "compile/schedule/memory_plan.hpp"
#include "core/error.hpp"
#include "core/random.hpp"

namespace ditmos::compile {
namespace {

TEST(MemoryPlan, TouchingLivesShareNothingAndApartLivesShareAll) {
  std::vector<Buffer> buffers = {{"a", 100, 0, 1, -1, 0}, {"b", 60, 1, 2, -1, 0}, {"c", 100, 2, 3, -1, 0}};
  EXPECT_EQ(plan_offsets(buffers), 160u);
  EXPECT_EQ(buffers[0].offset, buffers[2].offset);
}

TEST(MemoryPlan, AlternativesLieOnEachOther) {
  std::vector<Buffer> buffers = {{"common", 8, 0, 5, -1, 0}, {"x", 40, 2, 3, 0, 0}, {"y", 24, 2, 3, 1, 0}};
  EXPECT_EQ(plan_offsets(buffers), 48u);
}

TEST(MemoryPlan, CheckerFindsEveryOverlap) {
  const std::vector<Buffer> equal = {{"a", 8, 0, 3, -1, 0}, {"b", 8, 0, 3, -1, 0}};
  EXPECT_THROW(check_offsets(equal, 16), Error);
  const std::vector<Buffer> partly = {{"a", 8, 0, 3, -1, 0}, {"b", 8, 3, 9, -1, 4}};
  EXPECT_THROW(check_offsets(partly, 16), Error);
  const std::vector<Buffer> inside = {{"a", 16, 0, 3, -1, 0}, {"b", 4, 1, 2, -1, 8}};
  EXPECT_THROW(check_offsets(inside, 16), Error);
  const std::vector<Buffer> beyond = {{"a", 16, 0, 3, -1, 4}};
  EXPECT_THROW(check_offsets(beyond, 16), Error);
  const std::vector<Buffer> touching = {{"a", 8, 0, 3, -1, 0}, {"b", 8, 0, 3, -1, 8}, {"c", 8, 4, 5, -1, 0}};
  EXPECT_NO_THROW(check_offsets(touching, 16));
}

TEST(MemoryPlan, RandomBuffersNeverOverlapAndStayNearTheBound) {
  Random random(3);
  int at_bound = 0;
  for (int round = 0; round < 150; ++round) {
    std::vector<Buffer> buffers(random.below(14));
    for (Buffer& buffer : buffers) {
      buffer.size = random.below(5) == 0 ? 0 : random.below(3) == 0 ? 64 : random.below(4000);
      buffer.first = static_cast<int>(random.below(10));
      buffer.last = buffer.first + static_cast<int>(random.below(5));
      buffer.lane = static_cast<int>(random.below(4)) - 1;
    }
    const std::size_t bytes = plan_offsets(buffers);
    const std::size_t bound = lower_bound_bytes(buffers);
    EXPECT_GE(bytes, bound);
    EXPECT_LE(bytes, bound + bound / 4);
    at_bound += bytes == bound;
    for (const Buffer& buffer : buffers) EXPECT_EQ(buffer.offset % kAlignment, 0u);
  }
  EXPECT_GT(at_bound, 130);
}

}  // namespace
}  // namespace ditmos::compile
