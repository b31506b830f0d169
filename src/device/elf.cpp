#include "device/elf.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"

namespace ditmos::device {
namespace {

/// Little-endian words of a byte string; a read past the end throws.
class Words {
 public:
  Words(const std::string& bytes, const std::string& name) : bytes_(bytes), name_(name) {}
  std::uint32_t u16(std::uint64_t at) const { return take(at, 2); }
  std::uint32_t u32(std::uint64_t at) const { return take(at, 4); }
  std::string text(std::uint64_t at, std::uint64_t end) const {
    if (at >= end || end > bytes_.size()) fail();
    const auto stop = bytes_.find('\0', at);
    if (stop == std::string::npos || stop >= end) fail();
    return bytes_.substr(at, stop - at);
  }
  [[noreturn]] void fail() const { throw Error(name_ + " is not a whole 32-bit little-endian ELF program"); }

 private:
  std::uint32_t take(std::uint64_t at, std::uint64_t size) const {
    if (at + size > bytes_.size()) fail();
    std::uint32_t value = 0;
    for (std::uint64_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes_[at + i]);
    return value;
  }
  const std::string& bytes_;
  const std::string& name_;
};

}  // namespace

Elf::Elf(std::string bytes, std::string name) : bytes_(std::move(bytes)), name_(std::move(name)) {
  const Words words(bytes_, name_);
  if (bytes_.size() < 52 || bytes_.compare(0, 6, "\177ELF\1\1") != 0) words.fail();
  const std::uint64_t table = words.u32(32);
  const std::uint32_t entry_size = words.u16(46), count = words.u16(48), names_index = words.u16(50);
  if (entry_size < 40 || table + std::uint64_t{entry_size} * count > bytes_.size() || names_index >= count) words.fail();
  const auto header = [&](std::uint32_t index, std::uint32_t field) {
    return words.u32(table + std::uint64_t{entry_size} * index + 4 * field);
  };
  const std::uint64_t names = header(names_index, 4), names_end = names + header(names_index, 5);
  for (std::uint32_t i = 0; i < count; ++i) {
    Section section;
    section.name = words.text(names + header(i, 0), names_end);
    section.type = header(i, 1);
    section.flags = header(i, 2);
    section.address = header(i, 3);
    section.size = header(i, 5);
    const std::uint64_t offset = header(i, 4);
    if (section.type != 0 && section.has_bytes() && offset + section.size > bytes_.size()) words.fail();
    if (section.allocated() && section.has_bytes() && section.type != 0)
      placed_.push_back({section.address, section.size, static_cast<std::uint32_t>(offset)});
    sections_.push_back(section);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (header(i, 1) != 2) continue;  // SHT_SYMTAB
    const std::uint32_t strings = header(i, 6);
    if (strings >= count) words.fail();
    const std::uint64_t text = header(strings, 4), text_end = text + header(strings, 5);
    for (std::uint64_t at = header(i, 4), end = at + header(i, 5); at + 16 <= end; at += 16) {
      const std::uint32_t type = words.u32(at + 12) & 0xf;
      if (type > 2 || words.u32(at) == 0) continue;  // no type, object, function
      Symbol symbol;
      symbol.name = words.text(text + words.u32(at), text_end);
      symbol.function = type == 2;
      symbol.address = words.u32(at + 4) & ~(symbol.function ? 1u : 0u);
      symbol.size = words.u32(at + 8);
      symbols_.push_back(symbol);
      if (symbol.function) functions_.push_back(symbol);
    }
  }
  std::stable_sort(functions_.begin(), functions_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
  for (std::size_t i = 0; i + 1 < functions_.size(); ++i)  // assembly without .size reaches to the next function
    if (functions_[i].size == 0) functions_[i].size = functions_[i + 1].address - functions_[i].address;
}

std::uint32_t Elf::section_size(const std::string& name) const {
  std::uint32_t size = 0;
  for (const auto& section : sections_)
    if (section.name == name) size += section.size;
  return size;
}

const Elf::Symbol* Elf::find_symbol(const std::string& name) const {
  for (const auto& symbol : symbols_)
    if (symbol.name == name) return &symbol;
  return nullptr;
}

const Elf::Symbol& Elf::symbol(const std::string& name) const {
  const Symbol* found = find_symbol(name);
  if (!found) throw Error(fmt::format("{} has no symbol {}", name_, name));
  return *found;
}

const Elf::Symbol* Elf::function_at(std::uint32_t address) const {
  auto after = std::upper_bound(functions_.begin(), functions_.end(), address,
                                [](std::uint32_t a, const Symbol& s) { return a < s.address; });
  while (after != functions_.begin()) {
    --after;
    if (address - after->address < after->size) return &*after;
    if (after->size != 0) break;
  }
  return nullptr;
}

std::span<const unsigned char> Elf::bytes_at(std::uint32_t address, std::uint32_t size) const {
  for (const auto& part : placed_)
    if (address >= part.address && size <= part.size && address - part.address <= part.size - size)
      return {reinterpret_cast<const unsigned char*>(bytes_.data()) + part.offset + (address - part.address), size};
  return {};
}

}  // namespace ditmos::device
