#include "data/catalogue.hpp"

#include <cstdlib>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/recognise.hpp"
#include "data/sets/sets.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

CatalogueEntry unimib(const char* name, const char* task, UnimibTask which) {
  CatalogueEntry e;
  e.name = name;
  e.task = task;
  e.licence = "free for research; cite the article";
  e.citation = "Micucci, Mobilio, Napoletano: UniMiB SHAR. Applied Sciences 7(10):1101, 2017";
  e.layout = "acc_data.mat, acc_labels.mat, acc_names.mat";
  e.how_to_get = "download UniMiB-SHAR.zip from http://www.sal.disco.unimib.it/technologies/unimib-shar/ and give its folder data";
  e.folder = "unimib-shar";
  e.markers = {"acc_data.mat"};
  e.read = [which](const fs::path& folder, const LoadOptions& options) { return read_unimib(folder, which, options); };
  return e;
}

CatalogueEntry unimib_falls51() {
  CatalogueEntry e = unimib("unimib-shar-falls51", "8 kinds of fall, 3 x 51 at 50 Hz", UnimibTask::falls8);
  e.layout = "fall_splitted_data5_folds.mat, fall_labels.mat, fall_names.mat";
  e.folder = "unimib-shar-falls51";
  e.markers = {"fall_splitted_data5_folds.mat"};
  e.read = read_unimib_falls51;
  return e;
}

CatalogueEntry dsads() {
  CatalogueEntry e;
  e.name = "dsads";
  e.task = "19 daily and sports activities, torso and right leg, 6 x 125 at 25 Hz";
  e.licence = "CC BY 4.0 (UCI)";
  e.citation = "Altun, Barshan, Tuncel, Pattern Recognition 43(10):3605-3620, 2010";
  e.layout = "x.npy (N, 6, 125), y.npy, subject.npy";
  e.how_to_get = "download Daily and Sports Activities from the UCI archive and save columns 1-3 and 28-30 as x.npy";
  e.folder = "dsads";
  e.markers = {"x.npy"};
  e.read = read_dsads;
  return e;
}

CatalogueEntry synthetic() {
  CatalogueEntry e;
  e.name = "synthetic";
  e.task = "8 motions of 12 generated subjects, 3 x 128 at 50 Hz";
  e.licence = "same as this program";
  e.citation = "none: generated from the signal model in src/data/sets/synthetic.cpp";
  e.layout = "built in, needs no files";
  e.how_to_get = "built in";
  e.read = [](const fs::path&, const LoadOptions& options) { return make_synthetic(options); };
  return e;
}

}  // namespace

const std::vector<CatalogueEntry>& catalogue() {
  static const std::vector<CatalogueEntry> entries = {
      synthetic(),
      unimib("unimib-shar", "17 activities and falls (AF-17), 3 x 151 at 50 Hz", UnimibTask::all17),
      unimib("unimib-shar-a9", "9 activities of daily living (A-9), 3 x 151 at 50 Hz", UnimibTask::activities9),
      unimib("unimib-shar-f8", "8 kinds of fall (F-8), 3 x 151 at 50 Hz", UnimibTask::falls8),
      unimib("unimib-shar-af2", "activity or fall (AF-2), 3 x 151 at 50 Hz", UnimibTask::binary2),
      unimib_falls51(),
      dsads(),
  };
  return entries;
}

const CatalogueEntry& find_entry(const std::string& name) {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  const std::string near = nearest_name(name, names);
  throw Error("unknown data set \"" + name + "\"",
              near.empty() ? "\"ditmos datasets\" lists those it knows; leave the name out to load your own folder"
                           : "did you mean \"" + near + "\"? \"ditmos datasets\" lists all");
}

std::vector<fs::path> data_roots() {
  std::vector<fs::path> roots;
  if (const char* listed = std::getenv("DITMOS_DATA")) {
    std::string_view rest = listed;
    while (!rest.empty()) {
      const std::size_t end = rest.find(':');
      if (end != 0) roots.emplace_back(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
  roots.push_back(fs::path(DITMOS_SOURCE_DIR) / ".." / "shared" / "data");
  return roots;
}

fs::path find_data(const CatalogueEntry& entry) {
  std::error_code code;
  for (const fs::path& root : data_roots())
    for (const std::string& marker : entry.markers)
      if (fs::exists(root / entry.folder / marker, code)) return root / entry.folder;
  return {};
}

Dataset load_dataset(const std::string& name, const fs::path& folder, const LoadOptions& options) {
  if (name.empty()) return load_path(folder, options);
  const CatalogueEntry& entry = find_entry(name);
  fs::path from = folder;
  if (from.empty() && !entry.markers.empty()) {
    from = find_data(entry);
    if (from.empty())
      throw Error("data set " + name + " is not on this machine",
                  entry.how_to_get + "; then give --data FOLDER or set DITMOS_DATA to the folder above it");
  }
  Dataset dataset = entry.read(from, options);
  dataset.name = name;
  validate(dataset);
  return dataset;
}

Dataset load_path(const fs::path& path, const LoadOptions& options) {
  if (path.empty()) throw Error("no data set given", "name one with --dataset, or give your own with --data");
  std::error_code code;
  if (!fs::exists(path, code)) throw Error("no such file or folder: " + path.string(), "check --data");
  Dataset dataset = read_recognised(path, options);
  validate(dataset);
  return dataset;
}

}  // namespace ditmos::data
