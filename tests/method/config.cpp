#include "method/config.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"

namespace ditmos::method {
namespace {

std::string message_of(const std::string& toml) {
  Config config;
  try {
    apply_toml(config, toml, "my.toml");
  } catch (const Error& e) {
    return std::string(e.what()) + " | " + e.hint();
  }
  return "";
}

TEST(Config, TomlRoundTripKeepsEveryOption) {
  for (const std::string& name : preset_names()) {
    Config config = preset(name);
    config.data = "a \"folder\"\\with\nodd\tcharacters";
    config.selector.channels = {1, 2};
    config.selector.kernels = {3};
    config.recipe.gain = 0.1 + 0.2;
    config.recipe.weight_decay = 1e-7;
    config.seed = 9223372036854775807u;
    config.aggregation = false;
    config.splitting.kind = "random";
    Config again;
    apply_toml(again, to_toml(config), "x");
    EXPECT_TRUE(again == config) << to_toml(again);
    EXPECT_EQ(to_json(again), to_json(config));
  }
}

TEST(Config, NamesAreUniqueAndEveryOneCanBeSet) {
  const auto names = option_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  Config config;
  visit(config, [&](const std::string& name, auto& value, const std::string& help) {
    EXPECT_FALSE(help.empty()) << name;
    if (name == "task") return;  // its values are names: tests/method/tasks.cpp
    using T = std::remove_reference_t<decltype(value)>;
    T expected{};
    Config changed;
    if constexpr (std::is_same_v<T, std::vector<int>>)
      expected = {5, 6};
    else if constexpr (std::is_same_v<T, bool>)
      expected = !value;
    else if constexpr (std::is_same_v<T, std::string>)
      expected = "7";
    else
      expected = 7;
    std::string text = "7";
    if constexpr (std::is_same_v<T, std::vector<int>>) text = "5, 6";
    if constexpr (std::is_same_v<T, bool>) text = expected ? "true" : "false";
    set_option(changed, name, text);
    visit(changed, [&, option = name](const std::string& other, auto& now, const std::string&) {
      if constexpr (std::is_same_v<std::remove_reference_t<decltype(now)>, T>) {
        EXPECT_TRUE(other != option || now == expected) << option;
      }
    });
    EXPECT_FALSE(changed == Config{}) << name;
  });
}

TEST(Config, UnknownAndIllTypedKeysAreNamedWithTheirLine) {
  EXPECT_EQ(message_of("\n[classifiers]\ncuont = 4\n"),
            "my.toml: line 3: unknown option \"classifiers.cuont\" | did you mean \"classifiers.count\"?");
  EXPECT_NE(message_of("seed = \"x\"").find("line 1: seed must be a whole number"), std::string::npos);
  EXPECT_NE(message_of("[selector]\nchannels = [1, 2.5]").find("selector.channels must be a whole number"), std::string::npos);
  EXPECT_NE(message_of("dropout = [").find("my.toml: line 1"), std::string::npos);
  EXPECT_NE(message_of("preset = \"beast\"").find("did you mean \"best\""), std::string::npos);
  EXPECT_EQ(message_of("dropout = 1  # a whole number is a number"), "");
}

TEST(Config, PresetInAFileComesBeforeItsOtherKeys) {
  Config config;
  apply_toml(config, "seed = 3\npreset = \"best\"\n[recipe]\nbatch = 64\n", "x");
  EXPECT_EQ(config.seed, 3u);
  EXPECT_EQ(config.recipe.batch, 64);
  EXPECT_EQ(config.recipe.optimizer, "adamw");
}

TEST(Config, ValidationNamesOptionAndRange) {
  EXPECT_NO_THROW(validate(Config{}));
  EXPECT_NO_THROW(validate(preset("best")));
  EXPECT_NO_THROW(validate(preset("quick")));
  const std::pair<const char*, const char*> wrong[] = {
      {"classifiers.count", "1"},   {"recipe.batch", "0"},          {"recipe.optimizer", "adam"}, {"selector.channels", "8,0,4"},
      {"selector.kernels", "3,3"},  {"adversarial.overlap", "-1"}, {"dropout", "1"},             {"strong_training.learning_rate", "0"},
      {"test_share", "nan"},        {"splitting.kind", "kmean"},    {"seed", "18446744073709551615"}};
  for (const auto& [name, value] : wrong) {
    Config config;
    set_option(config, name, value);
    try {
      validate(config);
      ADD_FAILURE() << name;
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(name), std::string::npos) << e.what();
      EXPECT_FALSE(e.hint().empty());
    }
  }
}

TEST(Config, BadTextIsRefused) {
  Config config;
  EXPECT_THROW(set_option(config, "seed", "-1"), Error);
  EXPECT_THROW(set_option(config, "recipe.batch", "8x"), Error);
  EXPECT_THROW(set_option(config, "selector.channels", "8,,4"), Error);
  EXPECT_THROW(set_option(config, "classifiers.aggregation", "maybe"), Error);
  EXPECT_THROW(set_option(config, "classifier.count", "2"), Error);
}

}  // namespace
}  // namespace ditmos::method
