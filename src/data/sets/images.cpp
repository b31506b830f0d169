#include "core/error.hpp"
#include "core/file.hpp"
#include "data/formats/idx.hpp"
#include "data/front_end.hpp"
#include "data/labels.hpp"
#include "data/sets/sets.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t cifar_side = 32;
constexpr std::size_t cifar_record = 1 + 3 * cifar_side * cifar_side;  // label, then red, green, blue planes

void append_cifar(Dataset& d, const fs::path& path, std::int8_t official) {
  const std::string bytes = read_file_limited(path, std::size_t{1} << 28);
  if (bytes.empty() || bytes.size() % cifar_record != 0)
    throw Error(path.string() + " has " + std::to_string(bytes.size()) + " bytes, expected a multiple of 3073 (label and 3 x 32 x 32)");
  for (std::size_t at = 0; at < bytes.size(); at += cifar_record) {
    d.y.push_back(static_cast<unsigned char>(bytes[at]));
    if (d.y.back() > 9)
      throw Error(path.string() + ": image " + std::to_string(at / cifar_record) + " has label " + std::to_string(d.y.back()) +
                  ", expected 0 to 9");
    d.official.push_back(official);
    for (std::size_t i = 1; i < cifar_record; ++i)
      d.x.push_back(static_cast<float>(static_cast<unsigned char>(bytes[at + i])));
  }
}

}  // namespace

Dataset read_fashion_mnist(const fs::path& folder, const LoadOptions& options) {
  Dataset d = read_idx_folder(folder, options);
  if (d.classes.size() == 10)
    d.classes = {"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"};
  d.provenance += "; Xiao, Rasul, Vollgraf, arXiv:1708.07747";
  return d;
}

Dataset read_cifar10(const fs::path& folder, const LoadOptions& options) {
  Dataset d;
  d.channels = 3;
  d.height = d.width = static_cast<int>(cifar_side);
  d.channel_names = {"red", "green", "blue"};
  std::error_code code;
  for (int k = 1; k <= 5; ++k) {
    const fs::path path = folder / ("data_batch_" + std::to_string(k) + ".bin");
    if (k == 1 || fs::exists(path, code)) append_cifar(d, path, 0);
  }
  append_cifar(d, folder / "test_batch.bin", 1);
  d.classes = read_class_names(folder / "batches.meta.txt");
  if (d.classes.size() != 10)
    d.classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
  d.name = "cifar-10";
  apply_brightness(d, options.front_end);
  d.provenance = folder.string() + "; Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009";
  return d;
}

}  // namespace ditmos::data
