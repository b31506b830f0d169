#include "method/archive.hpp"

#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "core/file.hpp"

namespace ditmos::method {
namespace {

constexpr std::string_view magic = "DITMOSCK";

void append_number(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 255));
}

/// Reads from a view and refuses to go past its end.
class Reader {
 public:
  Reader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {}
  std::string_view take(std::uint64_t n) {
    if (n > text_.size()) throw Error(name_ + ": the checkpoint is cut short");
    const std::string_view out = text_.substr(0, static_cast<std::size_t>(n));
    text_.remove_prefix(static_cast<std::size_t>(n));
    return out;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    const std::string_view bytes = take(8);
    for (std::size_t i = 0; i < 8; ++i) value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return value;
  }

 private:
  std::string_view text_;
  std::string name_;
};

}  // namespace

std::span<const std::byte> Archive::get(const std::string& name) const {
  const auto found = blocks_.find(name);
  if (found == blocks_.end())
    throw Error("the checkpoint has no \"" + name + "\"", "it was written by another method or version; start the run anew");
  return found->second;
}

void Archive::check_multiple(const std::string& name, std::size_t bytes, std::size_t unit) {
  if (bytes % unit) throw Error("the checkpoint's \"" + name + "\" has " + std::to_string(bytes) + " bytes, not a multiple of " + std::to_string(unit));
}

std::string Archive::get_text(const std::string& name) const {
  const auto bytes = get_values<char>(name);
  return {bytes.begin(), bytes.end()};
}

void Archive::write(const std::filesystem::path& path) const {
  std::string out(magic);
  append_number(out, schema);
  append_number(out, blocks_.size());
  for (const auto& [name, bytes] : blocks_) {
    append_number(out, name.size());
    out += name;
    append_number(out, bytes.size());
    if (!bytes.empty()) out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  append_number(out, crc32(std::string_view(out)));
  write_file_atomic(path, out);
}

Archive Archive::read(const std::filesystem::path& path) {
  const std::string text = read_file_limited(path, std::size_t{1} << 32);
  const std::string name = path.string();
  if (text.size() < magic.size() + 24 || std::string_view(text).substr(0, magic.size()) != magic)
    throw Error(name + " is not a checkpoint of ditmos");
  const std::string_view body = std::string_view(text).substr(0, text.size() - 8);
  Reader crc(std::string_view(text).substr(text.size() - 8), name);
  Reader in(body.substr(magic.size()), name);
  if (const auto found = in.number(); found != schema)
    throw Error(name + " has schema " + std::to_string(found) + ", this program reads " + std::to_string(schema));
  if (crc.number() != crc32(body)) throw Error(name + " is damaged (its CRC-32 disagrees)", "start the run anew in another folder");
  Archive archive;
  for (auto count = in.number(); count > 0; --count) {
    const std::string key(in.take(in.number()));
    const std::string_view bytes = in.take(in.number());
    archive.put_values(key, std::span<const char>(bytes));
  }
  return archive;
}

}  // namespace ditmos::method
