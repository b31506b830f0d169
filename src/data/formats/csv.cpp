#include "data/formats/csv.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace {

/// The most likely separator: the first of ; tab , that stands outside quotes in the first line.
char find_separator(std::string_view text) {
  std::size_t semicolons = 0, tabs = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    semicolons += c == ';';
    tabs += c == '\t';
  }
  return semicolons ? ';' : tabs ? '\t' : ',';
}

}  // namespace

CsvReader::CsvReader(std::string_view text, std::string name) : text_(text), name_(std::move(name)) {
  if (text_.substr(0, 2) == "\xff\xfe" || text_.substr(0, 2) == "\xfe\xff")
    throw Error(name_ + " is UTF-16 text, expected UTF-8", "save it as \"CSV UTF-8\"");
  if (text_.substr(0, 3) == "\xef\xbb\xbf") text_.remove_prefix(3);
  if (lower(text_.substr(0, 4)) == "sep=" && text_.size() > 4) {
    separator_ = text_[4];
    at_ = 5;
    skip_line_end();
  } else {
    const std::size_t start = text_.find_first_not_of("\r\n");
    separator_ = find_separator(start == std::string_view::npos ? std::string_view() : text_.substr(start));
  }
}

void CsvReader::skip_line_end() {
  if (at_ >= text_.size()) return;
  at_ += text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? 2 : 1;
  ++line_;
}

std::string_view CsvReader::cell() {
  while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  if (at_ >= text_.size() || text_[at_] != '"') {
    const std::size_t start = at_;
    while (!at_line_end() && text_[at_] != separator_) ++at_;
    return trim(text_.substr(start, at_ - start));
  }
  const std::size_t start = ++at_;
  bool doubled = false;
  for (;; ++at_) {
    if (at_ >= text_.size()) throw Error(name_ + ": line " + std::to_string(row_line_) + " has a quote that is never closed");
    if (text_[at_] == '\n') ++line_;
    if (text_[at_] != '"') continue;
    if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
    doubled = true;
    ++at_;
  }
  std::string_view content = text_.substr(start, at_ - start);
  ++at_;
  while (!at_line_end() && text_[at_] != separator_) ++at_;  // anything after the closing quote
  if (!doubled) return content;
  std::string& own = unquoted_.emplace_back();
  for (std::size_t i = 0; i < content.size(); ++i) {
    own.push_back(content[i]);
    if (content[i] == '"') ++i;
  }
  return own;
}

bool CsvReader::next(std::vector<std::string_view>& cells) {
  while (at_ < text_.size()) {
    cells.clear();
    unquoted_.clear();
    row_line_ = line_;
    for (;;) {
      cells.push_back(cell());
      if (at_line_end()) break;
      ++at_;  // the separator
    }
    skip_line_end();
    if (std::any_of(cells.begin(), cells.end(), [](std::string_view c) { return !c.empty(); })) return true;
  }
  return false;
}

}  // namespace ditmos::data
