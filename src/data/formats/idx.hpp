#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// An array of unsigned bytes in the IDX format of MNIST.
struct IdxArray {
  std::vector<std::size_t> shape;
  std::string bytes;  ///< as many as the shape says
};
/// Throws Error, with `name` as the place, for a wrong magic number, another type, and a wrong size.
IdxArray parse_idx(const std::string& file, const std::string& name);

/// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images..., t10k-labels..., each also with .gz:
/// 1 x 28 x 28 in 0 .. 1 with the official split.
Dataset read_idx_folder(const std::filesystem::path& folder, const LoadOptions& options);
/// The path of one of these files in the folder; empty when it is absent.
std::filesystem::path find_idx(const std::filesystem::path& folder, const std::string& stem);

}  // namespace ditmos::data
