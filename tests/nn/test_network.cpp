#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "core/error.hpp"
#include "fixtures.hpp"
#include "nn/bank.hpp"
#include "nn/optimizer.hpp"

namespace ditmos::nn {
namespace {

/// A selector and a bank of classifiers that read its maps, trained for some steps with all of the engine's parts.
struct Outcome {
  std::vector<double> losses;
  std::vector<std::byte> state;
};

Outcome train(int steps, Kernels kernels, Threads* threads, int batch = 8, int classifiers = 3) {
  Random random(3);
  auto selector_spec = paper_selector(classifiers), spec = paper_classifier();
  selector_spec.input.width = spec.input.width = 75;
  Network<float> selector(selector_spec, random, kernels);
  Bank<float> bank(spec, classifiers, random, kernels);
  selector.use_threads(threads);
  bank.use_threads(threads);
  std::vector<Sgd<float>> optimizers;
  for (int k = 0; k < classifiers; ++k) optimizers.emplace_back(bank.network(k).parameters(), SgdOptions{});
  Sgd<float> selector_optimizer(selector.parameters(), SgdOptions{});

  const int windows = 97;
  std::vector<float> data;
  std::vector<std::int32_t> classes;
  for (int w = 0; w < windows; ++w) {
    classes.push_back(static_cast<std::int32_t>(random.below(17)));
    for (int c = 0; c < 3; ++c)
      for (int i = 0; i < 75; ++i)
        data.push_back(static_cast<float>(9 + std::sin(0.07 * (classes.back() + 1) * i + c) + 0.3 * random.normal()));
  }
  Outcome run;
  Maps<float> input, dmap1, dmap2;
  std::vector<float> dlogits, selector_dlogits;
  for (int step = 0; step < steps; ++step) {
    std::vector<std::uint32_t> rows;
    std::vector<std::int32_t> labels, routes;
    for (int i = 0; i < batch; ++i) {
      rows.push_back(static_cast<std::uint32_t>(random.below(windows)));
      labels.push_back(classes[rows.back()]);
      routes.push_back(labels.back() % classifiers);
    }
    input.gather(data, spec.input, rows);
    selector.forward(input, Mode::train, &random);
    const std::vector<const Maps<float>*> extras{nullptr, &selector.map(0), &selector.map(1)};
    bank.forward_all(input, extras, Mode::train, &random);
    const std::size_t each = static_cast<std::size_t>(batch * 17);
    dlogits.resize(each * static_cast<std::size_t>(classifiers));
    double loss = 0;
    for (int k = 0; k < classifiers; ++k)
      loss += softmax_cross_entropy<float>(bank.network(k).logits(), 17, labels, {}, 0.0f,
                                           std::span(dlogits).subspan(static_cast<std::size_t>(k) * each, each));
    selector_dlogits.resize(static_cast<std::size_t>(batch * classifiers));
    loss += softmax_cross_entropy<float>(selector.logits(), classifiers, routes, {}, 0.0f, selector_dlogits);
    dmap1.zero(batch, selector.map(0).shape());
    dmap2.zero(batch, selector.map(1).shape());
    const std::vector<Maps<float>*> dextras{nullptr, &dmap1, &dmap2};
    bank.zero_gradients();
    bank.backward_all(dlogits, dextras);
    selector.zero_gradients();
    const std::vector<const Maps<float>*> dmaps{&dmap1, &dmap2, nullptr};
    selector.backward(selector_dlogits, {}, dmaps);
    bank.for_each([&](int k) { optimizers[static_cast<std::size_t>(k)].step(0.01); });
    selector_optimizer.step(0.01);
    run.losses.push_back(loss);
  }
  run.state = selector.save();
  for (int k = 0; k < classifiers; ++k) {
    const auto one = bank.network(k).save(), velocity = optimizers[static_cast<std::size_t>(k)].save();
    run.state.insert(run.state.end(), one.begin(), one.end());
    run.state.insert(run.state.end(), velocity.begin(), velocity.end());
  }
  return run;
}

TEST(Training, ThreadsDoNotChangeABit) {
  const Outcome one = train(12, Kernels::fast, nullptr);
  for (const int count : {2, 3}) {
    Threads threads(count);
    const Outcome several = train(12, Kernels::fast, &threads);
    EXPECT_EQ(several.losses, one.losses);
    EXPECT_TRUE(several.state == one.state);
    EXPECT_TRUE(train(12, Kernels::fast, &threads).state == one.state);
  }
  Threads threads(2);  // a bank of one network shares that network's own work
  EXPECT_TRUE(train(5, Kernels::fast, &threads, 11, 1).state == train(5, Kernels::fast, nullptr, 11, 1).state);
}

TEST(Training, FastKernelsFollowPlainOnesOverAnEpoch) {
  const Outcome fast = train(60, Kernels::fast, nullptr), plain = train(60, Kernels::plain, nullptr);
  double sum = 0, difference = 0;
  for (std::size_t i = 0; i < fast.losses.size(); ++i) {
    sum += plain.losses[i];
    difference += std::abs(fast.losses[i] - plain.losses[i]);
  }
  EXPECT_LT(difference, 1e-5 * std::abs(sum));
  EXPECT_LT(fast.losses.back(), fast.losses.front());
}

TEST(Training, BatchesOfOneWork) {
  const Outcome run = train(40, Kernels::fast, nullptr, 1);
  for (const double loss : run.losses) ASSERT_TRUE(std::isfinite(loss));
}

TEST(Training, BatchNormSurvivesInputsFarFromZero) {
  // Without an input norm and with a mean a thousand times the deviation, sums of squares alone would lose all digits.
  NetworkSpec spec;
  spec.input = {1, 1, 40};
  spec.input_norm = false;
  spec.blocks = {{.filters = 2, .kernel_width = 3}};
  spec.hidden = {};
  spec.outputs = 3;
  spec.dropout = 0;
  Random random(1);
  Random init(2), same_init(2);
  Network<float> net(spec, init);
  Network<double> reference(spec, same_init);
  std::vector<float> rows;
  for (int i = 0; i < 8 * 40; ++i) rows.push_back(static_cast<float>(1000 + random.normal()));
  const std::vector<double> exact_rows(rows.begin(), rows.end());
  Maps<float> input;
  Maps<double> exact;
  input.from_rows(rows, 8, spec.input);
  exact.from_rows(exact_rows, 8, spec.input);
  net.forward(input, Mode::train, nullptr);
  reference.forward(exact, Mode::train, nullptr);
  for (std::size_t i = 0; i < net.logits().size(); ++i)
    EXPECT_NEAR(static_cast<double>(net.logits()[i]), reference.logits()[i], 2e-3);
}

TEST(Training, SamplesDoNotDependOnTheirLaneOrGroupInEvaluation) {
  Random random(4);
  const auto spec = paper_selector();
  Network<float> net(spec, random);
  const Maps<float> all = random_maps<float>(random, 21, spec.input);
  net.forward(all, Mode::evaluate, nullptr);
  const std::vector<float> together(net.logits().begin(), net.logits().end());
  std::vector<float> rows;
  all.to_rows(rows);
  for (const std::uint32_t s : {0u, 7u, 8u, 20u}) {
    Maps<float> one;
    one.gather(rows, spec.input, std::vector<std::uint32_t>{s});
    net.forward(one, Mode::evaluate, nullptr);
    for (int o = 0; o < spec.outputs; ++o)
      EXPECT_EQ(net.logits()[static_cast<std::size_t>(o)], together[s * 6 + static_cast<std::size_t>(o)]);
  }
}

TEST(Network, SavesAndRestoresAllBits) {
  Random random(4);
  const auto spec = paper_selector();
  Network<float> net(spec, random), other(spec, random);
  const Maps<float> input = random_maps<float>(random, 8, spec.input);
  net.forward(input, Mode::train, &random);
  other.restore(net.save());
  EXPECT_TRUE(other.save() == net.save());
  net.forward(input, Mode::evaluate, nullptr);
  other.forward(input, Mode::evaluate, nullptr);
  EXPECT_TRUE(std::equal(net.logits().begin(), net.logits().end(), other.logits().begin()));
  auto bytes = net.save();
  bytes.pop_back();
  EXPECT_THROW(other.restore(bytes), Error);
}

TEST(Network, MovesWithoutLosingItsParameters) {
  Random random(4);
  Network<float> net(paper_selector(), random);
  const auto before = net.parameters();
  const Network<float> moved = std::move(net);
  EXPECT_EQ(before[0].name, "input_norm.weight");
  EXPECT_EQ(before[2].dims, (std::vector<int>{8, 3, 1, 15}));
  EXPECT_EQ(before[0].value[0], 1.0f);
}

TEST(Network, WrongInputsAreNamed) {
  Random random(4);
  Network<float> net(paper_classifier(), random);
  const auto message = [](auto f) {
    try {
      f();
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  Maps<float> input = random_maps<float>(random, 3, {3, 1, 150});
  EXPECT_NE(message([&] { net.forward(input, Mode::evaluate, nullptr); }).find("3 x 1 x 151"), std::string::npos);
  input = random_maps<float>(random, 3, {3, 1, 151});
  EXPECT_NE(message([&] { net.forward(input, Mode::evaluate, nullptr); }).find("block 2 is missing"), std::string::npos);
  Maps<float> one = random_maps<float>(random, 3, {8, 1, 68}), two = random_maps<float>(random, 2, {8, 1, 30});
  const std::vector<const Maps<float>*> extras{nullptr, &one, &two};
  EXPECT_NE(message([&] { net.forward(input, extras, Mode::evaluate, nullptr); }).find("2 samples, expected 3"), std::string::npos);
  Network<float> selector(paper_selector(), random);
  EXPECT_NE(message([&] { selector.forward(input, Mode::train, nullptr); }).find("dropout"), std::string::npos);
  const std::vector<float> logits(6);
  EXPECT_NE(message([&] { Network<float>(paper_selector(), random).backward(logits); }).find("forward"), std::string::npos);
}

TEST(Network, DropoutKeepsTheExpectedShareAndScale) {
  NetworkSpec spec;
  spec.input = {1, 1, 1000};
  spec.input_norm = false;
  spec.hidden = {};
  spec.outputs = 1;
  spec.dropout = 0.3f;
  Random random(4);
  Network<float> net(spec, random);
  for (auto& p : net.parameters()) std::fill(p.value.begin(), p.value.end(), p.name.ends_with("weight") ? 1.0f : 0.0f);
  Maps<float> ones;
  ones.from_rows(std::vector<float>(8 * 1000, 1.0f), 8, spec.input);
  net.forward(ones, Mode::train, &random);
  double sum = 0;
  for (const float v : net.logits()) {
    sum += static_cast<double>(v);
    const double kept = static_cast<double>(v) * 0.7;
    EXPECT_NEAR(kept, std::round(kept), 1e-2);
  }
  EXPECT_NEAR(sum / 8000, 1.0, 0.03);
}

TEST(Threads, RunEveryTaskOnce) {
  Threads threads(4);
  EXPECT_EQ(threads.count(), 4);
  for (int tasks = 0; tasks < 200; ++tasks) {
    std::vector<std::atomic<int>> seen(static_cast<std::size_t>(tasks));
    threads.run(tasks, [&](int i) { seen[static_cast<std::size_t>(i)].fetch_add(1); });
    for (const auto& s : seen) ASSERT_EQ(s.load(), 1);
  }
}

TEST(Optimizer, StateRestoresTheSameSteps) {
  Random random(4);
  const auto spec = paper_selector();
  Network<float> net(spec, random);
  for (float& g : net.gradients()) g = static_cast<float>(random.normal());
  AdamW<float> optimizer(net.parameters(), {});
  optimizer.step(0.01);
  const auto saved = optimizer.save();
  const auto values = net.save();
  optimizer.step(0.01);
  const auto expected = net.save();
  net.restore(values);
  AdamW<float> resumed(net.parameters(), {});
  resumed.restore(saved);
  resumed.step(0.01);
  EXPECT_TRUE(net.save() == expected);
  EXPECT_THROW(resumed.restore(std::span(saved).first(3)), Error);
}

}  // namespace
}  // namespace ditmos::nn
