#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ditmos::device {

/// What is needed of a 32-bit little-endian ELF program: sections, symbols, bytes by address.
class Elf {
 public:
  struct Section {
    std::string name;
    std::uint32_t type = 0, flags = 0, address = 0, size = 0;
    bool allocated() const { return flags & 2; }
    bool has_bytes() const { return type != 8; }
  };
  struct Symbol {
    std::string name;
    std::uint32_t address = 0, size = 0;  ///< the Thumb bit is taken off functions' addresses
    bool function = false;
  };

  /// Throws Error naming `name` on anything that is not such a file, whatever the bytes.
  Elf(std::string bytes, std::string name);

  const std::vector<Section>& sections() const { return sections_; }
  const std::vector<Symbol>& symbols() const { return symbols_; }
  /// Bytes of the section, 0 when there is none of this name.
  std::uint32_t section_size(const std::string& name) const;
  /// Throws Error when there is none.
  const Symbol& symbol(const std::string& name) const;
  /// nullptr when there is none.
  const Symbol* find_symbol(const std::string& name) const;
  /// The function that an address lies in, nullptr outside all.
  const Symbol* function_at(std::uint32_t address) const;
  /// `size` bytes of the program at an address; empty when they are not all in one section of the file.
  std::span<const unsigned char> bytes_at(std::uint32_t address, std::uint32_t size) const;

 private:
  struct Placed {
    std::uint32_t address, size, offset;
  };
  std::string bytes_, name_;
  std::vector<Section> sections_;
  std::vector<Symbol> symbols_;
  std::vector<Symbol> functions_;  ///< sorted by address
  std::vector<Placed> placed_;
};

}  // namespace ditmos::device
