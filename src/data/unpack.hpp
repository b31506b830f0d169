#pragma once
#include <cstdint>
#include <filesystem>

namespace ditmos::data {

struct UnpackLimits {
  std::uint64_t bytes = 0;            ///< unpacked, in all; 0: 200 times the archive and 64 MiB
  std::uint64_t entries = 1'000'000;  ///< files and folders
};

/// Unpacks a tar (plain, gzip, bzip2, xz), zip or 7z file into `folder`, which it makes. Only plain files and
/// folders are made; a name that is absolute or has "..", a link, a device, and more than the limits throw
/// Error. The caller removes the folder then.
void unpack(const std::filesystem::path& archive, const std::filesystem::path& folder, const UnpackLimits& limits = {});

}  // namespace ditmos::data
