#pragma once
#include <cstdint>
#include <string>

namespace ditmos::report {

/// 0.8624 -> "86.2 %".
std::string format_percent(double share, int digits = 1);
/// 222928 -> "222,928".
std::string format_count(double value);
/// 1812 -> "1,812 B"; from 10,000 on "167.9 KiB".
std::string format_bytes(double bytes);
/// Fixed digits, trailing zeros cut: 0.620 -> "0.62".
std::string format_number(double value, int digits = 3);

}  // namespace ditmos::report
