#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "data/dataset.hpp"

namespace ditmos::data {

/// Features on disk, so that a second training need not compute them again: a file an entry, named by its key. Where the folder cannot be
/// read or written, nothing is found and nothing kept, without an error; so it is with damaged entries.
class FeatureCache {
 public:
  /// Entries take at most `most_bytes` together: the oldest go first.
  explicit FeatureCache(std::filesystem::path folder, std::uintmax_t most_bytes = std::uintmax_t{1} << 31);
  /// $DITMOS_CACHE, else ditmos in $XDG_CACHE_HOME, else in $HOME/.cache. DITMOS_CACHE set to nothing, or no such variable: no cache.
  static FeatureCache standard();

  bool is_on() const { return !folder_.empty(); }
  /// The entry of exactly `values` numbers.
  std::optional<Values> find(const std::string& key, std::size_t values) const;
  void keep(const std::string& key, std::span<const float> features) const;

 private:
  std::filesystem::path path_of(const std::string& key) const { return folder_ / (key + ".features"); }
  void make_room(std::uintmax_t bytes) const;

  std::filesystem::path folder_;
  std::uintmax_t most_bytes_;
};

}  // namespace ditmos::data
