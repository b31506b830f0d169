#include "core/toml_parser.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace ditmos {
namespace {

/// toml++ 3.3 has undefined behaviour on U+FB00 .. U+FEFE where it looks for white space (found by fuzzing). In UTF-8 these are
/// EF AC xx .. EF BB xx; a byte-order mark (EF BB BF) at the start of the file is allowed.
std::size_t find_refused(std::string_view text) {
  for (std::size_t i = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; i + 1 < text.size(); ++i) {
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if (text[i] == '\xEF' && second >= 0xAC && second <= 0xBB) return i;
  }
  return std::string_view::npos;
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& name, const std::string& hint) {
  if (const std::size_t at = find_refused(text); at != std::string_view::npos) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    throw Error(name + ": line " + std::to_string(line) + " holds a character of U+FB00 to U+FEFF, which is not taken here", hint);
  }
  try {
    return toml::parse(text, std::string_view(name));
  } catch (const toml::parse_error& e) {
    throw Error(name + ": line " + std::to_string(e.source().begin.line) + ", column " + std::to_string(e.source().begin.column) + ": " +
                    std::string(e.description()),
                hint);
  }
}

}  // namespace ditmos
