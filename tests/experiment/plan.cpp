#include "core/source_dir.hpp"
#include "experiment/plan.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "core/error.hpp"

namespace ditmos::experiment {
namespace {

const char* small = R"(
name = "small"
preset = "quick"
compare = "b"
datasets = ["synthetic", "dsads"]
protocols = ["window-random", "group"]
seeds = [1, 2]
methods = ["single"]
[set]
"joint_training.epochs" = 3
"selector.channels" = [4, 3, 2]
[set_for.dsads]
"joint_training.epochs" = 5
[[variant]]
name = "b"
method = "mixture"
set = { "classifiers.count" = 2, "classifiers.aggregation" = false }
)";

std::string message_of(const std::string& text) {
  try {
    parse_experiment(text, "e.toml");
  } catch (const Error& e) {
    return std::string(e.what()) + " | " + e.hint();
  }
  return "";
}

TEST(Experiment, ExpandsToEveryCombination) {
  const auto runs = expand(parse_experiment(small, "e.toml"), {{"recipe.batch", "16"}});
  ASSERT_EQ(runs.size(), 2u * 2 * 2 * 2);
  std::set<std::string> folders;
  for (const auto& run : runs) {
    folders.insert(run.folder);
    EXPECT_EQ(run.config.joint.epochs, run.dataset == "dsads" ? 5 : 3);
    EXPECT_EQ(run.config.selector.channels, (std::vector<int>{4, 3, 2}));
    EXPECT_EQ(run.config.recipe.batch, 16);
    EXPECT_EQ(run.config.recipe.optimizer, "adamw");
    EXPECT_EQ(run.config.classifiers, run.variant == "b" ? 2 : 4);
    EXPECT_EQ(run.config.method, run.variant == "b" ? "mixture" : "single");
  }
  EXPECT_EQ(folders.size(), runs.size());
  EXPECT_EQ(runs[0].folder, "synthetic/window-random/single/seed-1");
  EXPECT_EQ(runs.back().folder, "dsads/group/b/seed-2");
}

TEST(Experiment, SeedsOfLeaveOneGroupOutAreItsFolds) {
  Experiment x = parse_experiment(small, "e.toml");
  x.protocols = {"leave-one-group-out", "group"};
  x.seeds = {1, 2, 3};
  for (const auto& run : expand(x, {})) EXPECT_EQ(run.config.held_out, run.config.protocol == "group" ? 0 : static_cast<int>(run.config.seed) - 1);
  for (const auto& run : expand(x, {{"held_out", "5"}})) EXPECT_EQ(run.config.held_out, 5);
}

TEST(Experiment, AVariantOfSeveralMethodsIsOneOfEach) {
  const Experiment x = parse_experiment(std::string(small) + "[[variant]]\nname = \"wide\"\nmethods = [\"moe\", \"ensemble\"]\nset = { \"recipe.batch\" = 8 }\n", "e.toml");
  ASSERT_EQ(x.variants.size(), 4u);
  EXPECT_EQ(x.variants[2].name, "moe wide");
  EXPECT_EQ(x.variants[3].name, "ensemble wide");
  EXPECT_EQ(x.variants[3].method, "ensemble");
  EXPECT_EQ(x.variants[3].set, (Settings{{"recipe.batch", "8"}}));
  EXPECT_NE(message_of(std::string(small) + "methods = [\"moe\"]\n").find("both \"method\" and \"methods\""), std::string::npos);
}

TEST(Experiment, MistakesAreNamed) {
  const std::string good = small;
  EXPECT_EQ(message_of(good), "");
  EXPECT_NE(message_of(good + "\nnmae = 1\n").find("variant.nmae"), std::string::npos);
  EXPECT_NE(message_of("dataset = []\n" + good).find("line 1: unknown key \"dataset\" | did you mean \"datasets\"?"), std::string::npos);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return message_of(text);
  };
  EXPECT_NE(changed("\"mixture\"", "\"mixtur\"").find("did you mean \"mixture\""), std::string::npos);
  EXPECT_NE(changed("\"synthetic\"", "\"syntetic\"").find("did you mean \"synthetic\""), std::string::npos);
  EXPECT_NE(changed("\"group\"", "\"grop\"").find("did you mean \"group\""), std::string::npos);
  EXPECT_NE(changed("classifiers.count", "classifiers.cuont").find("did you mean \"classifiers.count\""), std::string::npos);
  EXPECT_NE(changed("seeds = [1, 2]", "seeds = []").find("\"seeds\" is missing or empty"), std::string::npos);
  EXPECT_NE(changed("seeds = [1, 2]", "seeds = [1.5]").find("seeds must be a list of whole numbers"), std::string::npos);
  EXPECT_NE(changed("compare = \"b\"", "compare = \"c\"").find("names no variant"), std::string::npos);
  EXPECT_NE(changed("name = \"b\"", "name = \"single\"").find("two variants"), std::string::npos);
  EXPECT_NE(changed("\"quick\"", "\"quack\"").find("did you mean \"quick\""), std::string::npos);
  EXPECT_NE(message_of("name = ").find("e.toml: line 1"), std::string::npos);
}

TEST(Experiment, ThoseOfTheProjectAreSound) {
  const std::filesystem::path folder = std::filesystem::path(DITMOS_SOURCE_DIR) / "experiments";
  const auto names = experiment_names(folder);
  for (const char* wanted : {"ablation", "classifiers", "frontier", "motivation", "overall", "size"})
    EXPECT_TRUE(std::find(names.begin(), names.end(), wanted) != names.end()) << wanted;
  for (const auto& name : names) {
    const Experiment x = find_experiment(name, folder);
    EXPECT_EQ(x.name, name);
    EXPECT_FALSE(expand(x).empty());
  }
  try {
    find_experiment("overal", folder);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.hint(), "did you mean \"overall\"?");
  }
}

}  // namespace
}  // namespace ditmos::experiment
