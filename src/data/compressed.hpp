#pragma once
#include <cstddef>
#include <filesystem>
#include <string>

namespace ditmos::data {

/// The file's bytes, unpacked when its name ends in .gz. Throws Error for damaged input and when more than
/// `most_bytes` come out.
std::string read_maybe_gzip(const std::filesystem::path& path, std::size_t most_bytes);
/// The same for gzip data in memory.
std::string gunzip(const std::string& packed, const std::string& name, std::size_t most_bytes);

}  // namespace ditmos::data
