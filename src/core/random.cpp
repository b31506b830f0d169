#include "core/random.hpp"

#include <cmath>
#include <numbers>

namespace ditmos {
namespace {

std::uint64_t splitmix64(std::uint64_t& x) {
  x += 0x9e3779b97f4a7c15u;
  std::uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

}  // namespace

Random::Random(std::uint64_t seed) : state_{seed, {}} {
  std::uint64_t x = seed;
  for (auto& word : state_.words) word = splitmix64(x);
}

std::uint64_t Random::next() {
  auto& s = state_.words;
  const std::uint64_t result = rotate_left(s[1] * 5, 7) * 9;
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left(s[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::uint64_t Random::below(std::uint64_t n) {
  const std::uint64_t limit = -n % n;  // 2^64 mod n: values under it would favour small results
  std::uint64_t x = next();
  while (x < limit) x = next();
  return x % n;
}

double Random::normal() {
  const double u = 1.0 - uniform();
  const double v = uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

Random Random::fork(std::uint64_t tag) const {
  std::uint64_t x = state_.seed ^ (tag * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du);
  return Random(splitmix64(x));
}

}  // namespace ditmos
