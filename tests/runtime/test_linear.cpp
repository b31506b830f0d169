#include <gtest/gtest.h>

#include "compile/quantize/pack.hpp"
#include "conv_reference.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

TEST(Linear, EqualsTheMatrixProductInBothPrecisionsAndLayouts) {
  Random random(5);
  for (int trial = 0; trial < 200; trial++) {
    const int inputs = random_int(random, 1, 70), outputs = random_int(random, 1, 20), relu = random_int(random, 0, 1);
    SCOPED_TRACE(std::to_string(inputs) + " -> " + std::to_string(outputs));
    std::vector<std::int8_t> x, weights;
    for (int i = 0; i < inputs; i++) x.push_back(static_cast<std::int8_t>(random_int(random, -128, 127)));
    for (int i = 0; i < inputs * outputs; i++) weights.push_back(static_cast<std::int8_t>(random_int(random, -127, 127)));
    std::vector<std::int32_t> bias, multiplier(static_cast<std::size_t>(outputs), 1 << 29);
    std::vector<std::int8_t> expected;
    std::vector<float> expected_f;
    const ditmos_requant q{nullptr, multiplier.data(), 3 * 64 + 32, 6, relu ? 3 : -128};
    for (int o = 0; o < outputs; o++) {
      bias.push_back(random_int(random, -3000, 3000));
      std::int32_t sum = bias.back();
      for (int i = 0; i < inputs; i++) sum += x[static_cast<std::size_t>(i)] * weights[static_cast<std::size_t>(o * inputs + i)];
      expected.push_back(ditmos_requantize_plain(sum, 1 << 29, q.offset, q.shift, q.low));
      expected_f.push_back(static_cast<float>(relu ? std::max(sum, 0) : sum));
    }
    for (const WeightLayout layout : {WeightLayout::rows, WeightLayout::pairs}) {
      const std::vector<int> runs{inputs};
      const auto packed = pack_s8(weights, outputs, runs, layout);
      std::vector<std::int8_t> out(static_cast<std::size_t>(outputs));
      ditmos_linear_s8(inputs, outputs, static_cast<int>(layout), x.data(), packed.data(),
                       ditmos_requant{bias.data(), q.multiplier, q.offset, q.shift, q.low}, out.data());
      EXPECT_EQ(out, expected);
    }
    const std::vector<float> xf(x.begin(), x.end()), wf(weights.begin(), weights.end()), bf(bias.begin(), bias.end());
    const auto packed = pack_f32(wf, outputs, inputs);
    std::vector<float> out_f(static_cast<std::size_t>(outputs));
    ditmos_linear_f32(inputs, outputs, relu, xf.data(), packed.data(), bf.data(), out_f.data());
    EXPECT_EQ(out_f, expected_f);  // sums of products of small integers are exact
  }
}

TEST(Pack, PutsTheFlattenOrderOfOnnxIntoChannelLast) {
  const std::vector<float> weights{0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112};  // 2 outputs, 2 channels x 3 positions
  EXPECT_EQ(to_channel_last<float>(weights, 2, 2, 3), (std::vector<float>{0, 10, 1, 11, 2, 12, 100, 110, 101, 111, 102, 112}));
}

TEST(Pack, RefusesPairsWhoseSumsCouldOverflow) {
  const std::vector<std::int8_t> fits(2 * 516, 127), too_long(2 * 517, 127), asymmetric(8, -128);
  EXPECT_EQ(pack_s8(fits, 2, std::vector<int>{516}, WeightLayout::pairs).size(), 2u * 516u);
  EXPECT_THROW(pack_s8(too_long, 2, std::vector<int>{517}, WeightLayout::pairs), Error);
  EXPECT_THROW(pack_s8(asymmetric, 2, std::vector<int>{4}, WeightLayout::pairs), Error);
  EXPECT_EQ(pack_s8(too_long, 2, std::vector<int>{517}, WeightLayout::rows), too_long);
}

}  // namespace
}  // namespace ditmos::compile
