#pragma once
#include <filesystem>

#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// Reads a file or folder by the first format that knows it by its files. Throws Error listing the formats.
Dataset read_recognised(const std::filesystem::path& path, const LoadOptions& options);

}  // namespace ditmos::data
