#include "method/recipe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tiny.hpp"

namespace ditmos::method {
namespace {

TEST(LearningRate, StepsAsPublished) {
  const Config::Recipe recipe;
  const StageConfig strong{50, 0.005, 0.2, 20};
  EXPECT_DOUBLE_EQ(learning_rate(recipe, strong, 0), 0.005);
  EXPECT_DOUBLE_EQ(learning_rate(recipe, strong, 19.9), 0.005);
  EXPECT_DOUBLE_EQ(learning_rate(recipe, strong, 20), 0.001);
  EXPECT_NEAR(learning_rate(recipe, strong, 49), 0.0002, 1e-12);
}

TEST(LearningRate, OneCycleRisesThenFalls) {
  Config::Recipe recipe;
  recipe.schedule = "one-cycle";
  const StageConfig stage{100, 0.01, 1, 1};
  EXPECT_NEAR(learning_rate(recipe, stage, 0), 0.01 / 25, 1e-12);
  EXPECT_NEAR(learning_rate(recipe, stage, 15), 0.01 * (1 + 1.0 / 25) / 2, 1e-12);
  EXPECT_NEAR(learning_rate(recipe, stage, 30), 0.01, 1e-12);
  EXPECT_NEAR(learning_rate(recipe, stage, 100), 0.01 / 250000, 1e-12);
  for (int e = 30; e < 100; ++e) EXPECT_LT(learning_rate(recipe, stage, e + 1), learning_rate(recipe, stage, e));
}

TEST(Batches, EveryRowOnceAndTheLastBatchSmaller) {
  std::vector<std::uint32_t> rows = {4, 8, 15, 16, 23, 42, 7};
  Random random(1);
  const Batches batches(rows, 3, random);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[2].size(), 1u);
  std::vector<std::uint32_t> seen;
  for (std::size_t b = 0; b < 3; ++b) seen.insert(seen.end(), batches[b].begin(), batches[b].end());
  EXPECT_NE(seen, rows);
  std::sort(seen.begin(), seen.end());
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(seen, rows);
}

TEST(Loader, AugmentsOnlyWhenAskedAndWithinItsBounds) {
  data::Dataset d = tiny_waves(4, 2, 10);
  for (std::size_t i = 0; i < d.x.size(); ++i) d.x[i] = static_cast<float>(i % 10);  // every line a ramp 0 .. 9
  Config::Recipe recipe;
  recipe.shift = 2;
  const std::vector<std::uint32_t> rows = {0, 1, 2, 3};
  Loader loader(d, recipe, rows);
  nn::Maps<float> maps;
  std::vector<float> values;
  loader.load(rows, nullptr, maps);
  maps.to_rows(values);
  EXPECT_TRUE(std::equal(values.begin(), values.end(), d.x.begin()));
  Random random(1);
  bool moved = false;
  for (int trial = 0; trial < 20; ++trial) {
    loader.load(rows, &random, maps);
    maps.to_rows(values);
    for (std::size_t w = 0; w < 4; ++w) {
      const float shift = values[w * 20 + 5] - 5;
      EXPECT_LE(std::abs(shift), 2);
      moved = moved || shift != 0;
      for (std::size_t t = 0; t < 10; ++t) EXPECT_EQ(values[w * 20 + t], std::clamp(static_cast<float>(t) + shift, 0.0f, 9.0f));
    }
  }
  EXPECT_TRUE(moved);
}

TEST(Loader, GainIsOneFactorAWindowAndNoiseHasItsSize) {
  data::Dataset d = tiny_waves(200, 2, 40);
  std::vector<std::uint32_t> rows(200);
  for (std::uint32_t i = 0; i < 200; ++i) rows[i] = i;
  Random random(1);
  nn::Maps<float> maps;
  std::vector<float> values;
  Config::Recipe gain;
  gain.gain = 0.1;
  Loader with_gain(d, gain, rows);
  with_gain.load(rows, &random, maps);
  maps.to_rows(values);
  double squares = 0;
  for (std::size_t w = 0; w < 200; ++w) {
    const float factor = values[w * 80] / d.x[w * 80];
    EXPECT_NEAR(values[w * 80 + 50], factor * d.x[w * 80 + 50], 1e-4);
    squares += (static_cast<double>(factor) - 1) * (static_cast<double>(factor) - 1);
  }
  EXPECT_NEAR(std::sqrt(squares / 200), 0.1, 0.03);
  Config::Recipe noise;
  noise.noise = 0.5;
  Loader with_noise(d, noise, rows);
  with_noise.load(rows, &random, maps);
  maps.to_rows(values);
  double difference = 0, power = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    difference += std::pow(static_cast<double>(values[i]) - static_cast<double>(d.x[i]), 2);
    power += std::pow(static_cast<double>(d.x[i]), 2);
  }
  EXPECT_NEAR(std::sqrt(difference / power), 0.5, 0.02);
}

data::Dataset ramps(int channels, int length) {
  data::Dataset d;
  d.channels = channels;
  d.width = length;
  d.unit = "g";
  for (int c = 0; c < channels; ++c)
    for (int t = 0; t < length; ++t) d.x.push_back(static_cast<float>((c + 1) * t));
  d.y = {0};
  d.classes = {"one"};
  return d;
}

TEST(Augmentation, TurnsKeepTheLengthOfTheVectorAndLeaveOtherSetsAlone) {
  data::Dataset d = ramps(6, 20);
  Config::Recipe recipe;
  recipe.rotation = 40;
  std::vector<float> out(d.window_size());
  Random random(1);
  Augmentation(d, recipe, {}).apply(d.window(0), random, out.data());
  bool turned = false;
  for (std::size_t sensor = 0; sensor < 2; ++sensor)
    for (std::size_t t = 0; t < 20; ++t) {
      double before = 0, after = 0;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::size_t i = (3 * sensor + axis) * 20 + t;
        before += std::pow(static_cast<double>(d.x[i]), 2);
        after += std::pow(static_cast<double>(out[i]), 2);
        turned = turned || std::abs(d.x[i] - out[i]) > 0.1f;
      }
      EXPECT_NEAR(after, before, 1e-4 * before + 1e-6);
    }
  EXPECT_TRUE(turned);
  d.unit = "uV";
  EXPECT_TRUE(Augmentation(d, recipe, {}).does_nothing());
}

TEST(Augmentation, WarpReadsTheSameLineAtOtherTimesInOrder) {
  const data::Dataset d = ramps(2, 50);
  Config::Recipe recipe;
  recipe.warp = 0.2;
  std::vector<float> out(d.window_size());
  Random random(3);
  double least = 50, most = 0;
  for (int trial = 0; trial < 50; ++trial) {
    Augmentation(d, recipe, {}).apply(d.window(0), random, out.data());
    for (std::size_t t = 0; t + 1 < 50; ++t) EXPECT_LE(out[t], out[t + 1]);
    for (std::size_t t = 0; t < 50; ++t) EXPECT_NEAR(out[50 + t], 2 * out[t], 1e-3) << "channels stay together";
    const double speed = static_cast<double>(out[30] - out[20]) / 10;
    least = std::min(least, speed);
    most = std::max(most, speed);
  }
  EXPECT_LT(least, 0.85);
  EXPECT_GT(most, 1.15);
}

TEST(Augmentation, MaskBlanksOneStretchOfAllChannels) {
  const data::Dataset d = ramps(2, 50);
  Config::Recipe recipe;
  recipe.mask = 0.4;
  EXPECT_FALSE(Augmentation(d, recipe, {}).does_nothing());
  std::vector<float> out(d.window_size());
  Random random(5);
  int longest = 0;
  for (int trial = 0; trial < 100; ++trial) {
    Augmentation(d, recipe, {}).apply(d.window(0), random, out.data());
    int blank = 0, changes = 0;
    for (std::size_t t = 0; t < 50; ++t) {
      const bool masked = out[t] == 24.5f;
      EXPECT_EQ(masked, out[50 + t] == 49.0f) << t;
      EXPECT_TRUE(masked || out[t] == d.x[t]);
      blank += masked;
      changes += t > 0 && masked != (out[t - 1] == 24.5f);
    }
    EXPECT_LE(changes, 2);
    longest = std::max(longest, blank);
  }
  EXPECT_LE(longest, 20);
  EXPECT_GE(longest, 15);
}

TEST(Loader, MixupMixesWindowsAndSaysHow) {
  const data::Dataset d = tiny_waves(8, 2, 10);
  Config::Recipe recipe;
  recipe.mixup = 0.5;
  const std::vector<std::uint32_t> rows = {7, 1, 4, 2};
  Loader loader(d, recipe, rows);
  nn::Maps<float> maps;
  std::vector<float> values;
  Random random(1);
  loader.load(rows, &random, maps);
  maps.to_rows(values);
  ASSERT_EQ(loader.partners().size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    const float share = loader.shares()[i];
    EXPECT_GE(share, 0.5f);
    EXPECT_LE(share, 1.0f);
    for (std::size_t v = 0; v < 20; ++v)
      EXPECT_NEAR(values[i * 20 + v], share * d.window(rows[i])[v] + (1 - share) * d.window(rows[loader.partners()[i]])[v], 1e-5);
  }
  loader.load(rows, nullptr, maps);
  EXPECT_TRUE(loader.partners().empty()) << "nothing is mixed in evaluation";
}

TEST(Loader, MixingSharesFollowTheBetaDistribution) {
  Random random(1);
  for (const double alpha : {0.2, 1.0}) {
    double sum = 0;
    for (int i = 0; i < 20000; ++i) {
      const double share = mixing_share(alpha, random), distance = share - 0.5;
      sum += distance * distance;
    }
    EXPECT_NEAR(sum / 20000, 1 / (4 * (2 * alpha + 1)), 0.005) << "the variance of Beta(alpha, alpha)";
  }
}

}  // namespace
}  // namespace ditmos::method
