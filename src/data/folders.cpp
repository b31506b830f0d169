#include "data/folders.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

template <class Keep>
std::vector<fs::path> list(const fs::path& folder, const Keep& keep) {
  std::error_code code;
  std::vector<fs::path> found;
  fs::directory_iterator items(folder, code);
  if (code) throw Error("cannot read the folder " + folder.string() + ": " + code.message(), "check --data");
  for (const auto& item : items)
    if (item.path().filename().string()[0] != '.' && keep(item)) found.push_back(item.path());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::vector<fs::path> list_folders(const fs::path& folder) {
  return list(folder, [](const fs::directory_entry& item) {
    std::error_code code;
    return item.is_directory(code);
  });
}

std::vector<fs::path> list_files(const fs::path& folder, const std::string& extension) {
  return list(folder, [&](const fs::directory_entry& item) {
    std::error_code code;
    return lower(item.path().extension().string()) == extension && item.is_regular_file(code);
  });
}

bool has_files_in_folders(const fs::path& folder, const std::string& extension) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) return false;
  for (const fs::path& inner : list_folders(folder))
    if (!list_files(inner, extension).empty()) return true;
  return false;
}

}  // namespace ditmos::data
