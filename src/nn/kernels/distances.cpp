#include "nn/kernels/distances.hpp"

#include "nn/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/distances.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ditmos::nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kParts = 8;

template <int C>
HWY_INLINE void distances_to(const float* row, const float* others, std::size_t dims, float* out) {
  const hn::CappedTag<float, kParts> d;
  HWY_ALIGN float sums[C][kParts];
  const std::size_t whole = dims / kParts * kParts;
  for (std::size_t part = 0; part < kParts; part += hn::Lanes(d)) {
    hn::Vec<decltype(d)> sum[C];
    for (int c = 0; c < C; ++c) sum[c] = hn::Zero(d);
    for (std::size_t i = part; i < whole; i += kParts) {
      const auto v = hn::LoadU(d, row + i);
      for (int c = 0; c < C; ++c) {
        const auto difference = hn::Sub(v, hn::LoadU(d, others + static_cast<std::size_t>(c) * dims + i));
        sum[c] = hn::Add(sum[c], hn::Mul(difference, difference));
      }
    }
    for (int c = 0; c < C; ++c) hn::StoreU(sum[c], d, sums[c] + part);
  }
  for (int c = 0; c < C; ++c) {
    const float* s = sums[c];
    float rest = 0;
    for (std::size_t i = whole; i < dims; ++i) {
      const float difference = row[i] - others[static_cast<std::size_t>(c) * dims + i];
      rest += difference * difference;
    }
    out[c] = ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7])) + rest;
  }
}

void all_distances(const float* row, const float* others, std::size_t count, std::size_t dims, float* out) {
  std::size_t c = 0;
  for (; c + 4 <= count; c += 4) distances_to<4>(row, others + c * dims, dims, out + c);
  for (; c + 2 <= count; c += 2) distances_to<2>(row, others + c * dims, dims, out + c);
  for (; c < count; ++c) distances_to<1>(row, others + c * dims, dims, out + c);
}

}  // namespace
}  // namespace ditmos::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ditmos::nn {

HWY_EXPORT(all_distances);

void squared_distances(const float* row, const float* others, std::size_t count, std::size_t dims, float* out) {
  HWY_DYNAMIC_DISPATCH(all_distances)(row, others, count, dims, out);
}

}  // namespace ditmos::nn
#endif
