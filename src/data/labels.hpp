#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.hpp"

namespace ditmos::data {

/// A name a line; empty when the file is absent.
std::vector<std::string> read_class_names(const std::filesystem::path& path);

/// Whole-number labels: with `names` they must be 0 .. names.size()-1 (Error says which is not); without,
/// the distinct labels in ascending order become the classes, named by their number.
void set_labels(Dataset& dataset, const std::vector<std::int64_t>& labels, const std::vector<std::string>& names,
                const std::string& where);

/// Text labels; the distinct ones become the classes, in ascending order (as numbers where all are numbers).
void set_labels(Dataset& dataset, const std::vector<std::string>& labels, const std::string& where);

/// Numbers any ids 0, 1, ... in the order they are first seen.
void set_groups(Dataset& dataset, const std::vector<std::int64_t>& ids);
void set_groups(Dataset& dataset, const std::vector<std::string>& ids);

}  // namespace ditmos::data
