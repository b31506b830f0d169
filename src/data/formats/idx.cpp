#include "data/formats/idx.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "data/compressed.hpp"
#include "data/front_end.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 31;

void append_part(Dataset& d, const fs::path& folder, const std::string& part, std::int8_t official) {
  const fs::path image_path = find_idx(folder, part + "-images"), label_path = find_idx(folder, part + "-labels");
  for (const auto& [path, what] : {std::pair(image_path, "-images-idx3-ubyte"), std::pair(label_path, "-labels-idx1-ubyte")})
    if (path.empty())
      throw Error((folder / (part + what)).string() + " is missing (also as .gz)", "expected the four files of MNIST's layout");
  const IdxArray images = parse_idx(read_maybe_gzip(image_path, most_bytes), image_path.string());
  const IdxArray labels = parse_idx(read_maybe_gzip(label_path, most_bytes), label_path.string());
  if (images.shape.size() != 3 || images.shape[1] == 0 || images.shape[2] == 0)
    throw Error(image_path.string() + " has " + std::to_string(images.shape.size()) + " dimensions, expected images x height x width");
  if (labels.shape.size() != 1 || labels.shape[0] != images.shape[0])
    throw Error(label_path.string() + " has " + std::to_string(labels.bytes.size()) + " labels for " +
                std::to_string(images.shape[0]) + " images");
  const auto height = static_cast<int>(images.shape[1]), width = static_cast<int>(images.shape[2]);
  if (d.channels != 0 && (height != d.height || width != d.width))
    throw Error(image_path.string() + " has images of another size than the training part");
  d.channels = 1;
  d.height = height;
  d.width = width;
  for (const char byte : images.bytes) d.x.push_back(static_cast<float>(static_cast<unsigned char>(byte)));
  for (const char byte : labels.bytes) d.y.push_back(static_cast<unsigned char>(byte));
  d.official.resize(d.y.size(), official);
  d.provenance += (d.provenance.empty() ? "" : ", ") + image_path.string();
}

}  // namespace

fs::path find_idx(const fs::path& folder, const std::string& stem) {
  std::error_code code;
  const std::string rank = stem.ends_with("images") ? "idx3-ubyte" : "idx1-ubyte";
  for (const std::string& name : {stem + "-" + rank, stem + "." + rank, stem + "-" + rank + ".gz"})
    if (fs::exists(folder / name, code)) return folder / name;
  return {};
}

IdxArray parse_idx(const std::string& file, const std::string& name) {
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(file[i])); };
  if (file.size() < 4 || byte(0) != 0 || byte(1) != 0)
    throw Error(name + " is no IDX file: its magic number does not begin with two zero bytes");
  if (byte(2) != 0x08)
    throw Error(name + " holds IDX type " + std::to_string(byte(2)) + ", expected 8 (unsigned bytes)");
  IdxArray array;
  const std::size_t rank = byte(3);
  const std::size_t start = 4 + 4 * rank;
  if (rank == 0 || file.size() < start) throw Error(name + " is cut off within its header");
  std::size_t total = 1;
  for (std::size_t k = 0; k < rank; ++k) {
    const std::size_t at = 4 + 4 * k;
    const std::size_t n = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
    if (n != 0 && total > most_bytes / n) throw Error(name + " claims more than " + std::to_string(most_bytes) + " bytes");
    total *= n;
    array.shape.push_back(n);
  }
  if (file.size() - start != total)
    throw Error(name + " has " + std::to_string(file.size() - start) + " bytes of data, expected " + std::to_string(total));
  array.bytes = file.substr(start);
  return array;
}

Dataset read_idx_folder(const fs::path& folder, const LoadOptions& options) {
  Dataset d;
  append_part(d, folder, "train", 0);
  append_part(d, folder, "t10k", 1);
  const std::int32_t most = *std::max_element(d.y.begin(), d.y.end());
  for (std::int32_t c = 0; c <= most; ++c) d.classes.push_back(std::to_string(c));
  d.name = folder.string();
  apply_brightness(d, options.front_end);
  d.name.clear();
  return d;
}

}  // namespace ditmos::data
