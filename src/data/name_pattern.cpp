#include "data/name_pattern.hpp"

#include <vector>

#include "core/error.hpp"

namespace ditmos::data {
namespace {

/// A piece of fixed text, or a place to fill.
struct Piece {
  std::string text;  ///< fixed text, or the name of the place
  bool place = false;
  bool may_be_empty = false;
};

std::vector<Piece> parse(std::string_view pattern) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < pattern.size();) {
    if (pattern[i] == '*') {
      pieces.push_back({"", true, true});
      ++i;
    } else if (pattern[i] == '{') {
      const std::size_t end = pattern.find('}', i);
      if (end == std::string_view::npos) throw Error("pattern \"" + std::string(pattern) + "\" has a \"{\" without \"}\"");
      pieces.push_back({std::string(pattern.substr(i + 1, end - i - 1)), true, false});
      i = end + 1;
    } else {
      if (pieces.empty() || pieces.back().place) pieces.push_back({});
      pieces.back().text += pattern[i++];
    }
  }
  return pieces;
}

}  // namespace

std::optional<std::map<std::string, std::string>> match_pattern(std::string_view pattern, std::string_view text) {
  const std::vector<Piece> pieces = parse(pattern);
  const std::size_t columns = text.size() + 1;
  // fits[p][i]: pieces p.. fit text from i on; filled from the end, so that the work is bounded.
  std::vector<std::vector<char>> fits(pieces.size() + 1, std::vector<char>(columns, 0));
  fits[pieces.size()][text.size()] = 1;
  for (std::size_t p = pieces.size(); p-- > 0;) {
    const Piece& piece = pieces[p];
    if (!piece.place) {
      for (std::size_t i = 0; i + piece.text.size() <= text.size(); ++i)
        fits[p][i] = text.substr(i, piece.text.size()) == piece.text && fits[p + 1][i + piece.text.size()];
      continue;
    }
    char later = 0;  // some end after i fits
    for (std::size_t i = columns; i-- > 0;) {
      fits[p][i] = static_cast<char>(later || (piece.may_be_empty && fits[p + 1][i]));
      later = static_cast<char>(later || fits[p + 1][i]);
    }
  }
  if (!fits[0][0]) return std::nullopt;
  std::map<std::string, std::string> found;
  std::size_t at = 0;
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    std::size_t end = at + (pieces[p].place ? (pieces[p].may_be_empty ? 0 : 1) : pieces[p].text.size());
    while (pieces[p].place && !fits[p + 1][end]) ++end;
    if (pieces[p].place && !pieces[p].text.empty()) found[pieces[p].text] = text.substr(at, end - at);
    at = end;
  }
  return found;
}

}  // namespace ditmos::data
