#include <gtest/gtest.h>

#include <cmath>

#include "compile/quantize/pack.hpp"
#include "conv_reference.hpp"

namespace ditmos::compile {
namespace {

ConvWeights weights_of(const ditmos_conv_shape& s) { return {s.filters, s.channels, s.extra, s.kernel_height, s.kernel_width}; }

std::string describe(const ditmos_conv_shape& s) {
  std::string text;
  for (const int v : {s.height, s.width, s.channels, s.extra, s.kernel_height, s.kernel_width, s.stride_height, s.stride_width, s.pad_top,
                      s.pad_left, s.filters, s.pool_height, s.pool_width, s.relu}) {
    text += std::to_string(v) + " ";
  }
  return text;
}

template <class T>
struct Maps {
  std::vector<T> both, a, b;
};

template <class T, class Draw>
Maps<T> random_maps(const ditmos_conv_shape& s, const Draw& draw) {
  Maps<T> maps;
  const int positions = s.height * s.width;
  for (int i = 0; i < (s.channels + s.extra) * positions; i++) maps.both.push_back(static_cast<T>(draw()));
  maps.a = channel_last(maps.both, positions, 0, s.channels);
  maps.b = channel_last(maps.both, positions, s.channels, s.extra);
  return maps;
}

TEST(Conv, Float32EqualsTheTextbookOnRandomShapes) {
  Random random(1);
  for (int trial = 0; trial < 300; trial++) {
    const ditmos_conv_shape s = random_shape(random);
    SCOPED_TRACE(describe(s));
    const auto draw = [&] { return random.uniform(-1, 1); };
    const Maps<float> maps = random_maps<float>(s, draw);
    std::vector<float> weights(static_cast<std::size_t>(s.filters * ditmos_filter_size(s))), bias(static_cast<std::size_t>(s.filters));
    for (float& w : weights) w = static_cast<float>(draw());
    for (float& v : bias) v = static_cast<float>(draw());
    const std::vector<float> packed = pack_f32(to_run_order<float>(weights, weights_of(s)), s.filters, ditmos_filter_size(s));
    const int positions = ditmos_pooled_height(s) * ditmos_pooled_width(s);
    std::vector<float> out(static_cast<std::size_t>(positions * s.filters));
    ditmos_conv_f32(s, maps.a.data(), maps.b.data(), packed.data(), bias.data(), out.data());
    const std::vector<double> sums = ConvReference{s}.pooled_sums<float, double>(maps.both, weights, 0.0f);
    for (int f = 0; f < s.filters; f++) {
      for (int p = 0; p < positions; p++) {
        double expected = sums[static_cast<std::size_t>(f * positions + p)] + bias[static_cast<std::size_t>(f)];
        if (s.relu) expected = std::max(expected, 0.0);
        ASSERT_NEAR(out[static_cast<std::size_t>(p * s.filters + f)], expected, 1e-4);
      }
    }
  }
}

TEST(Conv, Int8EqualsTheTextbookOnRandomShapesInBothLayouts) {
  Random random(2);
  for (int trial = 0; trial < 300; trial++) {
    const ditmos_conv_shape s = random_shape(random);
    SCOPED_TRACE(describe(s));
    const Maps<std::int8_t> maps = random_maps<std::int8_t>(s, [&] { return random_int(random, -128, 127); });
    std::vector<std::int8_t> weights(static_cast<std::size_t>(s.filters * ditmos_filter_size(s)));
    for (auto& w : weights) w = static_cast<std::int8_t>(random_int(random, -127, 127));
    std::vector<std::int32_t> bias, multiplier;
    for (int f = 0; f < s.filters; f++) {
      bias.push_back(random_int(random, -20000, 20000));
      multiplier.push_back(random_int(random, 1 << 26, 1 << 30));
    }
    const auto pad = static_cast<std::int8_t>(random_int(random, -128, 127));
    const int zero = random_int(random, -128, 127), shift = random_int(random, 4, 8);
    const ditmos_requant q{bias.data(), multiplier.data(), zero * (1 << shift) + (1 << (shift - 1)), shift, s.relu ? zero : -128};
    const std::vector<std::int32_t> sums = ConvReference{s}.pooled_sums<std::int8_t, std::int32_t>(maps.both, weights, pad);
    const std::vector<std::int8_t> rows = to_run_order<std::int8_t>(weights, weights_of(s));
    const int positions = ditmos_pooled_height(s) * ditmos_pooled_width(s);
    for (const WeightLayout layout : {WeightLayout::rows, WeightLayout::pairs}) {
      const std::vector<std::int8_t> packed = pack_s8(rows, s.filters, weights_of(s).runs(), layout);
      std::vector<std::int8_t> out(static_cast<std::size_t>(positions * s.filters));
      ditmos_conv_s8(s, static_cast<int>(layout), maps.a.data(), maps.b.data(), pad, packed.data(), q, out.data());
      for (int f = 0; f < s.filters; f++) {
        for (int p = 0; p < positions; p++) {
          const auto i = static_cast<std::size_t>(f);
          ASSERT_EQ(out[static_cast<std::size_t>(p * s.filters + f)],
                    ditmos_requantize_plain(sums[i * static_cast<std::size_t>(positions) + static_cast<std::size_t>(p)] + bias[i],
                                            multiplier[i], q.offset, q.shift, q.low));
        }
      }
    }
  }
}

TEST(Conv, AColumnEqualsThatColumnOfTheMap) {
  const ditmos_conv_shape s{1, 33, 6, 4, 1, 5, 1, 2, 0, 0, 1, 15, 7, 1, 3, 1};
  Random random(3);
  const auto draw = [&] { return random_int(random, -127, 127); };
  const Maps<std::int8_t> maps = random_maps<std::int8_t>(s, draw);
  std::vector<std::int8_t> weights(static_cast<std::size_t>(s.filters * ditmos_filter_size(s)));
  for (auto& w : weights) w = static_cast<std::int8_t>(draw());
  const std::vector<std::int32_t> bias(7, 100), multiplier(7, 1 << 29);
  const ditmos_requant q{bias.data(), multiplier.data(), 1 << 5, 6, -128};
  const auto packed = pack_s8(to_run_order<std::int8_t>(weights, weights_of(s)), 7, weights_of(s).runs(), WeightLayout::pairs);
  std::vector<float> af(maps.a.begin(), maps.a.end()), bf(maps.b.begin(), maps.b.end()), wf(weights.begin(), weights.end());
  const auto packed_f = pack_f32(to_run_order<float>(wf, weights_of(s)), 7, ditmos_filter_size(s));
  const std::vector<float> bias_f(7, 0.5f);
  std::vector<std::int8_t> map(5 * 7), column(7);
  std::vector<float> map_f(5 * 7), column_f(7);
  ditmos_conv_s8(s, DITMOS_PAIRS, maps.a.data(), maps.b.data(), 0, packed.data(), q, map.data());
  ditmos_conv_f32(s, af.data(), bf.data(), packed_f.data(), bias_f.data(), map_f.data());
  for (int x = 0; x < 5; x++) {
    const int at = x * s.pool_width * s.stride_width;
    ditmos_conv_column_s8(s, DITMOS_PAIRS, maps.a.data() + at * 6, maps.b.data() + at * 4, packed.data(), q, column.data());
    ditmos_conv_column_f32(s, af.data() + at * 6, bf.data() + at * 4, packed_f.data(), bias_f.data(), column_f.data());
    EXPECT_TRUE(std::equal(column.begin(), column.end(), map.begin() + x * 7));
    EXPECT_TRUE(std::equal(column_f.begin(), column_f.end(), map_f.begin() + x * 7));
  }
}

TEST(Depthwise, EqualsAConvolutionWithOneChannelAFilter) {
  Random random(4);
  for (int trial = 0; trial < 60; trial++) {
    ditmos_conv_shape s = random_shape(random);
    s.extra = 0;
    s.filters = s.channels;
    s.pool_height = s.pool_width = 1;
    SCOPED_TRACE(describe(s));
    const auto draw = [&] { return random_int(random, -127, 127); };
    const Maps<std::int8_t> maps = random_maps<std::int8_t>(s, draw);
    const int area = s.kernel_height * s.kernel_width;
    std::vector<std::int8_t> dense(static_cast<std::size_t>(s.channels * s.channels * area), 0), weights;
    for (int k = 0; k < area; k++) {
      for (int c = 0; c < s.channels; c++) {
        weights.push_back(static_cast<std::int8_t>(draw()));
        dense[static_cast<std::size_t>((c * s.channels + c) * area + k)] = weights.back();
      }
    }
    const std::vector<std::int32_t> bias(static_cast<std::size_t>(s.channels), -7), multiplier(static_cast<std::size_t>(s.channels), 1 << 28);
    const ditmos_requant q{bias.data(), multiplier.data(), 1 << 3, 4, s.relu ? 0 : -128};
    const auto rows = to_run_order<std::int8_t>(dense, weights_of(s));
    std::vector<std::int8_t> expected(static_cast<std::size_t>(s.conv_height * s.conv_width * s.channels)), out(expected.size());
    ditmos_conv_s8(s, DITMOS_ROWS, maps.a.data(), nullptr, 5, rows.data(), q, expected.data());
    ditmos_depthwise_s8(s, maps.a.data(), 5, weights.data(), q, out.data());
    EXPECT_EQ(out, expected);
    std::vector<float> xf(maps.a.begin(), maps.a.end()), wf(weights.begin(), weights.end()), df(dense.begin(), dense.end());
    const std::vector<float> bf(static_cast<std::size_t>(s.channels), 0.5f);
    std::vector<float> expected_f(expected.size()), out_f(expected.size());
    const auto packed = pack_f32(to_run_order<float>(df, weights_of(s)), s.filters, ditmos_filter_size(s));
    ditmos_conv_f32(s, xf.data(), nullptr, packed.data(), bf.data(), expected_f.data());
    ditmos_depthwise_f32(s, xf.data(), wf.data(), bf.data(), out_f.data());
    EXPECT_EQ(out_f, expected_f);
  }
}

}  // namespace
}  // namespace ditmos::compile
