#pragma once
#include <filesystem>

#include "data/catalogue.hpp"
#include "data/download.hpp"

namespace ditmos::data {

/// Downloads a set, checks it, unpacks it beside its place and moves it there whole: root / entry.folder.
/// Returns that folder. A set that is there already is left alone. Throws Error for a set that has no
/// address (saying how to get it), and when the files lack what the reader needs.
std::filesystem::path fetch(const CatalogueEntry& entry, const std::filesystem::path& root, const DownloadProgress& progress = {});

}  // namespace ditmos::data
