#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// One file that `ditmos fetch` brings, and where it is unpacked.
struct FetchFile {
  std::string url;
  std::string sha256;  ///< 64 hex digits; empty: the publisher gives none, so it is printed, not checked
  bool unpack = true;  ///< an archive, unpacked into the set's folder; else stored under its own name
};

/// A known data set: what it is, whose it is, and how it is read.
struct CatalogueEntry {
  std::string name;      ///< as --dataset takes it
  std::string task;      ///< "17 activities and falls, 3 x 151 at 50 Hz"
  std::string licence;   ///< the publisher's terms
  std::string citation;
  std::string layout;    ///< files a reader expects in the folder
  std::string how_to_get;
  std::string folder;    ///< its folder under a data root; empty: built in
  std::vector<std::string> markers;  ///< files or folders, any of which shows that the set is there
  std::vector<FetchFile> files;      ///< empty: not fetched by us (licence, or no address)
  std::function<Dataset(const std::filesystem::path&, const LoadOptions&)> read;
};

/// Every known set, in the order that `ditmos datasets` prints.
const std::vector<CatalogueEntry>& catalogue();
/// Throws Error with the nearest name.
const CatalogueEntry& find_entry(const std::string& name);

/// $DITMOS_DATA (a folder or several, ':' between them), ./data, shared/data beside the source tree, and the
/// folder of Debian's data packages.
std::vector<std::filesystem::path> data_roots();
/// The folder under a data root that holds the set; empty when none does.
std::filesystem::path find_data(const CatalogueEntry& entry);

/// Reads and validates a set. An empty name means load_path(folder); an empty folder means find_data().
/// Throws Error saying what is missing and how to get it.
Dataset load_dataset(const std::string& name, const std::filesystem::path& folder, const LoadOptions& options = {});

/// Reads and validates a user's own file or folder, recognising its format by its files; see docs/DATA.md.
Dataset load_path(const std::filesystem::path& path, const LoadOptions& options = {});

}  // namespace ditmos::data
