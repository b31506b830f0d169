#pragma once
#include <span>
#include <string>

namespace ditmos {

/// The nearest of `names` by edit distance (Levenshtein 1966), or empty when none is near.
std::string nearest_name(const std::string& name, std::span<const std::string> names);
/// The hint for a name that is none of `names`: "did you mean ...?" when one is near, else `otherwise`; without it, the list of all.
std::string name_hint(const std::string& name, std::span<const std::string> names, const std::string& otherwise = {});

}  // namespace ditmos
