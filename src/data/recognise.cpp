#include "data/recognise.hpp"

#include <functional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "data/formats/npy.hpp"
#include "data/sets/sets.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

struct Format {
  const char* expects;  ///< for the message when none fits
  std::function<bool(const fs::path&)> recognises;
  std::function<Dataset(const fs::path&, const LoadOptions&)> read;
};

std::function<bool(const fs::path&)> has(const char* file) {
  return [file](const fs::path& path) {
    std::error_code code;
    return fs::exists(path / file, code);
  };
}

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"a folder with x.npy and y.npy", has("x.npy"), read_npy_folder},
      {"UniMiB-SHAR's MAT files", has("acc_data.mat"),
       [](const fs::path& path, const LoadOptions& options) { return read_unimib(path, UnimibTask::all17, options); }},
      {"UniMiB-SHAR's 51-sample falls", has("fall_splitted_data5_folds.mat"), read_unimib_falls51},
  };
  return all;
}

}  // namespace

Dataset read_recognised(const fs::path& path, const LoadOptions& options) {
  std::string known;
  for (const Format& format : formats()) {
    if (!format.recognises(path)) {
      known += (known.empty() ? "" : "; ") + std::string(format.expects);
      continue;
    }
    Dataset dataset = format.read(path, options);
    if (dataset.name.empty()) dataset.name = fs::absolute(path).lexically_normal().stem().string();
    return dataset;
  }
  throw Error("the data in " + path.string() + " is in no known format", "expected one of: " + known);
}

}  // namespace ditmos::data
