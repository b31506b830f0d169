#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace ditmos::data {

/// Bytes done and in all (0: not known yet).
using DownloadProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// Brings an http(s) address to `target` by way of target.part. A part that is there is continued; a broken
/// connection is taken up again three times. `sha256` (64 hex digits, or empty: not checked) is held against
/// the whole file before it gets its name; a file that differs is removed. Returns the SHA-256 of the file.
/// Throws Error (address, what happened, how to go on), Interrupted after Ctrl-C.
std::string download(const std::string& url, const std::filesystem::path& target, const std::string& sha256,
                     const DownloadProgress& progress = {});

}  // namespace ditmos::data
