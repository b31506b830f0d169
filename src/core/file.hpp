#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace ditmos {

/// The whole file. Throws Error naming the path when it is missing, a folder, or unreadable.
std::string read_file(const std::filesystem::path& path);

/// Writes beside the target and renames over it, so that readers see the old file or the new one, whole,
/// also after kill -9 or a full disk. Makes missing parent folders. Throws Error.
void write_file_atomic(const std::filesystem::path& path, std::string_view content);
/// The parts one after the other.
void write_file_atomic(const std::filesystem::path& path, std::initializer_list<std::string_view> parts);

/// Appends one line and flushes it; a torn last line (after kill -9) is cut off first.
void append_line(const std::filesystem::path& path, std::string_view line);

/// As read_file, but throws Error when the file is larger than `most_bytes`.
std::string read_file_limited(const std::filesystem::path& path, std::size_t most_bytes);

/// CRC-32 (IEEE 802.3, reflected, as in zlib).
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t seed = 0);
std::uint32_t crc32(std::string_view bytes);

/// SHA-256 as 64 hex digits (FIPS 180-4).
std::string sha256(std::string_view bytes);

/// Makes a folder for new output. Throws Error when it exists and is not empty, unless `marker` (a file
/// name) is in it and `reuse` is set.
void make_output_folder(const std::filesystem::path& folder, const std::string& marker, bool reuse);

}  // namespace ditmos
