#include "method/evaluation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"
#include "method/cka.hpp"

namespace ditmos::method {
namespace {

/// Four windows, three classes, two classifiers; answers: A 0 1 2 0, B 0 2 1 1; choices A B B A; truth 0 2 2 1.
Predictions four_windows() {
  Predictions p;
  p.combine = model::Combine::select;
  p.windows = 4;
  p.classes = 3;
  p.classifiers = 2;
  p.selector = {1, 0, 0, 1, 0, 1, 1, 0};
  p.logits = {{2, 0, 0, 0, 2, 0, 0, 0, 2, 2, 0, 0}, {2, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 0}};
  return p;
}
const std::vector<std::int32_t> truth = {0, 2, 2, 1};

TEST(Evaluation, CountsByHand) {
  const Metrics m = measure(four_windows(), truth);
  EXPECT_EQ(m.windows, 4);
  EXPECT_DOUBLE_EQ(m.accuracy, 0.5);                       // windows 0 and 1
  EXPECT_DOUBLE_EQ(m.macro_accuracy, (1 + 0 + 0.5) / 3);   // class 0: 1/1, class 1: 0/1, class 2: 1/2
  EXPECT_DOUBLE_EQ(m.union_accuracy, 1.0);                 // A: 0, 2; B: 0, 1, 3
  EXPECT_DOUBLE_EQ(m.selector_accuracy, 0.5);
  EXPECT_EQ(m.overlap, (std::vector<std::int64_t>{0, 3, 1}));
  EXPECT_DOUBLE_EQ(m.classifiers[0].accuracy, 0.5);
  EXPECT_DOUBLE_EQ(m.classifiers[1].accuracy, 0.75);
  EXPECT_DOUBLE_EQ(m.classifiers[0].traffic, 0.5);
  EXPECT_EQ(m.confusion, (std::vector<std::vector<std::int64_t>>{{1, 0, 0}, {1, 0, 0}, {0, 1, 1}}));
  const double right = -std::log(std::exp(2) / (std::exp(2) + 2)), wrong = -std::log(1 / (std::exp(2) + 2));
  EXPECT_NEAR(m.loss, (right + right + wrong + wrong) / 4, 1e-12);
}

TEST(Evaluation, SelectorAccuracyCountsOnlyChoosableWindows) {
  Predictions p = four_windows();
  const Metrics m = measure(p, std::vector<std::int32_t>{1, 2, 2, 2});  // only B on 1 and A on 2 are right
  EXPECT_DOUBLE_EQ(m.union_accuracy, 0.5);
  EXPECT_DOUBLE_EQ(m.selector_accuracy, 0.5);
}

TEST(Evaluation, AverageAddsProbabilitiesNotLogits) {
  Predictions p;
  p.combine = model::Combine::average;
  p.windows = 1;
  p.classes = 2;
  p.classifiers = 3;
  p.logits = {{30, 0}, {0, 1}, {0, 1}};  // logits add up to class 0, and so do the probabilities: 1 + .27 + .27 against 1.46
  EXPECT_EQ(p.label(0), 0);
  p.logits = {{30, 0}, {0, 5}, {0, 5}};  // 1.01 against 1.99, though the logits still favour class 0
  EXPECT_EQ(p.label(0), 1);
  const Metrics m = measure(p, std::vector<std::int32_t>{1});
  EXPECT_DOUBLE_EQ(m.accuracy, 1);
  EXPECT_DOUBLE_EQ(m.classifiers[0].traffic, 1);
  EXPECT_NEAR(m.loss, -std::log((1 / (1 + std::exp(30.0)) + 2 / (1 + std::exp(-5.0))) / 3), 1e-9);
}

TEST(Evaluation, AbsentClassesDoNotCountInTheMacroAccuracy) {
  Predictions p;
  p.windows = 2;
  p.classes = 5;
  p.logits = {{1, 0, 0, 0, 0, 0, 1, 0, 0, 0}};
  EXPECT_DOUBLE_EQ(measure(p, std::vector<std::int32_t>{0, 1}).macro_accuracy, 1);
}

TEST(Evaluation, NoWindowsGiveZeros) {
  Predictions p;
  p.classes = 2;
  p.logits = {{}};
  const Metrics m = measure(p, {});
  EXPECT_EQ(m.windows, 0);
  EXPECT_EQ(m.accuracy, 0);
}

TEST(Evaluation, JsonHasTheAgreedKeys) {
  const Json json = to_json(measure(four_windows(), truth));
  for (const char* key : {"windows", "accuracy", "macro_accuracy", "union_accuracy", "selector_accuracy", "classifiers", "overlap", "confusion", "cka"})
    EXPECT_TRUE(json.contains(key)) << key;
}

TEST(Cka, IsOneForTheSameUpToRotationScaleAndShift) {
  Random random(1);
  std::vector<float> x(200 * 2), y(200 * 2), z(200 * 3);
  for (std::size_t i = 0; i < 200; ++i) {
    const float a = static_cast<float>(random.normal()), b = static_cast<float>(random.normal());
    x[2 * i] = a, x[2 * i + 1] = b;
    y[2 * i] = 3 * (0.6f * a - 0.8f * b) + 5, y[2 * i + 1] = 3 * (0.8f * a + 0.6f * b) - 2;
    for (std::size_t d = 0; d < 3; ++d) z[3 * i + d] = static_cast<float>(random.normal());
  }
  EXPECT_NEAR(linear_cka(x, 2, y, 2), 1, 1e-6);
  EXPECT_LT(linear_cka(x, 2, z, 3), 0.1);
  EXPECT_NEAR(linear_cka(x, 2, z, 3), linear_cka(z, 3, x, 2), 1e-12);
}

TEST(Cka, ByHand) {
  // Centred: x = (-1, 0, 1), y = (-1, 2, -1) / (1, -2, 1): orthogonal; with (x, y') the first column alone agrees.
  const std::vector<float> x = {0, 1, 2}, orthogonal = {0, 3, 0}, half = {0, 0, 1, 3, 2, 0};
  EXPECT_NEAR(linear_cka(x, 1, orthogonal, 1), 0, 1e-12);
  // |X'X| = 2; half centred = ((-1,-1),(0,2),(1,-1)), Y'Y = diag(2, 6), norm sqrt(40); Y'X = (2, 0), squared 4.
  EXPECT_NEAR(linear_cka(x, 1, half, 2), 4 / (2 * std::sqrt(40.0)), 1e-12);
  EXPECT_EQ(linear_cka(x, 1, std::vector<float>{1, 1, 1}, 1), 0);
}

TEST(NearestNeighbour, ByHand) {
  const std::vector<float> known = {0, 0, 10, 10, 0, 10};
  const std::vector<float> queries = {1, 1, 9, 8, 1, 8};
  const std::vector<std::int32_t> labels = {2, 0, 1};
  const auto said = nearest_neighbour(known, labels, queries, 2, 2);
  EXPECT_EQ(said, (std::vector<std::int32_t>{2, 0, 1}));
  const Accuracy a = accuracy_of(said, std::vector<std::int32_t>{2, 0, 0}, 3);
  EXPECT_DOUBLE_EQ(a.accuracy, 2.0 / 3);
  EXPECT_DOUBLE_EQ(a.macro_accuracy, 0.75);
}

}  // namespace
}  // namespace ditmos::method
