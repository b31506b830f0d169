#include "data/feature_cache.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/file_map.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

/// Before the numbers (as the machine holds them): what the file is, and a checksum of the rest.
struct Header {
  char magic[8] = {'d', 'i', 't', 'm', 'o', 's', 'F', '1'};
  std::uint32_t crc = 0, zero = 0;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

FeatureCache::FeatureCache(fs::path folder, std::uintmax_t most_bytes) : folder_(std::move(folder)), most_bytes_(most_bytes) {}

FeatureCache FeatureCache::standard() {
  if (std::getenv("DITMOS_CACHE")) return FeatureCache(variable("DITMOS_CACHE"));
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) return FeatureCache(fs::path(cache) / "ditmos");
  if (const std::string home = variable("HOME"); !home.empty()) return FeatureCache(fs::path(home) / ".cache" / "ditmos");
  return FeatureCache({});
}

std::optional<Values> FeatureCache::find(const std::string& key, std::size_t values) const {
  std::error_code code;
  const std::size_t size = sizeof(Header) + values * sizeof(float);
  if (!is_on() || fs::file_size(path_of(key), code) != size || code) return std::nullopt;
  try {
    const FileMap file(path_of(key));
    const std::string_view bytes = file.bytes();
    Header header;
    const std::string_view numbers = bytes.substr(std::min(bytes.size(), sizeof header));
    if (bytes.size() != size || std::memcmp(bytes.data(), header.magic, sizeof header.magic) != 0) return std::nullopt;
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.crc != crc32(numbers)) return std::nullopt;
    Values features(values);
    std::memcpy(features.data(), numbers.data(), numbers.size());
    return features;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void FeatureCache::keep(const std::string& key, std::span<const float> features) const {
  if (!is_on() || sizeof(Header) + features.size_bytes() > most_bytes_) return;
  Header header;
  const std::string_view numbers(reinterpret_cast<const char*>(features.data()), features.size_bytes());
  header.crc = crc32(numbers);
  try {
    make_room(sizeof header + numbers.size());
    write_file_atomic(path_of(key), {{reinterpret_cast<const char*>(&header), sizeof header}, numbers});
  } catch (const std::exception&) {  // no place to write to, or none left: the next run computes again
  }
}

void FeatureCache::make_room(std::uintmax_t bytes) const {
  struct Entry {
    fs::path path;
    fs::file_time_type time;
    std::uintmax_t size;
  };
  std::error_code code;
  std::vector<Entry> entries;
  for (const auto& item : fs::directory_iterator(folder_, code))
    if (item.path().extension() == ".features") entries.push_back({item.path(), item.last_write_time(code), item.file_size(code)});
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.time > b.time; });
  std::uintmax_t sum = bytes;
  for (const Entry& entry : entries)
    if ((sum += entry.size) > most_bytes_) fs::remove(entry.path, code);
}

}  // namespace ditmos::data
