#pragma once
#include <cstdint>
#include <vector>

namespace ditmos {

/// Seeded random numbers with the same bits on every platform (xoshiro256**, Blackman and Vigna 2018,
/// seeded by splitmix64). No standard distribution is used: their results differ between libraries.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform in 0 .. n-1, without bias; n > 0.
  std::uint64_t below(std::uint64_t n);
  /// Standard normal (Box-Muller, one value a call).
  double normal();
  /// Fisher-Yates.
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }
  /// An independent stream: same parent seed and same tag, same stream, whatever was drawn before.
  Random fork(std::uint64_t tag) const;

  struct State {
    std::uint64_t seed;
    std::uint64_t words[4];
  };
  State state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  State state_;
};

}  // namespace ditmos
