#include "nn/kernels/peak.hpp"

#include <algorithm>
#include <chrono>

#include "nn/maps.hpp"
#include "nn/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ditmos::nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int kRounds = 20000, kChains = 12;

/// kRounds steps of kChains chains x = a*x + b, each from a start of its own; returns the operations done.
double run_chains(float seed, float* out) {
  const hn::CappedTag<float, kLanes> d;
  const auto a = hn::Set(d, 0.999f), b = hn::Set(d, seed);
  hn::Vec<decltype(d)> x[kChains];
  for (int i = 0; i < kChains; ++i) x[i] = hn::Set(d, seed + static_cast<float>(i));
  for (int round = 0; round < kRounds; ++round)
    for (int i = 0; i < kChains; ++i) x[i] = hn::MulAdd(a, x[i], b);
  auto sum = x[0];
  for (int i = 1; i < kChains; ++i) sum = hn::Add(sum, x[i]);
  *out = hn::GetLane(sum);
  return 2.0 * kRounds * kChains * static_cast<double>(hn::Lanes(d));
}

}  // namespace
}  // namespace ditmos::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ditmos::nn {

HWY_EXPORT(run_chains);

double sample_peak_gflops() {
  using Clock = std::chrono::steady_clock;
  volatile float seed = 0.001f;  // unknown to the compiler
  float result = 0;
  const auto start = Clock::now();
  const double operations = HWY_DYNAMIC_DISPATCH(run_chains)(seed, &result);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  seed = result;
  return operations / seconds * 1e-9;
}

double measure_peak_gflops() {
  double best = 0;
  for (int run = 0; run < 200; ++run) best = std::max(best, sample_peak_gflops());
  return best;
}

}  // namespace ditmos::nn
#endif
