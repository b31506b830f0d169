#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ditmos::data {

std::string_view trim(std::string_view text);
/// Lines without their end (LF, CRLF or a lone CR); a byte-order mark in front is dropped.
std::vector<std::string_view> split_lines(std::string_view text);
/// The whole of `text`, blanks at the ends apart, as a number; "nan" and "inf" are numbers. With
/// `decimal_comma` the comma is the decimal sign.
std::optional<double> parse_number(std::string_view text, bool decimal_comma = false);
std::string lower(std::string_view text);

}  // namespace ditmos::data
