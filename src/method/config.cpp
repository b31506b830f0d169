#include "method/config.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"
#include "method/tasks.hpp"

namespace ditmos::method {
namespace {

[[noreturn]] void bad_value(const std::string& name, const std::string& value, const char* expected) {
  throw Error(fmt::format("option {}: \"{}\" is not {}", name, value, expected));
}

template <class T>
T parse_number(const std::string& name, const std::string& text, const char* expected) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) bad_value(name, text, expected);
  return value;
}

void parse(const std::string&, const std::string& text, std::string& value) { value = text; }
void parse(const std::string& name, const std::string& text, int& value) { value = parse_number<int>(name, text, "a whole number"); }
void parse(const std::string& name, const std::string& text, std::uint64_t& value) {
  value = parse_number<std::uint64_t>(name, text, "a whole number from 0");
}
void parse(const std::string& name, const std::string& text, double& value) {
  value = parse_number<double>(name, text, "a number");
}
void parse(const std::string& name, const std::string& text, bool& value) {
  if (text == "true" || text == "1" || text == "yes" || text == "on")
    value = true;
  else if (text == "false" || text == "0" || text == "no" || text == "off")
    value = false;
  else
    bad_value(name, text, "true or false");
}
void parse(const std::string& name, const std::string& text, std::vector<int>& value) {
  std::vector<int> list;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::string item = text.substr(at, comma - at);
    while (!item.empty() && item.front() == ' ') item.erase(item.begin());
    list.push_back(parse_number<int>(name, item, "a list of whole numbers, as 8,8,4"));
    at = comma + 1;
  }
  value = std::move(list);
}

void require(bool holds, const char* option, const std::string& value, const char* expected) {
  if (!holds) throw Error(fmt::format("option {}: {} is out of range", option, value), fmt::format("it must be {}", expected));
}

void require_one_of(const char* option, const std::string& value, std::initializer_list<const char*> allowed) {
  std::string list;
  for (const char* name : allowed) {
    if (value == name) return;
    list += list.empty() ? name : std::string(", ") + name;
  }
  throw Error(fmt::format("option {}: unknown value \"{}\"", option, value), "it must be one of " + list);
}

void validate_network(const NetworkConfig& n, const std::string& prefix) {
  constexpr int most_channels = 1024, most_kernel = 1025, most_blocks = 32;
  require(n.channels.size() <= most_blocks, (prefix + ".channels").c_str(), std::to_string(n.channels.size()) + " blocks", "at most 32 blocks");
  const auto check = [&](const std::vector<int>& list, const char* what, int most) {
    const std::string name = prefix + what;
    if (list.size() != 1 && list.size() != n.channels.size() && !(list.empty() && n.channels.empty()))
      throw Error(fmt::format("option {} has {} entries, {}.channels has {}", name, list.size(), prefix, n.channels.size()),
                  "give one entry a block, or a single one for all");
    for (const int v : list)
      require(v >= 1 && v <= most, name.c_str(), std::to_string(v), fmt::format("1 to {}", most).c_str());
  };
  check(n.channels, ".channels", most_channels);
  check(n.kernels, ".kernels", most_kernel);
  check(n.pools, ".pools", 64);
  if (!n.heights.empty()) check(n.heights, ".heights", most_kernel);
  require(n.stride >= 1 && n.stride <= 64, (prefix + ".stride").c_str(), std::to_string(n.stride), "1 to 64");
  for (const int v : n.hidden) require(v >= 1 && v <= 4096, (prefix + ".hidden").c_str(), std::to_string(v), "1 to 4096");
  require(n.padding >= 0 && n.padding <= 512, (prefix + ".padding").c_str(), std::to_string(n.padding), "0 to 512");
}

void validate_stage(const StageConfig& s, const std::string& prefix) {
  require(s.epochs >= 0 && s.epochs <= 1000000, (prefix + ".epochs").c_str(), std::to_string(s.epochs), "0 to 1000000");
  require(s.learning_rate > 0 && s.learning_rate <= 10, (prefix + ".learning_rate").c_str(), fmt::format("{}", s.learning_rate), "above 0, at most 10");
  require(s.decay > 0 && s.decay <= 1, (prefix + ".decay").c_str(), fmt::format("{}", s.decay), "above 0, at most 1");
  require(s.decay_every >= 1 && s.decay_every <= 1e9, (prefix + ".decay_every").c_str(), fmt::format("{}", s.decay_every), "at least 1");
}

/// The recipe of preset best: the same for every method compared (docs/METHODS.md).
void use_best_recipe(Config& c) {
  c.recipe.optimizer = "adamw";
  c.recipe.schedule = "one-cycle";
  c.recipe.batch = 32;
  c.recipe.weight_decay = 0.02;
  c.recipe.fresh_optimizer = false;
  c.recipe.label_smoothing = 0.1;
  c.recipe.gain = 0.1;
  c.recipe.shift = 8;
  c.classifiers = 4;
  c.strong_stage = {60, 3e-3, 1, 1};
  c.classifier_stage = {40, 3e-3, 1, 1};
  c.selector_stage = {20, 3e-3, 1, 1};
  c.adversarial.learning_rate = 1e-3;
  c.joint = {120, 3e-3, 1, 1};
}

}  // namespace

const std::vector<std::string>& preset_names() {
  static const std::vector<std::string> names = {"paper", "best", "quick"};
  return names;
}

Config preset(const std::string& name) {
  Config c;
  if (name == "best") {
    use_best_recipe(c);
  } else if (name == "quick") {
    use_best_recipe(c);
    c.strong_stage.epochs = 12;
    c.classifier_stage.epochs = 12;
    c.selector_stage.epochs = 8;
    c.adversarial.iterations = 6;
    c.adversarial.selector_epochs = c.adversarial.classifier_epochs = 3;
    c.joint.epochs = 40;
    c.search.candidates = 3;
    c.search.epochs = 8;
    c.splitting.n_init = 10;
  } else if (name != "paper") {
    throw Error("unknown preset \"" + name + "\"", name_hint(name, preset_names()));
  }
  c.preset = name;
  return c;
}

std::vector<std::string> option_names() {
  std::vector<std::string> names;
  const Config config;
  visit(config, [&](const std::string& name, const auto&, const std::string&) { names.push_back(name); });
  return names;
}

void set_option(Config& config, const std::string& name, const std::string& value) {
  if (name == "task") return use_task(config, value);
  bool found = false;
  visit(config, [&](const std::string& option, auto& target, const std::string&) {
    if (option != name) return;
    found = true;
    parse(name, value, target);
  });
  if (found) return;
  throw Error("unknown option \"" + name + "\"", name_hint(name, option_names(), "--print-config lists every option"));
}

void validate(const Config& c) {
  const auto number = [](auto v) { return fmt::format("{}", v); };
  validate_network(c.selector, "selector");
  validate_network(c.classifier, "classifiers");
  validate_network(c.strong, "strong");
  validate_network(c.single, "single");
  validate_network(c.ds_cnn, "ds_cnn");
  validate_network(c.dense, "dense");
  validate_stage(c.strong_stage, "strong_training");
  validate_stage(c.classifier_stage, "classifier_training");
  validate_stage(c.selector_stage, "selector_training");
  validate_stage(c.joint, "joint_training");
  require(c.classifiers >= 2 && c.classifiers <= 64, "classifiers.count", number(c.classifiers), "2 to 64");
  require(c.members >= 1 && c.members <= 64, "ensemble.members", number(c.members), "1 to 64");
  require(c.teachers >= 1 && c.teachers <= 64, "strong.members", number(c.teachers), "1 to 64");
  require(c.mixture.sharpness >= 0 && c.mixture.sharpness <= 100, "mixture.sharpness", number(c.mixture.sharpness), "0 to 100");
  require_one_of("checkpoint", c.checkpoint, {"validation", "last", "refit"});
  if (c.checkpoint == "refit" && c.protocol == "paper")
    throw Error("checkpoint refit trains on the validation part, which is the test part under protocol paper", "give --protocol window-random, or --checkpoint validation");
  require(c.dropout >= 0 && c.dropout < 1, "dropout", number(c.dropout), "from 0, below 1");
  require(c.test_share > 0 && c.test_share < 1, "test_share", number(c.test_share), "between 0 and 1");
  require(c.validation_share > 0 && c.validation_share < 1, "validation_share", number(c.validation_share), "between 0 and 1");
  require(c.window_seconds >= 0 && c.window_seconds <= 1e6, "window_seconds", number(c.window_seconds), "0 to 1000000");
  require(c.hop_seconds >= 0 && c.hop_seconds <= 1e6, "hop_seconds", number(c.hop_seconds), "0 to 1000000");
  require(c.length >= 0 && c.length <= 1000000, "length", number(c.length), "0 to 1000000");
  require(c.seed <= 9223372036854775807u, "seed", number(c.seed), "0 to 9223372036854775807");
  require(c.threads >= 0 && c.threads <= 1024, "threads", number(c.threads), "0 to 1024");
  require(c.splitting.n_init >= 1 && c.splitting.n_init <= 100000, "splitting.n_init", number(c.splitting.n_init), "1 to 100000");
  require(c.splitting.iterations >= 1, "splitting.iterations", number(c.splitting.iterations), "at least 1");
  require_one_of("splitting.kind", c.splitting.kind, {"kmeans", "random", "class"});
  const auto& a = c.adversarial;
  require(a.iterations >= 0 && a.iterations <= 100000, "adversarial.iterations", number(a.iterations), "0 to 100000");
  require(a.selector_epochs >= 0 && a.selector_epochs <= 10000, "adversarial.selector_epochs", number(a.selector_epochs), "0 to 10000");
  require(a.classifier_epochs >= 0 && a.classifier_epochs <= 10000, "adversarial.classifier_epochs", number(a.classifier_epochs), "0 to 10000");
  validate_stage({1, a.learning_rate, a.decay, a.decay_every}, "adversarial");
  for (const auto& [name, weight] : {std::pair{"adversarial.routed", a.routed}, {"adversarial.single", a.single},
                                     {"adversarial.union", a.union_}, {"adversarial.overlap", a.overlap},
                                     {"mixture.balance", c.mixture.balance}, {"mixture.own", c.mixture.own}, {"mixture.own_last", c.mixture.own_last}})
    require(weight >= 0 && weight <= 1000, name, number(weight), "0 to 1000");
  require_one_of("adversarial.labels", a.labels, {"confident", "hard"});
  require_one_of("adversarial.masks", a.masks, {"evaluate", "train"});
  require(c.search.candidates >= 1 && c.search.candidates <= 1000, "search.candidates", number(c.search.candidates), "1 to 1000");
  require(c.search.epochs >= 1 && c.search.epochs <= 100000, "search.epochs", number(c.search.epochs), "1 to 100000");
  for (const auto& [name, budget] : {std::pair{"search.macs", c.search.macs}, {"search.parameters", c.search.parameters}, {"search.ram", c.search.ram}})
    require(budget >= 0 && budget <= 1e15, name, number(budget), "0 or more");
  const auto& r = c.recipe;
  require_one_of("recipe.optimizer", r.optimizer, {"sgd", "adamw"});
  require_one_of("recipe.schedule", r.schedule, {"step", "one-cycle"});
  require_one_of("recipe.distillation_form", r.distillation_form, {"soft", "decoupled"});
  require(r.batch >= 2 && r.batch <= 4096, "recipe.batch", number(r.batch), "2 to 4096");
  require(r.momentum >= 0 && r.momentum < 1, "recipe.momentum", number(r.momentum), "from 0, below 1");
  require(r.weight_decay >= 0 && r.weight_decay <= 1, "recipe.weight_decay", number(r.weight_decay), "0 to 1");
  require(r.label_smoothing >= 0 && r.label_smoothing < 1, "recipe.label_smoothing", number(r.label_smoothing), "from 0, below 1");
  require(r.gain >= 0 && r.gain <= 1, "recipe.gain", number(r.gain), "0 to 1");
  require(r.noise >= 0 && r.noise <= 10, "recipe.noise", number(r.noise), "0 to 10");
  require(r.warp >= 0 && r.warp <= 0.5, "recipe.warp", number(r.warp), "0 to 0.5");
  require(r.rotation >= 0 && r.rotation <= 180, "recipe.rotation", number(r.rotation), "0 to 180");
  require(r.mask >= 0 && r.mask <= 0.9, "recipe.mask", number(r.mask), "0 to 0.9");
  require(r.mixup >= 0 && r.mixup <= 1, "recipe.mixup", number(r.mixup), "0 to 1");
  require(r.shift >= 0 && r.shift <= 100000, "recipe.shift", number(r.shift), "0 to 100000");
  require(r.distillation >= 0 && r.distillation <= 1, "recipe.distillation", number(r.distillation), "0 to 1");
  require(r.temperature > 0 && r.temperature <= 100, "recipe.temperature", number(r.temperature), "above 0, at most 100");
}

}  // namespace ditmos::method
