#include "data/compressed.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>

#include "core/error.hpp"
#include "core/file.hpp"

namespace ditmos::data {

std::string gunzip(const std::string& packed, const std::string& name, std::size_t most_bytes) {
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

std::string read_maybe_gzip(const std::filesystem::path& path, std::size_t most_bytes) {
  const std::string bytes = read_file_limited(path, most_bytes);
  return path.extension() == ".gz" ? gunzip(bytes, path.string(), most_bytes) : bytes;
}

}  // namespace ditmos::data
