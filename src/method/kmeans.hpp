#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/random.hpp"

namespace ditmos::method {

struct KMeansOptions {
  int clusters = 6;
  int n_init = 50;          ///< starts; the one of least inertia is kept
  int iterations = 300;     ///< most Lloyd iterations of a start
  int threads = 1;          ///< starts run in parallel; the result does not depend on it
};

struct KMeansResult {
  std::vector<std::int32_t> assignment;  ///< cluster of each row
  std::vector<float> centres;            ///< (clusters, dims)
  double inertia = 0;                    ///< sum of squared distances to the own centre
  int iterations = 0;                    ///< of the kept start
};

/// k-means with k-means++ seeding (Arthur and Vassilvitskii 2007) and Lloyd iterations accelerated by Hamerly's bounds (2010),
/// which skip distances but change no assignment. `rows` is (n, dims), row-major. No cluster ends empty: one that
/// does takes the row farthest from its centre. Throws Error when there are fewer rows than clusters.
KMeansResult kmeans(std::span<const float> rows, std::size_t dims, const KMeansOptions& options, const Random& random);

}  // namespace ditmos::method
