#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace ditmos::data {

/// The file's bytes, unpacked when its name ends in .gz. Throws Error for damaged input and when more than
/// `most_bytes` come out.
std::string read_maybe_gzip(const std::filesystem::path& path, std::size_t most_bytes);
/// The bytes of a zlib stream (RFC 1950), its Adler-32 checked.
std::string inflate(std::string_view packed, const std::string& name, std::size_t most_bytes);
/// The bytes of gzip data in memory.
std::string gunzip(std::string_view packed, const std::string& name, std::size_t most_bytes);

}  // namespace ditmos::data
