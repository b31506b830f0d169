#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "core/error.hpp"
#include "method/export.hpp"
#include "method/method.hpp"
#include "method/methods/dense.hpp"
#include "method/splitting.hpp"
#include "tiny.hpp"

namespace ditmos::method {
namespace {

data::Split thirds(const data::Dataset& d) {
  data::Split s;
  s.protocol = "window-random";
  for (std::uint32_t i = 0; i < d.size(); ++i) (i % 5 == 4 ? s.test : i % 5 == 3 ? s.validation : s.train).push_back(i);
  return s;
}

void train_all(Method& method, std::uint64_t seed) {
  for (std::size_t s = 0; s < method.stages().size(); ++s)
    for (int e = 0; e < method.stages()[s].epochs; ++e) {
      Random random = Random(seed).fork(s).fork(static_cast<std::uint64_t>(e));
      EXPECT_TRUE(std::isfinite(method.stages()[s].train(e, random)));
      EXPECT_GT(method.stages()[s].rate(e), 0);
    }
}

class EveryMethod : public testing::TestWithParam<std::string> {};

TEST_P(EveryMethod, SameBitsForOneAndTwoThreadsAndAnotherSeedDiffers) {
  const data::Dataset d = tiny_waves(90);
  const data::Split split = thirds(d);
  std::vector<std::vector<std::byte>> results;
  for (const auto& [threads, seed] : {std::pair{1, 5}, {2, 5}, {2, 6}}) {
    nn::Threads pool(threads);
    Config config = tiny_config(GetParam());
    config.seed = static_cast<std::uint64_t>(seed);
    const auto method = find_method(GetParam()).make({config, d, split, pool});
    train_all(*method, config.seed);
    results.push_back(method->committee().save());
  }
  EXPECT_TRUE(results[0] == results[1]);
  EXPECT_FALSE(results[0] == results[2]);
}

TEST_P(EveryMethod, StateSavedMidWayContinuesToTheSameBits) {
  const data::Dataset d = tiny_waves(90);
  const data::Split split = thirds(d);
  nn::Threads pool(2);
  for (const char* optimizer : {"sgd", "adamw"}) {
    Config config = tiny_config(GetParam());
    config.recipe.optimizer = optimizer;
    config.recipe.fresh_optimizer = false;
    config.recipe.gain = 0.1;
    config.recipe.shift = 2;
    config.recipe.noise = 0.01;
    const method::Setup setup{config, d, split, pool};
    const auto whole = find_method(GetParam()).make(setup);
    std::vector<std::pair<std::size_t, int>> plan;
    for (std::size_t s = 0; s < whole->stages().size(); ++s)
      for (int e = 0; e < whole->stages()[s].epochs; ++e) plan.emplace_back(s, e);
    const auto train = [&](Method& m, std::size_t at) {
      Random random = Random(1).fork(at);
      m.stages()[plan[at].first].train(plan[at].second, random);
    };
    std::vector<Archive> states;
    for (std::size_t at = 0; at < plan.size(); ++at) {
      Archive archive;
      whole->save(archive);
      archive.put("committee", whole->committee().save());
      states.push_back(std::move(archive));
      train(*whole, at);
    }
    for (std::size_t from = 0; from < plan.size(); from += 2) {
      const auto again = find_method(GetParam()).make(setup);
      again->restore(states[from]);
      again->committee().restore(states[from].get("committee"));
      for (std::size_t at = from; at < plan.size(); ++at) train(*again, at);
      EXPECT_TRUE(again->committee().save() == whole->committee().save()) << GetParam() << " " << optimizer << " from epoch " << from;
    }
  }
}

TEST_P(EveryMethod, DistillationChangesAndTrains) {
  if (GetParam() == "strong") GTEST_SKIP() << "the strong model has no teacher";
  const data::Dataset d = tiny_waves(60);
  const data::Split split = thirds(d);
  nn::Threads pool(1);
  Config config = tiny_config(GetParam());
  config.recipe.distillation = 0.5;
  config.recipe.gain = 0.1;
  config.teachers = 2;
  nn::Threads two(2);
  const auto method = find_method(GetParam()).make({config, d, split, pool}), other = find_method(GetParam()).make({config, d, split, two});
  EXPECT_EQ(method->stages()[0].name, "strong model");
  train_all(*method, 1);
  train_all(*other, 1);
  EXPECT_TRUE(method->committee().save() == other->committee().save()) << "threads change nothing, a teacher or not";
}

TEST(Teacher, SeveralAnswerWithTheMeanOfTheirProbabilities) {
  const data::Dataset d = tiny_waves(12);
  const nn::NetworkSpec spec = make_spec(tiny_config().strong, "strong", input_shape(d), 3, 0);
  Random init(4);
  Teacher two(spec, 2, init);
  nn::Maps<float> input;
  const std::vector<std::uint32_t> rows = {0, 5, 11};
  input.gather(d.x, input_shape(d), rows);
  const auto said = two.answer(input);
  ASSERT_EQ(said.size(), 9u);
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<double> a(3), b(3);
    softmax(two.member(0).logits().subspan(3 * i, 3), a);
    softmax(two.member(1).logits().subspan(3 * i, 3), b);
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(std::exp(static_cast<double>(said[3 * i + c])), (a[c] + b[c]) / 2, 1e-6);
  }
  Teacher same = two.copy();
  const std::vector<float> first(said.begin(), said.end());
  const auto again = same.answer(input);
  EXPECT_EQ(first, std::vector<float>(again.begin(), again.end()));
  Random other(4);
  Teacher one(spec, 1, other);
  const auto alone = one.answer(input);
  EXPECT_EQ(std::vector<float>(alone.begin(), alone.end()), std::vector<float>(one.member(0).logits().begin(), one.member(0).logits().end()));
}

std::vector<std::string> trained_methods() {
  std::vector<std::string> names;
  for (const auto& entry : method_entries())
    if (entry.make) names.push_back(entry.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Registry, EveryMethod, testing::ValuesIn(trained_methods()), [](const auto& instance) {
  std::string name = instance.param;
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
});

TEST(Methods, LearnTheWaves) {
  const data::Dataset d = tiny_waves(300);
  const data::Split split = thirds(d);
  nn::Threads pool(2);
  for (const std::string name : {"single", "mixture"}) {
    Config config = tiny_config(name);
    config.joint = {40, 0.02, 1, 1};
    const auto method = find_method(name).make({config, d, split, pool});
    train_all(*method, 1);
    Loader loader(d, config.recipe, split.train);
    std::vector<std::int32_t> labels;
    loader.labels(split.test, labels);
    EXPECT_GT(measure(method->committee().predict(loader, split.test, true), labels).accuracy, 0.8) << name;
  }
}

TEST(Methods, UnknownNameIsRefusedWithTheNearest) {
  try {
    find_method("mixtur");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.hint(), "did you mean \"mixture\"?");
  }
}

TEST(Splitting, EveryKindMakesAPartition) {
  const data::Dataset d = tiny_waves(90);
  const data::Split split = thirds(d);
  nn::Threads pool(1);
  for (const std::string kind : {"kmeans", "random", "class"}) {
    Config config = tiny_config();
    config.splitting.kind = kind;
    const method::Setup setup{config, d, split, pool};
    Random init(1);
    StrongModel strong(setup, init);
    const auto subsets = split_training_set(setup, &strong, Random(3));
    ASSERT_EQ(subsets.size(), 3u);
    std::vector<std::uint32_t> all;
    for (const auto& s : subsets) {
      EXPECT_FALSE(s.empty()) << kind;
      all.insert(all.end(), s.begin(), s.end());
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, split.train) << kind;
    if (kind == "class")
      for (const auto& s : subsets) {
        std::set<std::int32_t> labels;
        for (const auto row : s) labels.insert(d.y[row]);
        EXPECT_EQ(labels.size(), 1u);
      }
  }
}

TEST(Specs, PaperNetworksCostWhatThePaperSays) {
  const Config config;
  const nn::Shape input{3, 1, 151};
  const auto selector = selector_spec(config, input), classifier = classifier_spec(config, input, 17);
  EXPECT_EQ(selector.parameters(), 4898);
  EXPECT_EQ(selector.macs(), 91752);
  EXPECT_EQ(classifier.parameters(), 6349);
  EXPECT_EQ(classifier.macs(), 131176);
  EXPECT_EQ(make_spec(config.strong, "strong", input, 17, 0.2).features(), 176);
  const Cost cost = cost_of(selector, classifier, 6);
  EXPECT_EQ(cost.parameters, 42992);
  EXPECT_EQ(cost.macs, 222928);
  EXPECT_EQ(cost.ram * 4, 7124);
  const Cost dense = cost_of(make_spec(config.dense, "dense", input, 17, 0.2));
  EXPECT_EQ(dense.parameters, 10789);
  EXPECT_EQ(dense.macs, 222544);
}

TEST(Specs, WhatDoesNotFitIsNamed) {
  Config config;
  try {
    selector_spec(config, {12, 1, 20});
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("the selector does not fit windows of 12 x 1 x 20"), std::string::npos) << e.what();
    EXPECT_NE(e.hint().find("--selector.kernels"), std::string::npos);
  }
  config.classifier.kernels = {13, 9, 5};
  EXPECT_THROW(classifier_spec(config, {3, 1, 151}, 17), Error);
  config.aggregation = false;
  EXPECT_NO_THROW(classifier_spec(config, {3, 1, 151}, 17));
}

TEST(Specs, DefaultNetworksGetShorterKernelsForShortWindows) {
  Config config;
  EXPECT_TRUE(shorten_default_networks(config, {3, 1, 151}).empty());
  EXPECT_EQ(config, Config{});
  const auto changes = shorten_default_networks(config, {3, 1, 64});
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_NE(changes[0].find("strong"), std::string::npos) << changes[0];
  EXPECT_NO_THROW(make_spec(config.strong, "strong", {3, 1, 64}, 5, 0));
  EXPECT_LT(config.strong.kernels[0], Config{}.strong.kernels[0]);
  EXPECT_TRUE(shorten_default_networks(config, {3, 1, 64}).empty());  // once is enough: a resumed run has the same networks

  Config chosen;
  chosen.selector.kernels = chosen.classifier.kernels = {21, 21, 21};
  shorten_default_networks(chosen, {3, 1, 30});
  EXPECT_EQ(chosen.selector.kernels, std::vector<int>({21, 21, 21}));
}

TEST(Specs, SelectorAndClassifiersShortenAlike) {
  for (int width = 16; width < 80; ++width) {
    Config config;
    shorten_default_networks(config, {6, 1, width});
    EXPECT_EQ(config.selector, config.classifier);
    EXPECT_NO_THROW(classifier_spec(config, {6, 1, width}, 4)) << width;
    EXPECT_NO_THROW(make_spec(config.strong, "strong", {6, 1, width}, 4, 0)) << width;
  }
}

TEST(Dense, CandidatesFillTheirBudgetAndStayWithinIt) {
  const data::Dataset d = tiny_waves(30, 5, 151);
  const data::Split split = thirds(d);
  nn::Threads pool(1);
  Config config;
  config.search.candidates = 7;
  const method::Setup setup{config, d, split, pool};
  const Cost limits{0, 200000, 0};
  const auto candidates = dense_candidates(setup, limits);
  EXPECT_GE(candidates.size(), 5u);
  for (const auto& network : candidates) {
    const Cost cost = cost_of(make_spec(network, "dense", setup.shape(), 5, 0.2));
    EXPECT_LE(cost.macs, limits.macs);
    EXPECT_GT(cost.macs, limits.macs * 95 / 100);
  }
  EXPECT_TRUE(dense_candidates(setup, {0, 10, 0}).empty());
}

TEST(Export, BundleHasTheAgreedInputsAndOutputs) {
  const data::Dataset d = tiny_waves(30);
  const data::Split split = thirds(d);
  nn::Threads pool(1);
  const method::Setup setup{tiny_config(), d, split, pool};
  const auto method = find_method("ditmos").make(setup);
  const model::Bundle bundle = to_bundle(method->committee(), setup);
  ASSERT_EQ(bundle.networks.size(), 4u);
  const auto names = [](const std::vector<model::ValueInfo>& values) {
    std::vector<std::string> out;
    for (const auto& v : values) out.push_back(v.name);
    return out;
  };
  EXPECT_EQ(names(bundle.networks[0].inputs), (std::vector<std::string>{"window"}));
  EXPECT_EQ(names(bundle.networks[0].outputs), (std::vector<std::string>{"logits", "map1"}));
  EXPECT_EQ(names(bundle.networks[1].inputs), (std::vector<std::string>{"window", "map1"}));
  EXPECT_EQ(names(bundle.networks[1].outputs), (std::vector<std::string>{"logits"}));
}

}  // namespace
}  // namespace ditmos::method
