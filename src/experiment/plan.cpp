#include "experiment/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"
#include "core/toml_parser.hpp"

namespace ditmos::experiment {
namespace fs = std::filesystem;
namespace {

/// Takes values out of a TOML table and says where it was wrong.
class Table {
 public:
  Table(const toml::table& table, std::string origin, std::string where) : table_(table), origin_(std::move(origin)), where_(std::move(where)) {}

  std::string text(const char* key, const std::string& otherwise) {
    const toml::node* node = take(key);
    if (!node) return otherwise;
    const auto value = node->value_exact<std::string>();
    if (!value) fail(*node, key, "a text in quotes");
    return *value;
  }

  bool flag(const char* key) {
    const toml::node* node = take(key);
    if (!node) return false;
    const auto value = node->value_exact<bool>();
    if (!value) fail(*node, key, "true or false");
    return *value;
  }

  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> out;
    for (const toml::node* item : list(key)) {
      const auto value = item->value_exact<std::string>();
      if (!value) fail(*item, key, "a list of texts in quotes");
      out.push_back(*value);
    }
    return out;
  }

  std::vector<std::uint64_t> numbers(const char* key) {
    std::vector<std::uint64_t> out;
    for (const toml::node* item : list(key)) {
      const auto value = item->value_exact<std::int64_t>();
      if (!value || *value < 0) fail(*item, key, "a list of whole numbers from 0");
      out.push_back(static_cast<std::uint64_t>(*value));
    }
    return out;
  }

  Settings settings(const char* key) {
    const toml::node* node = take(key);
    if (!node) return {};
    if (!node->is_table()) fail(*node, key, "a table of options");
    return settings_of(*node->as_table());
  }

  std::map<std::string, Settings> settings_by_name(const char* key) {
    const toml::node* node = take(key);
    if (!node) return {};
    if (!node->is_table()) fail(*node, key, "tables of options");
    std::map<std::string, Settings> out;
    for (const auto& [name, inner] : *node->as_table()) {
      if (!inner.is_table()) fail(inner, key, "tables of options");
      out[std::string(name.str())] = settings_of(*inner.as_table());
    }
    return out;
  }

  std::vector<Table> tables(const char* key) {
    std::vector<Table> out;
    for (const toml::node* item : list(key)) {
      if (!item->is_table()) fail(*item, key, "a list of tables, [[" + std::string(key) + "]]");
      out.emplace_back(*item->as_table(), origin_, std::string(key) + ".");
    }
    return out;
  }

  /// After all is taken: throws for keys that nobody asked for.
  void finish() const {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (asked_.contains(name)) continue;
      const std::vector<std::string> names(asked_.begin(), asked_.end());
      throw Error(fmt::format("{}: line {}: unknown key \"{}{}\"", origin_, node.source().begin.line, where_, name),
                  name_hint(name, names, "docs/METHODS.md describes the keys of an experiment"));
    }
  }

  [[noreturn]] void fail(const toml::node& node, const std::string& key, const std::string& expected) const {
    throw Error(fmt::format("{}: line {}: {}{} must be {}", origin_, node.source().begin.line, where_, key, expected));
  }

 private:
  const toml::node* take(const char* key) {
    asked_.insert(key);
    return table_.get(key);
  }

  std::vector<const toml::node*> list(const char* key) {
    std::vector<const toml::node*> out;
    const toml::node* node = take(key);
    if (!node) return out;
    if (!node->is_array()) fail(*node, key, "a list");
    for (const toml::node& item : *node->as_array()) out.push_back(&item);
    return out;
  }

  Settings settings_of(const toml::table& table) const {
    Settings out;
    for (const auto& [key, node] : table) out.emplace_back(std::string(key.str()), value_of(std::string(key.str()), node));
    return out;
  }

  std::string value_of(const std::string& key, const toml::node& node) const {
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
    if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
    if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
    const toml::array* items = node.as_array();
    if (!items) fail(node, key, "a text, number, flag or list");
    std::string out;
    for (const toml::node& item : *items) out.append(out.empty() ? "" : ",").append(value_of(key, item));
    return out;
  }

  const toml::table& table_;
  std::string origin_, where_;
  std::set<std::string> asked_;
};

void require(bool holds, const std::string& origin, const std::string& what) {
  if (!holds) throw Error(origin + ": " + what);
}

}  // namespace

std::string folder_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    out += plain ? c : '_';
  }
  return out == "." || out == ".." || out.empty() ? "_" : out;
}

Experiment read_experiment(const std::string& text, const std::string& origin) {
  const toml::table root = parse_toml(text, origin);
  Table table(root, origin, "");
  Experiment x;
  x.name = table.text("name", "");
  x.title = table.text("title", x.name);
  x.preset = table.text("preset", x.preset);
  x.compare = table.text("compare", "");
  x.chip = table.flag("chip");
  x.board = table.text("board", "");
  x.emulate = table.text("emulate", "");
  x.int8 = table.flag("int8");
  x.datasets = table.texts("datasets");
  x.protocols = table.texts("protocols");
  x.seeds = table.numbers("seeds");
  x.set = table.settings("set");
  x.set_for = table.settings_by_name("set_for");
  for (const std::string& name : table.texts("methods")) x.variants.push_back({name, name, {}});
  for (Table& entry : table.tables("variant")) {
    const std::string method = entry.text("method", ""), name = entry.text("name", "");
    const std::vector<std::string> methods = entry.texts("methods");
    const Settings set = entry.settings("set");
    entry.finish();
    require(method.empty() || methods.empty(), origin, "a [[variant]] has both \"method\" and \"methods\"");
    for (const std::string& each : methods) x.variants.push_back({name.empty() ? each : each + " " + name, each, set});
    if (!methods.empty()) continue;
    const std::string only = method.empty() ? "ditmos" : method;
    x.variants.push_back({name.empty() ? only : name, only, set});
  }
  table.finish();
  require(!x.name.empty(), origin, "\"name\" is missing");
  require(x.board.empty() || x.chip, origin, "\"board\" needs chip = true");
  require(!x.datasets.empty(), origin, "\"datasets\" is missing or empty");
  require(!x.protocols.empty(), origin, "\"protocols\" is missing or empty");
  require(!x.seeds.empty(), origin, "\"seeds\" is missing or empty");
  require(!x.variants.empty(), origin, "there is neither \"methods\" nor a [[variant]]");
  std::set<std::string> folders;
  for (const Variant& v : x.variants) require(folders.insert(folder_name(v.name)).second, origin, "two variants are named \"" + v.name + "\"");
  require(x.compare.empty() || std::any_of(x.variants.begin(), x.variants.end(), [&](const Variant& v) { return v.name == x.compare; }), origin,
          "\"compare\" names no variant: \"" + x.compare + "\"");
  return x;
}

std::vector<std::string> experiment_names(const fs::path& folder) {
  std::vector<std::string> names;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ditmos::experiment
