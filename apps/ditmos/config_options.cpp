#include "config_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <type_traits>

#include "core/file.hpp"

namespace ditmos::cli {
namespace {

template <class T>
std::string shown(const T& value) {
  if constexpr (std::is_same_v<T, std::vector<int>>) {
    std::string out;
    for (const int v : value) out += (out.empty() ? "" : ",") + std::to_string(v);
    return out;
  } else {
    return fmt::format("{}", value);
  }
}

std::string group_of(const std::string& name) {
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? "Run" : name.substr(0, dot);
}

}  // namespace

ConfigOptions::ConfigOptions(CLI::App& verb) {
  verb.add_option("--config", file_, "TOML file with any of the options below; --print-config writes a complete one")->type_name("FILE");
  const method::Config defaults;
  method::visit(defaults, [&](const std::string& name, const auto& value, const std::string& help) {
    std::string hyphens = name;  // as the other verbs spell their options
    std::replace(hyphens.begin(), hyphens.end(), '_', '-');
    const std::string names = "--" + name + (hyphens == name ? "" : ",--" + hyphens);
    CLI::Option* option = verb.add_option(names, values_[name], help)->group(group_of(name))->type_name("");
    const std::string text = shown(value);
    if (!text.empty()) option->default_str(text);
    options_.emplace_back(name, option);
  });
}

method::Config ConfigOptions::apply(method::Config config) const {
  for (const auto& [name, option] : options_)
    if (option->count() > 0 && name != "preset") method::set_option(config, name, values_.at(name));
  // A folder alone is the user's own data, recognised by its files.
  const auto given = [&](const std::string& wanted) {
    for (const auto& [name, option] : options_)
      if (name == wanted) return option->count() > 0;
    return false;
  };
  if (given("data") && !given("dataset") && file_.empty()) config.dataset.clear();
  return config;
}

method::Config ConfigOptions::build() const {
  method::Config config;
  const std::string& name = values_.at("preset");
  if (!name.empty()) config = method::preset(name);
  if (!file_.empty()) method::apply_toml(config, read_file_limited(file_, std::size_t{1} << 20), file_);
  return apply(config);
}

bool ConfigOptions::any() const {
  if (!file_.empty()) return true;
  for (const auto& [name, option] : options_)
    if (option->count() > 0 && name != "threads" && name != "data") return true;
  return false;
}

std::string command_line(const CLI::App& verb) {
  std::string out = "ditmos " + verb.get_name();
  for (const CLI::Option* option : verb.get_options()) {
    if (option->count() == 0) continue;
    out += " " + option->get_name();
    if (option->get_expected_max() == 0) continue;
    for (const std::string& value : option->results()) out += value.find(' ') == std::string::npos ? " " + value : " \"" + value + "\"";
  }
  return out;
}

}  // namespace ditmos::cli
