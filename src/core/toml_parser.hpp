#pragma once
// The one place that includes toml++, so that it is configured once.
#define TOML_EXCEPTIONS 1
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <string>
#include <string_view>

namespace ditmos {

/// The table that `text` holds (TOML 1.0). Throws Error "name: line L, column C: what is wrong" with `hint`.
toml::table parse_toml(std::string_view text, const std::string& name, const std::string& hint = {});

}  // namespace ditmos
