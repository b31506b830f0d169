#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ditmos::data {

/// A pattern of file names such as "{label}_{group}_*.csv": a {name} takes one or more characters up to the
/// first place where the rest fits, * takes any number. Returns the texts of the names; nothing when the
/// whole of `text` does not fit. Throws Error for a "{" without "}".
std::optional<std::map<std::string, std::string>> match_pattern(std::string_view pattern, std::string_view text);

}  // namespace ditmos::data
