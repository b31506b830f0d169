#include "method/kmeans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "core/error.hpp"
#include "nn/kernels/distances.hpp"
#include "nn/threads.hpp"

namespace ditmos::method {
namespace {

using nn::squared_distance;

/// One start: seeding and iterations.
class Start {
 public:
  Start(std::span<const float> rows, std::size_t dims, std::size_t clusters)
      : rows_(rows), dims_(dims), n_(rows.size() / dims), k_(clusters), centres_(k_ * dims), sums_(k_ * dims), counts_(k_),
        assignment_(n_, -1), upper_(n_), lower_(n_), distances_(k_) {}

  KMeansResult run(Random random, int most_iterations) {
    seed(random);
    assign_all();
    int iteration = 1;
    for (; iteration < most_iterations; ++iteration) {
      move_centres();
      if (!reassign()) break;
    }
    KMeansResult result;
    result.inertia = 0;
    for (std::size_t i = 0; i < n_; ++i)
      result.inertia += static_cast<double>(squared_distance(row(i), centre(static_cast<std::size_t>(assignment_[i])), dims_));
    result.assignment = std::move(assignment_);
    result.centres = std::move(centres_);
    result.iterations = iteration;
    return result;
  }

 private:
  const float* row(std::size_t i) const { return rows_.data() + i * dims_; }
  float* centre(std::size_t c) { return centres_.data() + c * dims_; }

  void seed(Random& random) {
    std::vector<float> nearest(n_, std::numeric_limits<float>::max());
    std::size_t chosen = random.below(n_);
    for (std::size_t c = 0;; ++c) {
      std::copy_n(row(chosen), dims_, centre(c));
      if (c + 1 == k_) return;
      double total = 0;
      for (std::size_t i = 0; i < n_; ++i) {
        nearest[i] = std::min(nearest[i], squared_distance(row(i), centre(c), dims_));
        total += static_cast<double>(nearest[i]);
      }
      if (!(total > 0)) {  // fewer distinct rows than clusters
        chosen = random.below(n_);
        continue;
      }
      double draw = random.uniform() * total;
      for (chosen = 0; chosen + 1 < n_; ++chosen) {
        draw -= static_cast<double>(nearest[chosen]);
        if (draw < 0) break;
      }
    }
  }

  /// Nearest centre of row i by full search; sets both bounds.
  std::int32_t search(std::size_t i) {
    float best = std::numeric_limits<float>::max(), second = best;
    std::int32_t at = 0;
    nn::squared_distances(row(i), centres_.data(), k_, dims_, distances_.data());
    for (std::size_t c = 0; c < k_; ++c) {
      const float d = distances_[c];
      if (d < best) {
        second = best;
        best = d;
        at = static_cast<std::int32_t>(c);
      } else {
        second = std::min(second, d);
      }
    }
    upper_[i] = std::sqrt(best);
    lower_[i] = std::sqrt(second);
    return at;
  }

  void transfer(std::size_t i, std::int32_t to) {
    if (assignment_[i] >= 0) {
      double* from = sums_.data() + static_cast<std::size_t>(assignment_[i]) * dims_;
      for (std::size_t d = 0; d < dims_; ++d) from[d] -= static_cast<double>(row(i)[d]);
      --counts_[static_cast<std::size_t>(assignment_[i])];
    }
    double* into = sums_.data() + static_cast<std::size_t>(to) * dims_;
    for (std::size_t d = 0; d < dims_; ++d) into[d] += static_cast<double>(row(i)[d]);
    ++counts_[static_cast<std::size_t>(to)];
    assignment_[i] = to;
  }

  void assign_all() {
    for (std::size_t i = 0; i < n_; ++i) transfer(i, search(i));
    fill_empty();
  }

  /// Gives each empty cluster the row that lies farthest from its centre in a cluster of more than one row.
  void fill_empty() {
    for (std::size_t c = 0; c < k_; ++c) {
      if (counts_[c]) continue;
      std::size_t farthest = n_;
      for (std::size_t i = 0; i < n_; ++i)
        if (counts_[static_cast<std::size_t>(assignment_[i])] > 1 && (farthest == n_ || upper_[i] > upper_[farthest])) farthest = i;
      transfer(farthest, static_cast<std::int32_t>(c));
      upper_[farthest] = 0;
      lower_[farthest] = 0;
    }
  }

  void move_centres() {
    std::vector<float> moved(k_), old(dims_);
    for (std::size_t c = 0; c < k_; ++c) {
      std::copy_n(centre(c), dims_, old.data());
      for (std::size_t d = 0; d < dims_; ++d)
        centre(c)[d] = static_cast<float>(sums_[c * dims_ + d] / static_cast<double>(counts_[c]));
      moved[c] = std::sqrt(squared_distance(centre(c), old.data(), dims_));
    }
    std::size_t most = 0;
    for (std::size_t c = 1; c < k_; ++c)
      if (moved[c] > moved[most]) most = c;
    float next = 0;
    for (std::size_t c = 0; c < k_; ++c)
      if (c != most) next = std::max(next, moved[c]);
    // The bounds give way by a little more than exact arithmetic asks, so that rounding never hides a change.
    constexpr float slack = 1 + 1e-5f;
    for (std::size_t i = 0; i < n_; ++i) {
      const auto own = static_cast<std::size_t>(assignment_[i]);
      upper_[i] = (upper_[i] + moved[own]) * slack;
      lower_[i] = (lower_[i] - (own == most ? next : moved[most])) / slack;
    }
  }

  bool reassign() {
    std::vector<float> half(k_, std::numeric_limits<float>::max());  // half the distance to the nearest other centre
    for (std::size_t a = 0; a < k_; ++a)
      for (std::size_t b = a + 1; b < k_; ++b) {
        const float d = 0.5f * std::sqrt(squared_distance(centre(a), centre(b), dims_));
        half[a] = std::min(half[a], d);
        half[b] = std::min(half[b], d);
      }
    bool changed = false;
    for (std::size_t i = 0; i < n_; ++i) {
      const auto own = static_cast<std::size_t>(assignment_[i]);
      const float bound = std::max(lower_[i], half[own] * (1 - 1e-5f));
      if (upper_[i] < bound) continue;
      upper_[i] = std::sqrt(squared_distance(row(i), centre(own), dims_));
      if (upper_[i] < bound) continue;
      const std::int32_t to = search(i);
      if (to == assignment_[i]) continue;
      transfer(i, to);
      changed = true;
    }
    fill_empty();
    return changed;
  }

  std::span<const float> rows_;
  std::size_t dims_, n_, k_;
  std::vector<float> centres_;
  std::vector<double> sums_;
  std::vector<std::int64_t> counts_;
  std::vector<std::int32_t> assignment_;
  std::vector<float> upper_, lower_;  // distance to the own centre at most, to any other at least
  std::vector<float> distances_;      // of one row to every centre
};

}  // namespace

KMeansResult kmeans(std::span<const float> rows, std::size_t dims, const KMeansOptions& options, const Random& random) {
  const std::size_t n = dims ? rows.size() / dims : 0;
  const auto clusters = static_cast<std::size_t>(options.clusters);
  if (options.clusters < 1 || n < clusters)
    throw Error(fmt::format("k-means: {} training windows cannot make {} clusters", n, options.clusters),
                "use fewer classifiers (--classifiers.count)");
  const int starts = std::max(options.n_init, 1);
  KMeansResult best;
  int best_start = starts;
  nn::Threads threads(std::max(options.threads, 1));
  std::mutex mutex;
  nn::parallel_for(&threads, starts, [&](int s) {
    KMeansResult result = Start(rows, dims, clusters).run(random.fork(static_cast<std::uint64_t>(s)), options.iterations);
    const std::lock_guard lock(mutex);
    // Ties go to the earlier start, so that the winner does not depend on the threads.
    if (best_start == starts || result.inertia < best.inertia || (result.inertia == best.inertia && s < best_start)) {
      best = std::move(result);
      best_start = s;
    }
  });
  return best;
}

}  // namespace ditmos::method
