#include <algorithm>
#include <array>
#include <initializer_list>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"
#include "core/toml_parser.hpp"
#include "data/recordings.hpp"

namespace ditmos::data {
namespace {

/// Typed reading of one table; every key that nobody asked for is an error.
class Table {
 public:
  Table(const toml::table& table, std::string where) : table_(table), where_(std::move(where)) {}

  void read(const char* key, double& value, double least) {
    if (const toml::node* node = find(key)) {
      const auto number = node->value<double>();
      if (!number || !(*number >= least)) fail(key, "a number of at least " + std::to_string(least));
      value = *number;
    }
  }
  void read(const char* key, std::string& value) {
    if (const toml::node* node = find(key)) {
      const auto text = node->value_exact<std::string>();
      if (!text) fail(key, "a text in quotes");
      value = *text;
    }
  }
  void read_choice(const char* key, std::string& value, std::initializer_list<const char*> choices) {
    read(key, value);
    std::string known;
    for (const char* choice : choices) {
      if (value == choice) return;
      known.append(known.empty() ? "" : ", ").append(choice);
    }
    fail(key, "one of " + known);
  }
  void read(const char* key, std::vector<std::string>& values) {
    const toml::node* node = find(key);
    if (!node) return;
    const toml::array* list = node->as_array();
    if (!list) fail(key, "a list of texts");
    for (const toml::node& item : *list) {
      const auto text = item.value_exact<std::string>();
      if (!text || text->empty()) fail(key, "a list of texts");
      values.push_back(*text);
    }
  }
  const toml::table* section(const char* key) {
    const toml::node* node = find(key);
    if (node && !node->is_table()) fail(key, "a section [" + std::string(key) + "]");
    return node ? node->as_table() : nullptr;
  }
  void check_all_known() const {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
      throw Error(where_ + ": unknown key \"" + name + "\"", name_hint(name, asked_, "docs/DATA.md lists the keys"));
    }
  }

 private:
  const toml::node* find(const char* key) {
    asked_.emplace_back(key);
    return table_.get(key);
  }
  [[noreturn]] void fail(const char* key, const std::string& expected) const {
    throw Error(where_ + ": \"" + key + "\" has a wrong value, expected " + expected);
  }

  const toml::table& table_;
  std::string where_;
  std::vector<std::string> asked_;
};

}  // namespace

RecordingSettings parse_recording_settings(const std::string& text, const std::string& name) {
  const toml::table root = parse_toml(text, name);
  RecordingSettings s;
  Table top(root, name);
  std::string folder = ".";
  top.read("name", s.name);
  top.read("folder", folder);
  top.read("rate_hz", s.rate_hz, 1e-6);
  top.read("unit", s.unit);
  double scale = 1;
  top.read("scale", scale, -1e12);
  s.scale = scale;
  top.read("channels", s.channels);
  top.read("time", s.time_column);
  top.read("seconds_per_tick", s.seconds_per_tick, 1e-12);
  top.read("front_end", s.front_end);
  s.folder = folder;
  const toml::table empty;
  const toml::table* labels = top.section("labels");
  Table label_table(labels ? *labels : empty, name + ", [labels]");
  label_table.read_choice("by", s.labels, {"folder", "pattern", "table"});
  label_table.read("pattern", s.pattern);
  label_table.read("table", s.table);
  const toml::table* group = top.section("group");
  Table group_table(group ? *group : empty, name + ", [group]");
  group_table.read_choice("by", s.group, {"file", "folder", "pattern"});
  const toml::table* window = top.section("window");
  Table window_table(window ? *window : empty, name + ", [window]");
  window_table.read("seconds", s.window_seconds, 1e-6);
  window_table.read("hop_seconds", s.hop_seconds, 1e-6);
  window_table.read("peak_threshold", s.threshold, 1e-30);
  for (const Table* table : {&top, &label_table, &group_table, &window_table}) table->check_all_known();
  if (s.window_seconds <= 0) throw Error(name + ": [window] needs \"seconds\"");
  if (s.labels == "pattern" && s.pattern.find("{label}") == std::string::npos)
    throw Error(name + ": [labels] by = \"pattern\" needs a pattern with {label}", "for example pattern = \"{label}_{group}_*.csv\"");
  if (s.labels == "table" && s.table.empty()) throw Error(name + ": [labels] by = \"table\" needs \"table\", a CSV file");
  if (s.group == "pattern" && s.pattern.find("{group}") == std::string::npos)
    throw Error(name + ": [group] by = \"pattern\" needs a [labels] pattern with {group}");
  return s;
}

}  // namespace ditmos::data
