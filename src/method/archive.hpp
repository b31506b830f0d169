#pragma once
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace ditmos::method {

/// Named blocks of bytes: what a checkpoint is made of. The file form has a magic, a schema number, sizes, and a CRC-32; it is of this
/// machine's byte order.
class Archive {
 public:
  static constexpr unsigned schema = 1;

  void put(const std::string& name, std::vector<std::byte> bytes) { blocks_[name] = std::move(bytes); }
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void put_values(const std::string& name, std::span<const T> values) {
    const auto view = std::as_bytes(values);
    blocks_[name].assign(view.begin(), view.end());
  }
  void put_text(const std::string& name, const std::string& text) { put_values(name, std::span<const char>(text)); }

  bool has(const std::string& name) const { return blocks_.contains(name); }
  /// Throws Error when the block is missing.
  std::span<const std::byte> get(const std::string& name) const;
  /// Throws Error when the block is missing or not a whole number of T.
  template <class T>
  std::vector<T> get_values(const std::string& name) const {
    const auto bytes = get(name);
    check_multiple(name, bytes.size(), sizeof(T));
    std::vector<T> out(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }
  std::string get_text(const std::string& name) const;

  void write(const std::filesystem::path& path) const;  ///< atomically
  /// Throws Error on a file that is no checkpoint, cut short, of another schema, or damaged.
  static Archive read(const std::filesystem::path& path);

 private:
  static void check_multiple(const std::string& name, std::size_t bytes, std::size_t unit);
  std::map<std::string, std::vector<std::byte>> blocks_;
};

}  // namespace ditmos::method
