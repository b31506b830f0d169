#include "data/recognise.hpp"

#include <functional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "data/folders.hpp"
#include "data/formats/csv_dataset.hpp"
#include "data/formats/idx.hpp"
#include "data/formats/npy.hpp"
#include "data/formats/text_segments.hpp"
#include "data/formats/ts.hpp"
#include "data/recordings.hpp"
#include "data/sets/sets.hpp"
#include "data/text.hpp"

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

std::function<bool(const fs::path&)> is_file(const char* extension) {
  return [extension](const fs::path& path) {
    std::error_code code;
    return fs::is_regular_file(path, code) && lower(path.extension().string()) == extension;
  };
}

std::function<bool(const fs::path&)> has_files(const char* end) {
  return [end](const fs::path& path) {
    std::error_code code;
    for (const auto& item : fs::directory_iterator(path, code))
      if (item.path().filename().string().ends_with(end)) return true;
    return false;
  };
}

std::function<bool(const fs::path&)> has_folders_of(const char* extension) {
  return [extension](const fs::path& path) { return has_files_in_folders(path, extension); };
}

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"a .csv file", is_file(".csv"), read_csv_file},
      {"a .ts file", is_file(".ts"), read_ts_file},
      {"a .toml file about recordings", is_file(".toml"), read_recordings},
      {"a folder with dataset.toml and recordings", has("dataset.toml"), read_recordings},
      {"a folder with x.npy and y.npy", has("x.npy"), read_npy_folder},
      {"an x.npy beside y.npy", is_file(".npy"),
       [](const fs::path& path, const LoadOptions& options) {
         return read_npy_folder(path.has_parent_path() ? path.parent_path() : fs::path("."), options);
       }},
      {"UniMiB-SHAR's MAT files", has("acc_data.mat"),
       [](const fs::path& path, const LoadOptions& options) { return read_unimib(path, UnimibTask::all17, options); }},
      {"UniMiB-SHAR's 51-sample falls", has("fall_splitted_data5_folds.mat"), read_unimib_falls51},
      {"NAME_TRAIN.ts and NAME_TEST.ts", has_files("_TRAIN.ts"),
       [](const fs::path& path, const LoadOptions& options) { return read_ts_folder(path, "", options); }},
      {"MNIST's IDX files", [](const fs::path& path) { return !find_idx(path, "train-images").empty(); }, read_idx_folder},
      {"CIFAR-10's binary files", has("data_batch_1.bin"), read_cifar10},
      {"a folder a class with .wav files of one second", has_folders_of(".wav"),
       [](const fs::path& path, const LoadOptions& options) { return read_speech_commands(path, 0, options); }},
      {"a folder a class with .txt files, one sample a line", has_folders_of(".txt"),
       [](const fs::path& path, const LoadOptions&) { return read_text_segments(path, 0, 0); }},
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
