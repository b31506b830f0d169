#include "data/series.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace ditmos::data {
namespace {

constexpr std::size_t most_values = std::size_t{1} << 32;

void append(Dataset& d, const std::vector<std::vector<float>>& series, int channels, int length, bool planar,
            const std::string& where) {
  const auto count = static_cast<std::size_t>(channels);
  std::size_t width = static_cast<std::size_t>(length);
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (series[i].empty()) throw Error(where + ": window " + std::to_string(i) + " has no samples");
    if (length == 0) width = std::max(width, series[i].size() / count);
  }
  if (width > 10'000'000 || (width * count != 0 && series.size() > most_values / (width * count)))
    throw Error(where + ": " + std::to_string(series.size()) + " windows of " + std::to_string(channels) + " x " +
                    std::to_string(width) + " are more than fit",
                "give a shorter --length");
  d.channels = channels;
  d.width = static_cast<int>(width);
  d.x.reserve(d.x.size() + series.size() * width * count);
  for (const auto& s : series) {
    const std::size_t have = s.size() / count;
    for (std::size_t c = 0; c < count; ++c)
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t from = std::min(i, have - 1);
        d.x.push_back(planar ? s[c * have + from] : s[from * count + c]);
      }
  }
}

}  // namespace

void append_interleaved(Dataset& d, const std::vector<std::vector<float>>& series, int channels, int length,
                        const std::string& where) {
  append(d, series, channels, length, false, where);
}

void append_planar(Dataset& d, const std::vector<std::vector<float>>& series, int channels, int length,
                   const std::string& where) {
  append(d, series, channels, length, true, where);
}

}  // namespace ditmos::data
