#include "method/losses.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <utility>

#include "core/random.hpp"

namespace ditmos::method {
namespace {

std::vector<float> normals(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> out(n);
  for (float& v : out) v = static_cast<float>(random.normal());
  return out;
}

std::vector<std::span<const float>> views(const std::vector<std::vector<float>>& rows) { return {rows.begin(), rows.end()}; }
std::vector<std::span<float>> views(std::vector<std::vector<float>>& rows) { return {rows.begin(), rows.end()}; }

/// Largest difference between `gradient` and central differences of f by x.
double worst_difference(std::vector<float>& x, const std::vector<float>& gradient, const std::function<double()>& f) {
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float before = x[i], up = before + 1e-2f, down = before - 1e-2f;
    x[i] = up;
    const double high = f();
    x[i] = down;
    const double low = f();
    x[i] = before;
    const double slope = (high - low) / (static_cast<double>(up) - static_cast<double>(down));
    worst = std::max(worst, std::abs(slope - static_cast<double>(gradient[i])));
  }
  return worst;
}

TEST(SampleLoss, CrossEntropyByHand) {
  const SampleLoss loss({}, 3);
  std::vector<float> g(3);
  // softmax(0, ln 2, ln 5) = 1/8, 2/8, 5/8
  const std::vector<float> logits = {0, std::log(2.0f), std::log(5.0f)};
  EXPECT_NEAR(loss(logits, 1, {}, g), std::log(4.0), 1e-6);
  EXPECT_NEAR(g[0], 0.125, 1e-6);
  EXPECT_NEAR(g[1], -0.75, 1e-6);
  EXPECT_NEAR(g[2], 0.625, 1e-6);
}

TEST(SampleLoss, SmoothingByHand) {
  Config::Recipe recipe;
  recipe.label_smoothing = 0.3;
  const SampleLoss loss(recipe, 3);
  std::vector<float> g(3);
  const std::vector<float> logits = {0, std::log(2.0f), std::log(5.0f)};
  // target 0.1, 0.8, 0.1
  EXPECT_NEAR(loss(logits, 1, {}, g), 0.1 * std::log(8.0) + 0.8 * std::log(4.0) + 0.1 * std::log(1.6), 1e-6);
  EXPECT_NEAR(g[1], 0.25 - 0.8, 1e-6);
}

TEST(SampleLoss, GradientsOfEveryForm) {
  for (const char* form : {"soft", "decoupled"})
    for (const double distillation : {0.0, 0.6, 1.0}) {
      Config::Recipe recipe;
      recipe.label_smoothing = 0.1;
      recipe.distillation = distillation;
      recipe.temperature = 2.5;
      recipe.distillation_form = form;
      const SampleLoss loss(recipe, 5);
      std::vector<float> x = normals(5, 1), g(5), ignored(5);
      const std::vector<float> teacher = normals(5, 2);
      loss(x, 3, teacher, g);
      EXPECT_LT(worst_difference(x, g, [&] { return loss(x, 3, teacher, ignored); }), 1e-3) << form << " " << distillation;
    }
}

TEST(SampleLoss, DistillationOfTheTeacherItselfIsZero) {
  for (const char* form : {"soft", "decoupled"}) {
    Config::Recipe recipe;
    recipe.distillation = 1;
    recipe.distillation_form = form;
    const SampleLoss loss(recipe, 4);
    std::vector<float> x = normals(4, 7), g(4);
    EXPECT_NEAR(loss(x, 0, x, g), 0, 1e-9);
    for (const float v : g) EXPECT_NEAR(v, 0, 1e-7);
  }
}

TEST(SampleLoss, SoftDistillationByHand) {
  Config::Recipe recipe;
  recipe.distillation = 0.5;
  recipe.temperature = 2;
  const SampleLoss loss(recipe, 2);
  std::vector<float> g(2);
  // Student (1/2, 1/2); teacher at T = 2: logits (2 ln 3, 0) give (3/4, 1/4).
  const std::vector<float> student = {0, 0}, teacher = {2 * std::log(3.0f), 0};
  const double divergence = 0.75 * std::log(1.5) + 0.25 * std::log(0.5);
  EXPECT_NEAR(loss(student, 1, teacher, g), 0.5 * std::log(2.0) + 0.5 * 4 * divergence, 1e-6);
  EXPECT_NEAR(g[0], 0.5 * 0.5 + 0.5 * 2 * (0.5 - 0.75), 1e-6);
}

TEST(SelectorTargets, ConfidentAndHardByHand) {
  // Two classes; a logit of +x on a class gives a confidence that grows with x.
  // sample 0 (class 0): A right, weakly; B right, strongly -> B; hard: the first right one, A.
  // sample 1 (class 0): A wrong, strongly; B wrong, weakly -> B (the less sure of the wrong).
  // sample 2 (class 1): A wrong, B right, weakly -> B.
  const std::vector<std::vector<float>> logits = {{1, 0, 0, 3, 2, 0}, {4, 0, 0, 1, 0, 1}};
  const std::vector<std::int32_t> labels = {0, 0, 1};
  EXPECT_EQ(selector_targets(views(logits), labels, 2, false), (std::vector<std::int32_t>{1, 1, 1}));
  EXPECT_EQ(selector_targets(views(logits), labels, 2, true), (std::vector<std::int32_t>{0, 1, 1}));
}

TEST(AdversarialWeights, EachTermByHand) {
  // Rights: A 1 1 0 0, B 0 1 0 0, C 0 1 0 1. Only A: 0; only C: 3; none: 2; shared: 1.
  const std::vector<std::vector<char>> right = {{1, 1, 0, 0}, {0, 1, 0, 0}, {0, 1, 0, 1}};
  const std::vector<std::int32_t> routes = {0, 0, 1, 1};
  const auto only = [&](double routed, double alone, double none, double overlap) {
    Config::Adversarial a;
    a.routed = routed, a.single = alone, a.union_ = none, a.overlap = overlap;
    return adversarial_weights(a, right, routes);
  };
  using W = std::vector<std::vector<float>>;
  EXPECT_EQ(only(1, 0, 0, 0), (W{{.5f, .5f, 0, 0}, {0, 0, .5f, .5f}, {0, 0, 0, 0}}));
  EXPECT_EQ(only(0, 1, 0, 0), (W{{1, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 1}}));
  EXPECT_EQ(only(0, 0, 1, 0), (W{{0, 0, 1, 0}, {0, 0, 1, 0}, {0, 0, 1, 0}}));
  EXPECT_EQ(only(0, 0, 0, 1), (W{{0, -1, 0, 0}, {0, -1, 0, 0}, {0, -1, 0, 0}}));
  const auto all = adversarial_weights({}, right, routes);
  EXPECT_FLOAT_EQ(all[0][0], 0.6f);
  EXPECT_FLOAT_EQ(all[0][1], 0.47f);
  EXPECT_FLOAT_EQ(all[1][2], 0.6f);
  EXPECT_FLOAT_EQ(all[2][3], 0.1f);
}

TEST(WeightedLoss, SumsOrAveragesAndSkipsZeroWeights) {
  const SampleLoss loss({}, 2);
  const std::vector<float> logits = {0, 0, 5, -5, std::log(3.0f), 0}, weights = {2, 0, -0.5f};
  const std::vector<std::int32_t> labels = {0, 0, 1};
  const BatchTargets batch{3, labels, {}};
  std::vector<float> g(6, 99);
  const double sum = 2 * std::log(2.0) - 0.5 * std::log(4.0);
  EXPECT_NEAR(weighted_loss(loss, batch, logits, weights, false, g), sum, 1e-6);
  EXPECT_EQ(g[2], 0);
  EXPECT_NEAR(g[0], 2 * -0.5, 1e-6);
  EXPECT_NEAR(g[4], -0.5 * 0.75, 1e-6);
  EXPECT_NEAR(weighted_loss(loss, batch, logits, weights, true, g), sum / 3, 1e-6);
}

TEST(Mixture, ByHandAndAgainstDifferences) {
  const SampleLoss loss({}, 2);
  {
    // One sample, p = (3/4, 1/4); q(true) = 1/2 and 9/10: likelihood 3/8 + 9/40 = 0.6.
    const std::vector<float> selector = {std::log(3.0f), 0};
    const std::vector<std::vector<float>> logits = {{0, 0}, {std::log(9.0f), 0}};
    std::vector<std::vector<float>> g(2, std::vector<float>(2));
    std::vector<float> gs(2);
    const std::vector<std::int32_t> labels = {0};
    const BatchTargets batch{1, labels, {}};
    EXPECT_NEAR(mixture_loss(loss, batch, selector, views(std::as_const(logits)), {0, 0, 1}, gs, views(g)), -std::log(0.6), 1e-6);
    EXPECT_NEAR(gs[0], 0.75 - 0.375 / 0.6, 1e-6);
    EXPECT_NEAR(g[1][0], 0.225 / 0.6 * (0.9 - 1), 1e-6);
    const double balance = 0.5 * 2 * (0.75 * 0.75 + 0.25 * 0.25), own = 0.2 * (std::log(2.0) - std::log(0.9));
    EXPECT_NEAR(mixture_loss(loss, batch, selector, views(std::as_const(logits)), {0.5, 0.2, 1}, gs, views(g)), -std::log(0.6) + balance + own, 1e-6);
    // Sharpness 2: -log(3/4 / 4 + 1/4 * 0.81) / 2; 0: the expected loss.
    EXPECT_NEAR(mixture_loss(loss, batch, selector, views(std::as_const(logits)), {0, 0, 2}, gs, views(g)), -std::log(0.39) / 2, 1e-6);
    EXPECT_NEAR(mixture_loss(loss, batch, selector, views(std::as_const(logits)), {0, 0, 0}, gs, views(g)), 0.75 * std::log(2.0) - 0.25 * std::log(0.9), 1e-6);
  }
  const int n = 4, count = 3, classes = 5;
  const SampleLoss five({}, classes);
  std::vector<float> selector = normals(n * count, 3), gs(n * count), gs2(n * count);
  std::vector<std::vector<float>> logits(count), g(count, std::vector<float>(n * classes)), g2 = g;
  for (std::size_t k = 0; k < count; ++k) logits[k] = normals(n * classes, 10 + k);
  const std::vector<std::int32_t> labels = {0, 4, 2, 2};
  const BatchTargets batch{n, labels, {}};
  for (const double sharpness : {1.0, 0.4, 0.0}) {
    const MixtureWeights weights{0.7, 0.4, sharpness};
    const auto f = [&] { return mixture_loss(five, batch, selector, views(std::as_const(logits)), weights, gs2, views(g2)); };
    mixture_loss(five, batch, selector, views(std::as_const(logits)), weights, gs, views(g));
    EXPECT_LT(worst_difference(selector, gs, f), 1e-3);
    for (std::size_t k = 0; k < count; ++k) EXPECT_LT(worst_difference(logits[k], g[k], f), 1e-3);
  }
}

TEST(SampleLoss, AMixedSampleIsTaughtBothClassesByTheirShares) {
  const SampleLoss loss(Config::Recipe{}, 3);
  const std::vector<float> logits = {0.3f, -0.4f, 1.0f};
  std::vector<float> mixed(3), own(3), other(3);
  const double value = loss(logits, 0, {}, mixed, 2, 0.7), a = loss(logits, 0, {}, own), b = loss(logits, 2, {}, other);
  EXPECT_NEAR(value, 0.7 * a + 0.3 * b, 1e-9);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(mixed[c], 0.7f * own[c] + 0.3f * other[c], 1e-6);
}

}  // namespace
}  // namespace ditmos::method
