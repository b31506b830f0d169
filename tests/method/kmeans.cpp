#include "method/kmeans.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "core/error.hpp"

namespace ditmos::method {
namespace {

std::vector<float> blobs(std::size_t n, std::size_t dims, std::size_t centres, double spread, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> middle(centres * dims), rows(n * dims);
  for (float& v : middle) v = static_cast<float>(random.normal());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t d = 0; d < dims; ++d)
      rows[i * dims + d] = middle[i % centres * dims + d] + static_cast<float>(spread * random.normal());
  return rows;
}

double inertia(const std::vector<float>& rows, std::size_t dims, const std::vector<std::int32_t>& assignment,
               const std::vector<float>& centres) {
  double sum = 0;
  for (std::size_t i = 0; i < assignment.size(); ++i)
    for (std::size_t d = 0; d < dims; ++d) {
      const double difference = static_cast<double>(rows[i * dims + d]) - static_cast<double>(centres[static_cast<std::size_t>(assignment[i]) * dims + d]);
      sum += difference * difference;
    }
  return sum;
}

TEST(KMeans, FindsSeparatedBlobs) {
  const auto rows = blobs(300, 5, 4, 0.05, 1);
  const auto result = kmeans(rows, 5, {.clusters = 4, .n_init = 20}, Random(2));
  for (std::size_t i = 4; i < 300; ++i) EXPECT_EQ(result.assignment[i], result.assignment[i % 4]);
  EXPECT_EQ(std::set<std::int32_t>(result.assignment.begin(), result.assignment.begin() + 4).size(), 4u);
  EXPECT_NEAR(result.inertia, 300 * 5 * 0.05 * 0.05, 1.0);
}

TEST(KMeans, EndsAtAFixedPointOfLloyd) {
  const std::size_t dims = 13, n = 400;
  const auto rows = blobs(n, dims, 9, 0.8, 3);
  for (const int clusters : {1, 2, 6, 9}) {
    const auto result = kmeans(rows, dims, {.clusters = clusters, .n_init = 3}, Random(4));
    EXPECT_NEAR(result.inertia, inertia(rows, dims, result.assignment, result.centres), 1e-3 * result.inertia);
    const auto k = static_cast<std::size_t>(clusters);
    std::vector<double> sums(k * dims), counts(k);
    for (std::size_t i = 0; i < n; ++i) {
      double best = std::numeric_limits<double>::max(), own = 0;
      for (std::size_t c = 0; c < k; ++c) {
        double d2 = 0;
        for (std::size_t d = 0; d < dims; ++d) {
          const double difference = static_cast<double>(rows[i * dims + d]) - static_cast<double>(result.centres[c * dims + d]);
          d2 += difference * difference;
        }
        best = std::min(best, d2);
        if (static_cast<std::int32_t>(c) == result.assignment[i]) own = d2;
      }
      EXPECT_LE(own, best * (1 + 1e-4)) << "row " << i << " belongs to a nearer centre";
      const auto a = static_cast<std::size_t>(result.assignment[i]);
      ++counts[a];
      for (std::size_t d = 0; d < dims; ++d) sums[a * dims + d] += static_cast<double>(rows[i * dims + d]);
    }
    for (std::size_t c = 0; c < k; ++c)
      for (std::size_t d = 0; d < dims; ++d) EXPECT_NEAR(static_cast<double>(result.centres[c * dims + d]), sums[c * dims + d] / counts[c], 1e-4);
  }
}

TEST(KMeans, SameBitsWhateverTheThreads) {
  const auto rows = blobs(500, 8, 7, 0.7, 5);
  const auto one = kmeans(rows, 8, {.clusters = 6, .n_init = 16, .threads = 1}, Random(9));
  const auto two = kmeans(rows, 8, {.clusters = 6, .n_init = 16, .threads = 3}, Random(9));
  EXPECT_EQ(one.assignment, two.assignment);
  EXPECT_EQ(one.centres, two.centres);
}

TEST(KMeans, MoreStartsAreNeverWorse) {
  const auto rows = blobs(300, 6, 12, 0.5, 6);
  double before = std::numeric_limits<double>::max();
  for (const int starts : {1, 4, 16}) {
    const double now = kmeans(rows, 6, {.clusters = 8, .n_init = starts}, Random(1)).inertia;
    EXPECT_LE(now, before);
    before = now;
  }
}

TEST(KMeans, DuplicateRowsLeaveNoClusterEmpty) {
  const std::vector<float> rows(40, 1.5f);  // ten equal rows
  const auto result = kmeans(rows, 4, {.clusters = 5, .n_init = 2}, Random(1));
  EXPECT_EQ(std::set<std::int32_t>(result.assignment.begin(), result.assignment.end()).size(), 5u);
  EXPECT_EQ(result.inertia, 0);
}

TEST(KMeans, TooFewRowsAreRefused) {
  const std::vector<float> rows(8);
  EXPECT_THROW(kmeans(rows, 4, {.clusters = 3}, Random(1)), Error);
  EXPECT_THROW(kmeans({}, 4, {.clusters = 1}, Random(1)), Error);
}

}  // namespace
}  // namespace ditmos::method
