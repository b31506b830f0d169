#include "data/dataset.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace ditmos::data {
namespace {

std::string where(const Dataset& d) { return d.name.empty() ? "data set" : d.name; }

void check_length(const Dataset& d, std::size_t got, const char* what) {
  if (got != d.size())
    throw Error(where(d) + ": " + std::to_string(got) + " " + what + " for " + std::to_string(d.size()) + " labels");
}

void check_finite(const Dataset& d) {
  const std::size_t plane = static_cast<std::size_t>(d.height) * static_cast<std::size_t>(d.width);
  for (std::size_t i = 0; i < d.x.size(); ++i) {
    if (std::isfinite(d.x[i])) continue;
    const std::size_t at = i % d.window_size();
    throw Error(where(d) + ": window " + std::to_string(i / d.window_size()) + ", channel " + std::to_string(at / plane) +
                    ", position " + std::to_string(at % plane) + " is " +
                    (std::isnan(d.x[i]) ? "not a number" : "infinite"),
                "remove or interpolate such windows; \"ditmos inspect\" lists them");
  }
}

}  // namespace

void validate(const Dataset& d) {
  if (d.channels <= 0 || d.height <= 0 || d.width <= 0)
    throw Error(where(d) + ": windows of " + std::to_string(d.channels) + " x " + std::to_string(d.height) + " x " +
                std::to_string(d.width) + ", expected at least 1 x 1 x 1");
  if (d.size() == 0) throw Error(where(d) + ": there are no windows");
  if (d.x.size() != d.size() * d.window_size())
    throw Error(where(d) + ": " + std::to_string(d.x.size()) + " values for " + std::to_string(d.size()) +
                " windows of " + std::to_string(d.window_size()));
  if (!d.group.empty()) check_length(d, d.group.size(), "group ids");
  if (!d.official.empty()) check_length(d, d.official.size(), "official parts");
  for (std::size_t i = 0; i < d.official.size(); ++i)
    if (d.official[i] < 0 || d.official[i] >= std::max(d.folds, 2))
      throw Error(where(d) + ": window " + std::to_string(i) + " is in official part " + std::to_string(d.official[i]) + ", expected 0 to " +
                  std::to_string(std::max(d.folds, 2) - 1));
  if (!d.channel_names.empty() && d.channel_names.size() != static_cast<std::size_t>(d.channels))
    throw Error(where(d) + ": " + std::to_string(d.channel_names.size()) + " channel names for " +
                std::to_string(d.channels) + " channels");
  if (d.classes.size() < 2)
    throw Error(where(d) + ": there is only one class", "a classifier needs windows of at least two classes");
  std::vector<std::size_t> count(d.classes.size());
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (d.y[i] < 0 || static_cast<std::size_t>(d.y[i]) >= count.size())
      throw Error(where(d) + ": window " + std::to_string(i) + " has label " + std::to_string(d.y[i]) +
                  ", expected 0 to " + std::to_string(count.size() - 1));
    ++count[static_cast<std::size_t>(d.y[i])];
  }
  for (std::size_t c = 0; c < count.size(); ++c)
    if (count[c] == 0)
      throw Error(where(d) + ": class \"" + d.classes[c] + "\" has no window", "add windows of it or remove its name");
  check_finite(d);
}

}  // namespace ditmos::data
