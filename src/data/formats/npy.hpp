#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// An array of NumPy's .npy format (versions 1 to 3), C order, little or big endian.
struct NpyArray {
  std::vector<std::size_t> shape;
  char kind = 'f';             ///< 'f' float, 'i' signed, 'u' unsigned, 'b' bool
  std::size_t item_bytes = 4;  ///< 2 (f), 4 or 8; 1, 2, 4 or 8
  std::string_view bytes;      ///< size() * item_bytes of the file
  bool swap = false;           ///< they are in the other byte order than the host's
  std::size_t size() const;
};

/// The array looks into `file`. Throws Error, with `name` as the place, for anything that is no such array or is cut off.
NpyArray parse_npy(std::string_view file, const std::string& name);

/// Any kind as float32 (float64 is rounded).
Values npy_floats(const NpyArray& array);
/// Integers, bools, or floats that are whole; Error names the first value that is not.
std::vector<std::int64_t> npy_integers(const NpyArray& array, const std::string& name);

/// A folder with x.npy (N, C, L), (N, C, H, W) or (N, L), y.npy (N), an optional group.npy (or subject.npy)
/// (N), and an optional classes.txt, a name a line, for labels 0 .. its number of lines - 1. Without
/// classes.txt the distinct labels are the classes, in ascending order.
Dataset read_npy_folder(const std::filesystem::path& folder, const LoadOptions& options);

}  // namespace ditmos::data
