#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "core/error.hpp"

namespace ditmos::data {

/// Numbers keys 0, 1, 2, ... in the order they are first seen.
template <class Key>
class Numbering {
 public:
  std::int32_t of(const Key& key) { return ids_.emplace(key, static_cast<std::int32_t>(ids_.size())).first->second; }
  std::size_t size() const { return ids_.size(); }

 private:
  std::map<Key, std::int32_t> ids_;
};

/// Throws Error unless `group` is empty or one of the two names.
inline void check_group_option(const std::string& group, const char* first, const char* second) {
  if (!group.empty() && group != first && group != second)
    throw Error("unknown group \"" + group + "\"", std::string("groups of this set: ") + first + ", " + second);
}

}  // namespace ditmos::data
