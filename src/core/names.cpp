#include "core/names.hpp"

#include <algorithm>
#include <vector>

namespace ditmos {

std::string nearest_name(const std::string& name, std::span<const std::string> names) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const std::string& other : names) {
    std::vector<std::size_t> row(other.size() + 1);
    for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= name.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= other.size(); ++j) {
        const std::size_t above = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (name[i - 1] == other[j - 1] ? 0u : 1u)});
        diagonal = above;
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = other;
    }
  }
  return best;
}

std::string name_hint(const std::string& name, std::span<const std::string> names, const std::string& otherwise) {
  const std::string near = nearest_name(name, names);
  if (!near.empty()) return "did you mean \"" + near + "\"?";
  if (!otherwise.empty()) return otherwise;
  std::string list;
  for (const std::string& known : names) list += (list.empty() ? "there are " : ", ") + known;
  return list;
}

}  // namespace ditmos
