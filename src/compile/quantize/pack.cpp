#include "compile/quantize/pack.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <numeric>

#include "core/error.hpp"
#include "ditmos/sum_s8.h"

namespace ditmos::compile {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// Appends one run of a group of 1, 2 or 4 filters; weight(f, k) gives the weights.
template <class Weight>
void append_pairs_run(std::vector<std::int8_t>& out, int n, int group, const Weight& weight) {
  const std::size_t end = out.size() + index(ditmos_pairs_run_bytes(n, group));
  if (group == 1) {
    for (int k = 0; k < n; k++) out.push_back(static_cast<std::int8_t>(weight(0, k)));
  } else {
    const auto push = [&](int pair, int k) {
      const int both = 256 * weight(2 * pair + 1, k) + weight(2 * pair, k);
      out.push_back(static_cast<std::int8_t>(both & 255));
      out.push_back(static_cast<std::int8_t>(both >> 8));
    };
    const int whole = n & ~3;
    for (int k = 0; k < whole; k += 4) {
      for (int odd = 0; odd < 2; odd++) {
        for (int pair = 0; pair < group / 2; pair++) {
          push(pair, k + odd);
          push(pair, k + odd + 2);
        }
      }
    }
    for (int k = whole; k < n; k++) {
      for (int pair = 0; pair < group / 2; pair++) push(pair, k);
    }
  }
  out.resize(end, 0);
}

/// The B sums of `pairs` are recovered from the high 24 bits of an int32.
void check_pairs(std::span<const std::int8_t> row, int filter) {
  std::int64_t magnitude = 0;
  for (const std::int8_t w : row) {
    if (w == -128) {
      throw Error(fmt::format("filter {} has the weight -128; paired weights are -127 .. 127", filter),
                  "quantise the weights symmetrically");
    }
    magnitude += std::abs(int{w}) * 128;
  }
  if (magnitude >= 1 << 23) {
    throw Error(fmt::format("filter {}'s sum can reach {} and paired weights hold less than {}", filter, magnitude, 1 << 23),
                "use the layout 'rows' for this layer");
  }
}

}  // namespace

std::vector<int> ConvWeights::runs() const {
  std::vector<int> result(index(kernel_height), kernel_width * channels);
  if (extra > 0) result.insert(result.end(), index(kernel_height), kernel_width * extra);
  return result;
}

template <class T>
std::vector<T> to_run_order(std::span<const T> weights, const ConvWeights& s) {
  std::vector<T> rows;
  rows.reserve(weights.size());
  const int area = s.kernel_height * s.kernel_width;
  for (int f = 0; f < s.filters; f++) {
    const T* filter = weights.data() + index(f) * index(s.filter_size());
    for (const auto& [first, count] : {std::pair{0, s.channels}, std::pair{s.channels, s.extra}}) {
      for (int k = 0; k < area; k++) {
        for (int c = first; c < first + count; c++) rows.push_back(filter[c * area + k]);
      }
    }
  }
  return rows;
}

template <class T>
std::vector<T> to_channel_last(std::span<const T> weights, int outputs, int channels, int positions) {
  std::vector<T> result;
  result.reserve(weights.size());
  for (int o = 0; o < outputs; o++) {
    for (int p = 0; p < positions; p++) {
      for (int c = 0; c < channels; c++) result.push_back(weights[(index(o) * index(channels) + index(c)) * index(positions) + index(p)]);
    }
  }
  return result;
}

template std::vector<float> to_run_order(std::span<const float>, const ConvWeights&);
template std::vector<std::int8_t> to_run_order(std::span<const std::int8_t>, const ConvWeights&);
template std::vector<float> to_channel_last(std::span<const float>, int, int, int);
template std::vector<std::int8_t> to_channel_last(std::span<const std::int8_t>, int, int, int);

std::vector<float> pack_f32(std::span<const float> rows, int filters, int n) {
  std::vector<float> out;
  out.reserve(rows.size());
  for (int first = 0; first < filters; first += 4) {
    const int last = std::min(first + 4, filters);
    for (int k = 0; k < n; k++) {
      for (int f = first; f < last; f++) out.push_back(rows[index(f) * index(n) + index(k)]);
    }
  }
  return out;
}

std::vector<std::int8_t> pack_s8(std::span<const std::int8_t> rows, int filters, std::span<const int> runs, WeightLayout layout) {
  if (layout == WeightLayout::rows) return {rows.begin(), rows.end()};
  const int n = std::accumulate(runs.begin(), runs.end(), 0);
  for (int f = 0; f < filters; f++) check_pairs(rows.subspan(index(f) * index(n), index(n)), f);
  std::vector<std::int8_t> out;
  for (int first = 0, group = 0; first < filters; first += group) {
    group = ditmos_pairs_group(filters - first);
    int start = 0;
    for (const int run : runs) {
      append_pairs_run(out, run, group, [&](int f, int k) { return int{rows[index(first + f) * index(n) + index(start + k)]}; });
      start += run;
    }
  }
  return out;
}

}  // namespace ditmos::compile
