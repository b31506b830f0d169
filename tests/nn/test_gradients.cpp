#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "fixtures.hpp"

namespace ditmos::nn {
namespace {

// Central differences in double. A step may cross a ReLU's or a pool's kink; such an entry is recognised by two step
// sizes that disagree, and there must be few of them.
class Gradients : public ::testing::TestWithParam<std::tuple<int, int, Mode, Kernels>> {};

constexpr double kStep = 1e-4;

struct Check {
  int compared = 0, kinks = 0;
  double worst = 0;

  void entry(double analytic, double near, double wide, double scale) {
    if (std::abs(near - wide) > 2e-6 * (std::abs(near) + 1e-2 * scale)) {
      ++kinks;
      return;
    }
    ++compared;
    const double slope = (4 * near - wide) / 3;  // the two steps' terms of third order cancel
    worst = std::max(worst, std::abs(analytic - slope) / (std::abs(slope) + 1e-2 * scale));
  }
};

double difference(Problem<double>& problem, Network<double>& net, double& value, double step) {
  const double old = value;
  const auto statistics = std::vector<double>(net.running().begin(), net.running().end());
  const auto loss_at = [&](double v) {
    value = v;
    std::copy(statistics.begin(), statistics.end(), net.running().begin());
    return problem.loss(net);
  };
  const double slope = (loss_at(old + step) - loss_at(old - step)) / (2 * step);
  value = old;
  std::copy(statistics.begin(), statistics.end(), net.running().begin());
  return slope;
}

double largest(std::span<const double> values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

TEST_P(Gradients, MatchCentralDifferences) {
  const auto [index, samples, mode, kernels] = GetParam();
  const auto named = small_specs()[static_cast<std::size_t>(index)];
  Problem<double> problem(named.spec, samples, mode, 11);
  auto net = problem.network(kernels);
  const auto statistics = std::vector<double>(net.running().begin(), net.running().end());
  problem.forward(net);
  std::vector<Maps<double>> dextras;
  net.zero_gradients();
  problem.backward(net, dextras);
  std::copy(statistics.begin(), statistics.end(), net.running().begin());

  Check check;
  const double overall = largest(net.gradients());
  Random pick(3);
  for (auto& p : net.parameters()) {
    const double scale = std::max(largest(p.gradient), 1e-3 * overall);
    for (std::size_t i = 0; i < p.value.size(); i += 1 + pick.below(p.value.size() / 20 + 1))
      check.entry(p.gradient[i], difference(problem, net, p.value[i], kStep), difference(problem, net, p.value[i], 2 * kStep), scale);
  }
  for (std::size_t b = 0; b < problem.extras.size(); ++b) {
    Maps<double>& extra = problem.extras[b];
    if (extra.samples() == 0) continue;
    const std::size_t size = static_cast<std::size_t>(extra.groups()) * extra.group_size();
    for (std::size_t i = 0; i < size; i += 1 + pick.below(size / 30 + 1)) {
      if (static_cast<int>(i % kLanes) >= extra.lanes(static_cast<int>(i / extra.group_size()))) continue;
      const double scale = largest(std::span<const double>(dextras[b].data(), size));
      check.entry(dextras[b].data()[i], difference(problem, net, extra.data()[i], kStep),
                  difference(problem, net, extra.data()[i], 2 * kStep), scale);
    }
  }
  EXPECT_LT(check.worst, 1e-6) << named.name;
  EXPECT_GT(check.compared, 20) << named.name;
  EXPECT_LE(check.kinks, check.compared / 4 + 2) << named.name;
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<int, int, Mode, Kernels>>& test) {
  const auto [index, samples, mode, kernels] = test.param;
  return std::string(small_specs()[static_cast<std::size_t>(index)].name) + "_" + std::to_string(samples) +
         (mode == Mode::train ? "_train" : "_evaluate") + (kernels == Kernels::plain ? "_plain" : "_fast");
}

INSTANTIATE_TEST_SUITE_P(All, Gradients,
                         ::testing::Combine(::testing::Range(0, static_cast<int>(small_specs().size())),
                                            ::testing::Values(1, 11), ::testing::Values(Mode::train, Mode::evaluate),
                                            ::testing::Values(Kernels::plain, Kernels::fast)),
                         name_of);

TEST(Loss, GradientsMatchCentralDifferences) {
  Random random(2);
  const int samples = 5, outputs = 4;
  std::vector<double> logits(samples * outputs), d(logits.size()), ignored(logits.size()), weights(samples);
  std::vector<std::int32_t> labels(samples);
  for (double& v : logits) v = 3 * random.normal();
  for (double& v : weights) v = random.normal();
  for (auto& label : labels) label = static_cast<std::int32_t>(random.below(outputs));
  std::vector<double> targets(logits.size());
  softmax_rows<double>(logits, outputs, targets);
  std::reverse(targets.begin(), targets.end());
  const auto hard = [&](std::vector<double>& to) {
    return softmax_cross_entropy<double>(logits, outputs, labels, weights, 0.1, to);
  };
  const auto soft = [&](std::vector<double>& to) {
    return softmax_cross_entropy_soft<double>(logits, outputs, targets, weights, to);
  };
  const auto check = [&](auto loss) {
    loss(d);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const double old = logits[i], step = 1e-5;
      logits[i] = old + step;
      const double above = loss(ignored);
      logits[i] = old - step;
      const double below = loss(ignored);
      logits[i] = old;
      EXPECT_NEAR(d[i], (above - below) / (2 * step), 1e-8);
    }
  };
  check(hard);
  check(soft);
}

}  // namespace
}  // namespace ditmos::nn
