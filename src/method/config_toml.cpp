#include <fmt/format.h>

#include <map>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"
#include "core/toml_parser.hpp"
#include "method/config.hpp"
#include "method/tasks.hpp"

namespace ditmos::method {
namespace {

[[noreturn]] void wrong_type(const std::string& origin, const std::string& name, const toml::node& node, const char* expected) {
  throw Error(fmt::format("{}: line {}: {} must be {}", origin, node.source().begin.line, name, expected));
}

void flatten(const toml::table& table, const std::string& prefix, std::map<std::string, const toml::node*>& out) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
    if (const toml::table* inner = node.as_table())
      flatten(*inner, name, out);
    else
      out[name] = &node;
  }
}

int whole(const std::string& origin, const std::string& name, const toml::node& node) {
  const auto v = node.value_exact<std::int64_t>();
  if (!v || *v < -2147483648LL || *v > 2147483647LL) wrong_type(origin, name, node, "a whole number");
  return static_cast<int>(*v);
}

void read(const std::string& origin, const std::string& name, const toml::node& node, std::string& value) {
  const auto v = node.value_exact<std::string>();
  if (!v) wrong_type(origin, name, node, "a text in quotes");
  value = *v;
}
void read(const std::string& origin, const std::string& name, const toml::node& node, int& value) {
  value = whole(origin, name, node);
}
void read(const std::string& origin, const std::string& name, const toml::node& node, std::uint64_t& value) {
  const auto v = node.value_exact<std::int64_t>();
  if (!v || *v < 0) wrong_type(origin, name, node, "a whole number from 0");
  value = static_cast<std::uint64_t>(*v);
}
void read(const std::string& origin, const std::string& name, const toml::node& node, double& value) {
  if (!node.is_number()) wrong_type(origin, name, node, "a number");
  value = node.value<double>().value_or(0);
}
void read(const std::string& origin, const std::string& name, const toml::node& node, bool& value) {
  const auto v = node.value_exact<bool>();
  if (!v) wrong_type(origin, name, node, "true or false");
  value = *v;
}
void read(const std::string& origin, const std::string& name, const toml::node& node, std::vector<int>& value) {
  const toml::array* list = node.as_array();
  if (!list) wrong_type(origin, name, node, "a list of whole numbers, as [8, 8, 4]");
  value.clear();
  for (const toml::node& item : *list) value.push_back(whole(origin, name, item));
}

std::string write(const std::string& v) {
  std::string out = "\"";
  for (const char ch : v) {
    if (ch == '"' || ch == '\\')
      out += {'\\', ch};
    else if (static_cast<unsigned char>(ch) < 0x20 || ch == 0x7f)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(ch));
    else
      out += ch;
  }
  return out + "\"";
}
std::string write(int v) { return std::to_string(v); }
std::string write(std::uint64_t v) { return std::to_string(v); }
std::string write(bool v) { return v ? "true" : "false"; }
std::string write(double v) {
  std::string text = fmt::format("{}", v);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}
std::string write(const std::vector<int>& v) {
  std::string out = "[";
  for (std::size_t i = 0; i < v.size(); ++i) out += (i ? ", " : "") + std::to_string(v[i]);
  return out + "]";
}

}  // namespace

void apply_toml(Config& config, const std::string& text, const std::string& origin) {
  const toml::table table = parse_toml(text, origin, "ditmos train --print-config writes a complete file");
  std::map<std::string, const toml::node*> values;
  flatten(table, "", values);
  if (const auto found = values.find("preset"); found != values.end()) {
    std::string name;
    read(origin, "preset", *found->second, name);
    if (name != config.preset) config = preset(name);
  }
  if (const auto found = values.find("task"); found != values.end()) {
    std::string name;
    read(origin, "task", *found->second, name);
    if (name != config.task) use_task(config, name);
  }
  visit(config, [&](const std::string& name, auto& target, const std::string&) {
    const auto found = values.find(name);
    if (found == values.end()) return;
    read(origin, name, *found->second, target);
    values.erase(found);
  });
  if (values.empty()) return;
  const auto& [name, node] = *values.begin();
  throw Error(fmt::format("{}: line {}: unknown option \"{}\"", origin, node->source().begin.line, name),
              name_hint(name, option_names(), "ditmos train --print-config lists every option"));
}

std::string to_toml(const Config& config) {
  std::string out, section;
  visit(config, [&](const std::string& name, const auto& value, const std::string& help) {
    const std::size_t dot = name.rfind('.');
    const std::string group = dot == std::string::npos ? "" : name.substr(0, dot);
    if (group != section) {
      out += "\n[" + group + "]\n";
      section = group;
    }
    const std::string key = dot == std::string::npos ? name : name.substr(dot + 1);
    out += fmt::format("{:<40} # {}\n", key + " = " + write(value), help);
  });
  return out;
}

Json to_json(const Config& config) {
  Json out = Json::object();
  visit(config, [&](const std::string& name, const auto& value, const std::string&) { out[name] = value; });
  return out;
}

}  // namespace ditmos::method
