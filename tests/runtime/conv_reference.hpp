#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/random.hpp"
#include "ditmos/ditmos.h"

/// The textbook convolution + bias + ReLU + max pool on channel-first maps with ONNX weights: what the kernels must compute.
struct ConvReference {
  ditmos_conv_shape s;

  /// Value of the concatenated input [channels + extra][height][width] at (c, y, x); `pad` outside.
  template <class T>
  T at(const std::vector<T>& input, int c, int y, int x, T pad) const {
    if (y < 0 || y >= s.height || x < 0 || x >= s.width) return pad;
    return input[static_cast<std::size_t>((c * s.height + y) * s.width + x)];
  }

  /// Largest sum of a pool window, without bias. Output [filters][pooled_height][pooled_width].
  template <class T, class Sum>
  std::vector<Sum> pooled_sums(const std::vector<T>& input, const std::vector<T>& weights, T pad) const {
    std::vector<Sum> out;
    const int n = s.channels + s.extra, area = s.kernel_height * s.kernel_width;
    for (int f = 0; f < s.filters; f++) {
      for (int py = 0; py < s.conv_height / s.pool_height; py++) {
        for (int px = 0; px < s.conv_width / s.pool_width; px++) {
          Sum best{};
          for (int p = 0; p < s.pool_height * s.pool_width; p++) {
            const int y = (py * s.pool_height + p / s.pool_width) * s.stride_height - s.pad_top;
            const int x = (px * s.pool_width + p % s.pool_width) * s.stride_width - s.pad_left;
            Sum sum{};
            for (int c = 0; c < n; c++) {
              for (int k = 0; k < area; k++) {
                sum += Sum(at(input, c, y + k / s.kernel_width, x + k % s.kernel_width, pad)) *
                       Sum(weights[static_cast<std::size_t>((f * n + c) * area + k)]);
              }
            }
            best = p == 0 ? sum : std::max(best, sum);
          }
          out.push_back(best);
        }
      }
    }
    return out;
  }
};

/// Channel-first [channels][positions] to channel-last, `count` channels from `first`.
template <class T>
std::vector<T> channel_last(const std::vector<T>& input, int positions, int first, int count) {
  std::vector<T> out;
  for (int p = 0; p < positions; p++) {
    for (int c = first; c < first + count; c++) out.push_back(input[static_cast<std::size_t>(c * positions + p)]);
  }
  return out;
}

inline int random_int(ditmos::Random& random, int low, int high) {
  return low + static_cast<int>(random.below(static_cast<std::uint32_t>(high - low + 1)));
}

/// A shape of one or two dimensions, with and without padding, strides, pools, a second map.
inline ditmos_conv_shape random_shape(ditmos::Random& random) {
  ditmos_conv_shape s{};
  const bool image = random_int(random, 0, 2) == 0;
  s.channels = random_int(random, 1, 17);
  s.extra = random_int(random, 0, 1) * random_int(random, 1, 9);
  s.kernel_height = image ? random_int(random, 1, 3) : 1;
  s.kernel_width = random_int(random, 1, 9);
  s.stride_height = image ? random_int(random, 1, 2) : 1;
  s.stride_width = random_int(random, 1, 2);
  s.pad_top = image ? random_int(random, 0, s.kernel_height - 1) : 0;
  s.pad_left = random_int(random, 0, 1) * random_int(random, 0, s.kernel_width - 1);
  s.height = image ? random_int(random, s.kernel_height + 1, 6) : 1;
  s.width = random_int(random, s.kernel_width + 3, 20);
  s.conv_height = image ? (s.height + 2 * s.pad_top - s.kernel_height) / s.stride_height + 1 : 1;
  s.conv_width = (s.width + 2 * s.pad_left - s.kernel_width) / s.stride_width + 1;
  s.filters = random_int(random, 1, 11);
  s.pool_height = std::min(s.conv_height, image ? random_int(random, 1, 2) : 1);
  s.pool_width = std::min(s.conv_width, random_int(random, 1, 3));
  s.relu = random_int(random, 0, 1);
  return s;
}
