#pragma once
#include <filesystem>

#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// A folder a class, a text file a recorded segment, one sample a line: cut into windows of `width` samples,
/// `hop` apart (0: the whole segment, which must then be equally long in all files); a segment is a group.
Dataset read_text_segments(const std::filesystem::path& folder, int width, int hop);

}  // namespace ditmos::data
