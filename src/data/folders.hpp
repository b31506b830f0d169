#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace ditmos::data {

/// Sorted by name, so that a data set does not depend on the file system's order. Hidden ones are left out.
std::vector<std::filesystem::path> list_folders(const std::filesystem::path& folder);
/// Files whose extension is `extension` (".wav"), in any case.
std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder, const std::string& extension);
/// True when a sub-folder holds such a file.
bool has_files_in_folders(const std::filesystem::path& folder, const std::string& extension);

}  // namespace ditmos::data
