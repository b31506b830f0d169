#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "conv_reference.hpp"

namespace ditmos {
namespace {

TEST(Vector, ArgmaxTakesTheFirstOfEquals) {
  const float f[] = {1, 3, -2, 3};
  const std::int8_t i[] = {-128, -7, -7, -100};
  EXPECT_EQ(ditmos_argmax_f32(4, f), 1);
  EXPECT_EQ(ditmos_argmax_s8(4, i), 1);
}

TEST(Vector, QuantizesHalfAwayFromZeroAndSaturates) {
  EXPECT_EQ(ditmos_quantize_value(0.5f, 1, 0), 1);
  EXPECT_EQ(ditmos_quantize_value(-0.5f, 1, 0), -1);
  EXPECT_EQ(ditmos_quantize_value(0.49f, 1, 5), 5);
  EXPECT_EQ(ditmos_quantize_value(2.0f, 10, -128), -108);
  EXPECT_EQ(ditmos_quantize_value(1e30f, 1, 0), 127);
  EXPECT_EQ(ditmos_quantize_value(-1e30f, 1, 127), -128);
  EXPECT_EQ(ditmos_quantize_value(std::numeric_limits<float>::infinity(), 1, 0), 127);
  EXPECT_EQ(ditmos_quantize_value(std::numeric_limits<float>::quiet_NaN(), 1, 0), -128);
}

TEST(Vector, Dequantizes) {
  const std::int8_t q[] = {3, -1, 5};
  float real[3];
  ditmos_dequantize_s8(3, 0.5f, 1, q, real);
  EXPECT_EQ(std::vector<float>(real, real + 3), (std::vector<float>{1, -1, 2}));
}

TEST(Vector, QuantizesSamplesByTheRequantizeRule) {
  const std::int16_t x[] = {0, 1, 255, -256, 32767, -32768};
  std::int8_t q[6];
  ditmos_quantize_s16(6, 1 << 30, 10 * 32 + 16, 5, x, q);  // 2^30 / 2^37 = 1/128
  EXPECT_EQ(std::vector<std::int8_t>(q, q + 6), (std::vector<std::int8_t>{10, 10, 12, 8, 127, -128}));
  const std::int32_t halves[] = {1 << 30, 1 << 29};
  ditmos_quantize_channels_s16(3, 2, halves, 10 * 32 + 16, 5, x, q);
  EXPECT_EQ(std::vector<std::int8_t>(q, q + 6), (std::vector<std::int8_t>{10, 10, 12, 9, 127, -118}));
}

TEST(Vector, ExponentialIsWithinTwoUnitsInTheLastPlace) {
  for (float x = 0; x > -87; x -= 0.0037f) {
    const double right = std::exp(static_cast<double>(x)), unit = std::ldexp(1.0, std::ilogb(right) - 23);
    ASSERT_LE(std::abs(static_cast<double>(ditmos_exp_f32(x)) - right), 2 * unit) << x;
  }
  EXPECT_EQ(ditmos_exp_f32(0), 1.0f);
  EXPECT_EQ(ditmos_exp_f32(-87.5f), 0.0f);
  EXPECT_EQ(ditmos_exp_f32(-INFINITY), 0.0f);
}

TEST(Vector, SoftmaxesAddUpToOneWithoutOverflow) {
  const float x[] = {1000, 1000, -1000};
  float sum[] = {1, 0, 0};
  ditmos_add_softmax_f32(3, x, sum);
  EXPECT_EQ(std::vector<float>(sum, sum + 3), (std::vector<float>{1.5f, 0.5f, 0}));
  const std::int8_t q[] = {127, -128, 127};
  ditmos_add_softmax_s8(3, 2.0f, q, sum);
  EXPECT_EQ(std::vector<float>(sum, sum + 3), (std::vector<float>{2, 0.5f, 0.5f}));
}

TEST(Vector, SlideKeepsTheTail) {
  int buffer[] = {1, 2, 3, 4, 5};
  ditmos_slide(buffer, 2 * sizeof(int), 3 * sizeof(int));
  EXPECT_EQ(std::vector<int>(buffer, buffer + 3), (std::vector<int>{3, 4, 5}));
}

TEST(Pool, AveragesAndMaximaWithWindowsOverTheEdge) {
  const ditmos_pool_shape s{1, 5, 2, 1, 3, 1, 2, 0, 1, 1, 3, 0};
  const std::vector<float> x{1, -1, 2, -2, 3, -3, 4, -4, 6, -6};
  std::vector<float> out(6);
  ditmos_max_pool_f32(s, x.data(), out.data());
  EXPECT_EQ(out, (std::vector<float>{2, -1, 4, -2, 6, -4}));
  ditmos_average_pool_f32(s, x.data(), out.data());
  EXPECT_EQ(out, (std::vector<float>{1.5f, -1.5f, 3, -3, 5, -5}));
  ditmos_pool_shape counted = s;
  counted.count_outside = 1;
  ditmos_average_pool_f32(counted, x.data(), out.data());
  EXPECT_EQ(out, (std::vector<float>{1, -1, 3, -3, 10.0f / 3, -10.0f / 3}));
  const std::vector<std::int8_t> q{1, -1, 2, -2, 3, -3, 4, -4, 6, -6};
  std::vector<std::int8_t> out_q(6);
  ditmos_max_pool_s8(s, q.data(), out_q.data());
  EXPECT_EQ(out_q, (std::vector<std::int8_t>{2, -1, 4, -2, 6, -4}));
  ditmos_average_pool_s8(s, q.data(), out_q.data());
  EXPECT_EQ(out_q, (std::vector<std::int8_t>{2, -2, 3, -3, 5, -5}));
}

}  // namespace
}  // namespace ditmos
