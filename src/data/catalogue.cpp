#include "data/catalogue.hpp"

#include <cstdlib>
#include <utility>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"
#include "core/source_dir.hpp"
#include "data/front_end.hpp"
#include "data/recognise.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;

const CatalogueEntry& find_entry(const std::string& name) {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  std::string near = nearest_name(name, names);
  for (const std::string& known : names)
    if (near.empty() && !name.empty() && known.starts_with(name)) near = known;
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
  roots.emplace_back("data");  // of the working folder: where "ditmos fetch" puts what it brings
  roots.push_back((fs::path(DITMOS_SOURCE_DIR) / ".." / "shared" / "data").lexically_normal());
  roots.emplace_back("/usr/share/datasets");  // where Debian's dataset-* packages put theirs
  return roots;
}

fs::path find_data(const CatalogueEntry& entry) {
  std::error_code code;
  for (const fs::path& root : data_roots())
    for (const std::string& marker : entry.markers)
      if (fs::exists(root / entry.folder / marker, code)) return root / entry.folder;
  return {};
}

namespace {

/// The front end asked for, unless the reader has put one before its windows already; then the checks, whose errors name `where`.
Dataset finish(Dataset dataset, const LoadOptions& options, const std::string& where) {
  const std::string name = std::exchange(dataset.name, where);
  if (dataset.front_end.empty() && !options.front_end.empty()) apply_front_end(dataset, options.front_end);
  if (options.check) validate(dataset);
  dataset.name = name;
  return dataset;
}

}  // namespace

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
  return finish(std::move(dataset), options, name);
}

Dataset load_path(const fs::path& path, const LoadOptions& options) {
  if (path.empty()) throw Error("no data set given", "name one with --dataset, or give your own with --data");
  std::error_code code;
  if (!fs::exists(path, code)) throw Error("no such file or folder: " + path.string(), "check --data");
  return finish(read_recognised(path, options), options, path.string());
}

}  // namespace ditmos::data
