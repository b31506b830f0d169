#include "method/tasks.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "method/method.hpp"
#include "method/methods/dense.hpp"
#include "tiny.hpp"

namespace ditmos::method {
namespace {

/// Windows of the data that a task is for.
std::vector<nn::Shape> shapes_of(const std::string& task) {
  if (task == "motion-short") return {{3, 1, 51}, {10, 1, 49}};
  if (task.starts_with("motion")) return {{3, 1, 151}, {6, 1, 125}, {9, 1, 128}, {3, 1, 315}};
  if (task.starts_with("sound")) return {{10, 1, 49}, {40, 1, 49}, {1, 10, 49}};
  if (task.starts_with("eeg")) return {{1, 1, 512}, {32, 1, 256}};
  return {{1, 28, 28}, {3, 32, 32}};
}

TEST(Tasks, NetworksFitTheWindowsTheyAreFor) {
  for (const Task& task : tasks())
    for (const nn::Shape& input : shapes_of(task.name)) {
      if (task.name.starts_with("sound") && input.height > 1) continue;  // only the DS-CNN takes sound as an image, below
      Config config = preset("best");
      use_task(config, task.name);
      validate(config);
      EXPECT_NO_THROW(selector_spec(config, input).block_shapes()) << task.name;
      EXPECT_NO_THROW(classifier_spec(config, input, 5).block_shapes()) << task.name;
      for (const auto& [prefix, network] : {std::pair{"strong", config.strong}, {"single", config.single}, {"dense", config.dense}, {"ds_cnn", config.ds_cnn}})
        EXPECT_NO_THROW(make_spec(network, prefix, input, 5, 0.2)) << task.name << " " << prefix << " " << input.width;
    }
}

TEST(Tasks, TakeTheirPlaceInTheOrderOfOptions) {
  Config config;
  apply_toml(config, "task = \"sound-small\"\npreset = \"best\"\n[classifiers]\ncount = 5\n", "t.toml");
  EXPECT_EQ(config.preset, "best");
  EXPECT_EQ(config.classifiers, 5);  // beside the task: it stays
  EXPECT_EQ(config.classifier.channels, (std::vector<int>{24, 32, 32}));
  Config again;
  apply_toml(again, to_toml(config), "again.toml");
  EXPECT_TRUE(again == config);
  set_option(config, "task", "image-small");
  EXPECT_EQ(config.recipe.shift, 2);
  EXPECT_EQ(config.classifier.pools, (std::vector<int>{2, 2, 1}));
  Config paper;
  use_task(paper, "image");
  EXPECT_EQ(paper.recipe.shift, 0);  // a recipe without shifts stays without
  try {
    set_option(config, "task", "sound-smal");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.hint(), "did you mean \"sound-small\"?");
  }
}

TEST(DsCnn, IsDepthwiseSeparableAsPublished) {
  // DS-CNN-S on 10 coefficients x 49 frames: a convolution of 10 x 4, stride 2, four depthwise separable blocks of 64, average pool.
  const nn::NetworkSpec spec = make_spec(Config{}.ds_cnn, "ds_cnn", {1, 10, 49}, 12, 0.2);
  ASSERT_EQ(spec.blocks.size(), 9u);
  EXPECT_EQ(spec.blocks[0].kernel_height, 4);
  EXPECT_EQ(spec.blocks[0].kernel_width, 10);
  EXPECT_EQ(spec.blocks[0].stride, 2);
  for (std::size_t b = 1; b < 9; b += 2) {
    EXPECT_TRUE(spec.blocks[b].depthwise);
    EXPECT_EQ(spec.blocks[b].kernel_width, 3);
    EXPECT_FALSE(spec.blocks[b + 1].depthwise);
    EXPECT_EQ(spec.blocks[b + 1].kernel_width * spec.blocks[b + 1].kernel_height, 1);
  }
  EXPECT_EQ(spec.features(), 64);
  EXPECT_EQ(spec.parameters(), 64 * 41 + 4 * (64 * 10 + 64 * 65) + 12 * 65);
  const auto shapes = spec.block_shapes();
  EXPECT_EQ(shapes.front(), (nn::Shape{64, 5, 21}));
  EXPECT_EQ(shapes.back(), shapes.front());
}

TEST(DsCnn, IsAsWideAsTheBudgetAllows) {
  const data::Dataset d = tiny_waves(60);
  data::Split split;
  for (std::uint32_t i = 0; i < d.size(); ++i) (i % 3 == 2 ? split.test : i % 3 == 1 ? split.validation : split.train).push_back(i);
  nn::Threads threads(1);
  Config config = tiny_config("ds-cnn");
  const auto cost = [&] { return make_ds_cnn({config, d, split, threads})->committee().cost(); };
  const Cost as_configured = cost();
  config.search.macs = 4.0 * static_cast<double>(as_configured.macs);
  const Cost wider = cost();
  EXPECT_GT(wider.macs, 2 * as_configured.macs);
  EXPECT_LE(wider.macs, 4 * as_configured.macs);
  config.search.ram = static_cast<double>(as_configured.ram);
  EXPECT_EQ(cost().ram, as_configured.ram);
  config.search.ram = 3;
  EXPECT_THROW(cost(), Error);
}

TEST(DsCnn, SeparableClassifiersReadTheSelectorsMapsInTheirPointwiseBlocks) {
  Config config;
  for (NetworkConfig* network : {&config.selector, &config.classifier}) {
    *network = {{8, 12}, {5, 3}, {2}, 1, {16}};
    network->separable = true;
  }
  const nn::NetworkSpec spec = classifier_spec(config, {3, 1, 60}, 4);
  ASSERT_EQ(spec.blocks.size(), 3u);
  EXPECT_EQ(spec.blocks[1].extra_channels, 0);
  EXPECT_EQ(spec.blocks[2].extra_channels, 8);
}

}  // namespace
}  // namespace ditmos::method
