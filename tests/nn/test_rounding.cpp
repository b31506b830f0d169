#include <gtest/gtest.h>

#include "core/error.hpp"
#include "fixtures.hpp"
#include "nn/rounding.hpp"

namespace ditmos::nn {
namespace {

TEST(Rounding, TakesTheNearestStoredIntegerAndLetsGradientsThroughWithinTheGrid) {
  const Grid grid{0.5f, -100, -128, 127, {}};  // -14 .. 113.5 in steps of 1/2
  Maps<float> maps;
  maps.from_rows(std::vector<float>{0.3f, -0.2f, 200, -20, 113.6f, 7}, 1, {6, 1, 1});
  Rounding<float> rounding(grid);
  rounding.prepare(maps);
  rounding.forward(maps, 0);
  std::vector<float> rows;
  maps.to_rows(rows);
  EXPECT_EQ(rows, (std::vector<float>{0.5f, 0, 113.5f, -14, 113.5f, 7}));
  Maps<float> gradient;
  gradient.from_rows(std::vector<float>{1, 2, 3, 4, 5, 6}, 1, {6, 1, 1});
  rounding.backward(gradient);
  gradient.to_rows(rows);
  EXPECT_EQ(rows, (std::vector<float>{1, 2, 0, 0, 5, 6}));
}

TEST(Rounding, EachChannelHasTheStepsOfItsGain) {
  Maps<float> maps;
  maps.from_rows(std::vector<float>{0.3f, 0.3f, 40, 40}, 1, {2, 1, 2});
  round_to(Grid{0.5f, 0, -128, 127, {4, 1}}, maps, 0);  // steps of 1/8 and 1/2
  std::vector<float> rows;
  maps.to_rows(rows);
  EXPECT_EQ(rows, (std::vector<float>{0.25f, 0.25f, 40, 40}));
  maps.from_rows(std::vector<float>{40, 0.3f, 40, 0.3f}, 1, {2, 1, 2});
  round_to(Grid{0.5f, 0, -128, 127, {4, 1}}, maps, 0);
  maps.to_rows(rows);
  EXPECT_EQ(rows, (std::vector<float>{15.875f, 0.25f, 40, 0.5f}));
}

/// A grid so fine that nothing changes leaves outputs and gradients as they were; one that everything leaves stops the gradients.
TEST(Rounding, OfANetworkIsStraightThrough) {
  const NetworkSpec spec = paper_classifier();
  Problem<double> problem(spec, 5, Mode::evaluate, 3);
  auto plain = problem.network(Kernels::fast), rounded = problem.network(Kernels::fast);
  const std::vector<Grid> fine(spec.blocks.size() + spec.hidden.size() + 1, Grid{1e-7f, 0, -1000000000, 1000000000, {}});
  rounded.round_outputs(fine);
  std::vector<Maps<double>> unused;
  for (auto* net : {&plain, &rounded}) {
    problem.forward(*net);
    net->zero_gradients();
    problem.backward(*net, unused);
  }
  for (std::size_t i = 0; i < plain.logits().size(); ++i) EXPECT_NEAR(plain.logits()[i], rounded.logits()[i], 1e-4);
  double largest = 0;
  for (const double g : plain.gradients()) largest = std::max(largest, std::abs(g));
  for (std::size_t i = 0; i < plain.gradients().size(); ++i) EXPECT_NEAR(plain.gradients()[i], rounded.gradients()[i], 1e-3 * largest);

  std::vector<Grid> clipped = fine;
  clipped.back() = {1e-9f, 0, -1, 1, {}};
  rounded.round_outputs(clipped);
  rounded.forward(problem.input, problem.extra_pointers(), Mode::evaluate, nullptr);
  rounded.zero_gradients();
  rounded.backward(std::vector<double>(rounded.logits().size(), 1.0));
  for (const double g : rounded.gradients()) EXPECT_EQ(g, 0);

  rounded.round_outputs({});
  problem.forward(rounded);
  EXPECT_EQ(plain.logits()[0], rounded.logits()[0]);
  EXPECT_THROW(rounded.round_outputs(std::vector<Grid>(2)), Error);
}

}  // namespace
}  // namespace ditmos::nn
