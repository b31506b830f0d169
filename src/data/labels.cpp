#include "data/labels.hpp"

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/group_ids.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace {

constexpr std::size_t most_classes = 1000;

void require_few(std::size_t classes, const std::string& where) {
  if (classes > most_classes)
    throw Error(where + ": " + std::to_string(classes) + " different labels, expected at most " +
                    std::to_string(most_classes),
                "is this the label column?");
}

template <class Key>
void number_groups(Dataset& d, const std::vector<Key>& ids) {
  Numbering<Key> numbers;
  d.group.clear();
  for (const Key& id : ids) d.group.push_back(numbers.of(id));
}

}  // namespace

std::vector<std::string> read_class_names(const std::filesystem::path& path) {
  std::vector<std::string> names;
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return names;
  const std::string text = read_file_limited(path, 1 << 20);
  for (const std::string_view line : split_lines(text))
    if (!trim(line).empty()) names.emplace_back(trim(line));
  return names;
}

void set_labels(Dataset& d, const std::vector<std::int64_t>& labels, const std::vector<std::string>& names,
                const std::string& where) {
  std::map<std::int64_t, std::int32_t> index;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool known = names.empty() || labels[i] < static_cast<std::int64_t>(names.size());
    if (labels[i] < 0 || !known)
      throw Error(where + ": label " + std::to_string(i) + " is " + std::to_string(labels[i]) + ", expected " +
                  (names.empty() ? "0 or more" : "0 to " + std::to_string(names.size() - 1)));
    index.emplace(labels[i], 0);
  }
  require_few(index.size(), where);
  d.classes = names;
  for (auto& [label, position] : index) {
    position = names.empty() ? static_cast<std::int32_t>(d.classes.size()) : static_cast<std::int32_t>(label);
    if (names.empty()) d.classes.push_back(std::to_string(label));
  }
  d.y.clear();
  for (const std::int64_t label : labels) d.y.push_back(index[label]);
}

void set_labels(Dataset& d, const std::vector<std::string>& labels, const std::string& where) {
  d.classes = labels;
  std::sort(d.classes.begin(), d.classes.end());
  d.classes.erase(std::unique(d.classes.begin(), d.classes.end()), d.classes.end());
  require_few(d.classes.size(), where);
  if (std::all_of(d.classes.begin(), d.classes.end(), [](const std::string& s) { return parse_number(s).has_value(); }))
    std::stable_sort(d.classes.begin(), d.classes.end(),
                     [](const std::string& a, const std::string& b) { return *parse_number(a) < *parse_number(b); });
  std::map<std::string, std::int32_t> index;
  for (std::size_t c = 0; c < d.classes.size(); ++c) index[d.classes[c]] = static_cast<std::int32_t>(c);
  d.y.clear();
  for (const std::string& label : labels) d.y.push_back(index[label]);
}

void set_groups(Dataset& d, const std::vector<std::int64_t>& ids) { number_groups(d, ids); }
void set_groups(Dataset& d, const std::vector<std::string>& ids) { number_groups(d, ids); }

}  // namespace ditmos::data
