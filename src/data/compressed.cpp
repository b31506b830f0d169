#include "data/compressed.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "core/error.hpp"
#include "core/file.hpp"

namespace ditmos::data {

std::string gunzip(std::string_view packed, const std::string& name, std::size_t most_bytes) {
  const std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK || archive_filter_code(reader.get(), 0) != ARCHIVE_FILTER_GZIP)
    throw Error(name + " is no gzip file");
  std::string out;
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const auto n = archive_read_data(reader.get(), buffer.data(), buffer.size());
    if (n < 0) throw Error(name + " is damaged or cut off", "get the file again");
    if (n == 0) return out;
    if (out.size() + static_cast<std::size_t>(n) > most_bytes)
      throw Error(name + " unpacks to more than " + std::to_string(most_bytes) + " bytes");
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

std::string inflate(std::string_view packed, const std::string& name, std::size_t most_bytes) {
  constexpr std::size_t head = 2, tail = 4;  // of a zlib stream: method and flags; Adler-32
  if (packed.size() < head + tail || (packed[0] & 15) != 8) throw Error(name + " is damaged or cut off", "get the file again");
  // The same deflate data in gzip's frame, since that is what libarchive unpacks.
  std::string gzip("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  gzip.append(packed.substr(head, packed.size() - head - tail)).append(8, '\0');
  const std::string out = gunzip(gzip, name, most_bytes);
  std::uint32_t a = 1, b = 0, stated = 0;
  for (std::size_t at = 0; at < out.size(); a %= 65521, b %= 65521)
    for (const std::size_t end = std::min(out.size(), at + 5552); at < end; ++at) {  // 5552 bytes cannot overflow b
      a += static_cast<unsigned char>(out[at]);
      b += a;
    }
  for (const char c : packed.substr(packed.size() - tail)) stated = stated << 8 | static_cast<unsigned char>(c);
  if (stated != (b << 16 | a)) throw Error(name + " is damaged: a checksum differs", "get the file again");
  return out;
}

std::string read_maybe_gzip(const std::filesystem::path& path, std::size_t most_bytes) {
  const std::string bytes = read_file_limited(path, most_bytes);
  return path.extension() == ".gz" ? gunzip(bytes, path.string(), most_bytes) : bytes;
}

}  // namespace ditmos::data
