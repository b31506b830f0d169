#include "data/fetch.hpp"

#include "core/error.hpp"
#include "data/unpack.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

bool has_marker(const fs::path& folder, const CatalogueEntry& entry) {
  std::error_code code;
  for (const std::string& marker : entry.markers)
    if (fs::exists(folder / marker, code)) return true;
  return false;
}

/// The folder in or below `folder` that holds a marker: archives differ in how deep theirs lie.
fs::path find_marked(const fs::path& folder, const CatalogueEntry& entry) {
  if (has_marker(folder, entry)) return folder;
  std::error_code code;
  for (const auto& item : fs::recursive_directory_iterator(folder, code))
    if (item.is_directory(code) && has_marker(item.path(), entry)) return item.path();
  return {};
}

/// Removes a folder at the end of the scope, whatever happens.
struct Scratch {
  fs::path path;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

std::string file_name(const std::string& url) {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  std::string name = path.substr(path.find_last_of('/') + 1);
  if (name.empty() || name == "." || name == "..") throw Error("the address " + url + " names no file");
  return name;
}

}  // namespace

fs::path fetch(const CatalogueEntry& entry, const fs::path& root, const DownloadProgress& progress) {
  if (entry.files.empty()) throw Error("data set " + entry.name + " is not fetched by this program", entry.how_to_get);
  const fs::path target = root / entry.folder;
  if (has_marker(target, entry)) return target;
  std::error_code code;
  if (fs::exists(target, code) && !fs::is_empty(target, code))
    throw Error(target.string() + " holds something that is not " + entry.name, "choose another folder with --to");
  const fs::path downloads = root / (".download-" + entry.name);
  const Scratch scratch{root / (".unpack-" + entry.name)};
  fs::remove_all(scratch.path, code);
  for (const FetchFile& file : entry.files) {
    const fs::path local = downloads / file_name(file.url);
    if (!fs::exists(local, code)) download(file.url, local, file.sha256, progress);
    if (file.unpack) {
      unpack(local, scratch.path);
    } else {
      fs::create_directories(scratch.path, code);
      fs::copy_file(local, scratch.path / local.filename(), fs::copy_options::overwrite_existing, code);
      if (code) throw Error("cannot write " + (scratch.path / local.filename()).string() + ": " + code.message());
    }
  }
  const fs::path content = find_marked(scratch.path, entry);
  if (content.empty())
    throw Error("what was downloaded for " + entry.name + " lacks " + entry.markers[0], "expected " + entry.layout);
  fs::remove(target, code);
  fs::rename(content, target, code);
  if (code) throw Error("cannot move the data to " + target.string() + ": " + code.message());
  fs::remove_all(downloads, code);
  return target;
}

}  // namespace ditmos::data
