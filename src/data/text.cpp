#include "data/text.hpp"

#include <algorithm>
#include <charconv>

namespace ditmos::data {

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    const bool pair = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
    text.remove_prefix(end + (pair ? 2 : 1));
  }
  return lines;
}

std::optional<double> parse_number(std::string_view text, bool decimal_comma) {
  text = trim(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  char buffer[64];
  if (decimal_comma && text.find(',') != std::string_view::npos) {
    if (text.size() > sizeof buffer) return std::nullopt;
    std::copy(text.begin(), text.end(), buffer);
    std::replace(buffer, buffer + text.size(), ',', '.');
    text = std::string_view(buffer, text.size());
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace ditmos::data
