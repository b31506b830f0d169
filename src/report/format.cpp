#include "report/format.hpp"

#include <fmt/format.h>

#include <cmath>

namespace ditmos::report {

std::string format_percent(double share, int digits) { return fmt::format("{:.{}f} %", 100.0 * share, digits); }

std::string format_count(double value) {
  const std::string digits = fmt::format("{:.0f}", std::abs(value));
  std::string out = value < 0 ? "-" : "";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string format_bytes(double bytes) {
  if (std::abs(bytes) < 10000.0) return format_count(bytes) + " B";
  if (std::abs(bytes) < 1024.0 * 10000.0) return fmt::format("{:.1f} KiB", bytes / 1024.0);
  return fmt::format("{:.1f} MiB", bytes / (1024.0 * 1024.0));
}

std::string format_number(double value, int digits) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace ditmos::report
