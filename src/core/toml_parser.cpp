#include "core/toml_parser.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace ditmos {
namespace {

/// The first byte beyond ASCII outside of strings and comments, where TOML 1.0 has no place for it and toml++ has undefined
/// behaviour (it looks for white space among such characters; found by fuzzing). A byte-order mark at the start is allowed.
std::size_t find_refused(std::string_view text) {
  const std::size_t none = std::string_view::npos;
  std::size_t i = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (i < text.size()) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x80) return i;
    if (c == '#') {
      i = text.find('\n', i);
      if (i == none) return none;
    } else if (c == '"' || c == '\'') {
      const std::string triple(3, c);
      const bool long_string = text.substr(i, 3) == triple;
      i += long_string ? 3 : 1;
      while (i < text.size() && (long_string ? text.substr(i, 3) != triple : text[i] != c && text[i] != '\n'))
        i += c == '"' && text[i] == '\\' ? 2 : 1;
      i += long_string ? 3 : 1;
    } else {
      ++i;
    }
  }
  return none;
}

/// Every byte beyond ASCII as '?', which has no place outside of strings and comments either. What toml++ parses of this it parses of the original
/// alike, and it never looks for white space among characters beyond ASCII.
std::string in_ascii(std::string_view text) {
  std::string out(text);
  std::replace_if(out.begin() + (text.starts_with("\xEF\xBB\xBF") ? 3 : 0), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return out;
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& name, const std::string& hint) {
  if (const std::size_t at = find_refused(text); at != std::string_view::npos) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    throw Error(name + ": line " + std::to_string(line) + " holds a character beyond ASCII outside of quotes; write it in quotes or leave it out", hint);
  }
  try {
    static_cast<void>(toml::parse(in_ascii(text), std::string_view(name)));
    return toml::parse(text, std::string_view(name));
  } catch (const toml::parse_error& e) {
    throw Error(name + ": line " + std::to_string(e.source().begin.line) + ", column " + std::to_string(e.source().begin.column) + ": " +
                    std::string(e.description()),
                hint);
  }
}

}  // namespace ditmos
