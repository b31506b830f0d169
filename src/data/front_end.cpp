#include "data/front_end.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "data/features.hpp"
#include "data/parallel.hpp"

namespace ditmos::data {
namespace {

void apply(Dataset& d, const WindowFeatures& features) {
  const std::size_t size = features.size();
  const bool in_place = size == d.window_size();
  Values all(in_place ? 0 : d.size() * size);
  constexpr std::size_t batch = 64;
  parallel_for((d.size() + batch - 1) / batch, [&](std::size_t b) {
    std::vector<float> own(in_place ? size : 0);
    for (std::size_t i = b * batch; i < std::min(d.size(), (b + 1) * batch); ++i) {
      features.compute(d.window(i), in_place ? std::span(own) : std::span(all).subspan(i * size, size));
      std::copy(own.begin(), own.end(), d.x.begin() + static_cast<std::ptrdiff_t>(i * size));
    }
  });
  if (!in_place) d.x = std::move(all);
  features.describe(d);
}

}  // namespace

std::string choose_front_end(const std::string& asked, const std::string& standard, const std::vector<std::string>& known) {
  if (asked.empty()) return standard;
  if (std::find(known.begin(), known.end(), asked) != known.end()) return asked;
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  throw Error("front end \"" + asked + "\" does not fit this data", "front ends for it: " + list);
}

const std::vector<std::string>& sound_front_ends() {
  static const std::vector<std::string> names = {"mfcc", "log-mel", "mfcc-image", "log-mel-image", "mfcc-int16", "log-mel-int16", "mfcc-image-int16", "log-mel-image-int16", "none"};
  return names;
}

void apply_front_end(Dataset& d, const std::string& name) {
  if (name != "none") apply(d, WindowFeatures(d, name));
}

void apply_brightness(Dataset& d, const std::string& asked) {
  d.unit = "brightness 0 to 255";
  if (choose_front_end(asked, "map", {"map", "none"}) == "none") return;
  frontend::Settings s;
  s.kind = frontend::Kind::map;
  s.sample = frontend::Sample::u8;
  s.factor = 1.0 / 255;
  apply_front_end(d, s);
  d.unit = "brightness 0 to 1";
}

void apply_front_end(Dataset& d, const frontend::Settings& settings) { apply(d, WindowFeatures(d, settings)); }

}  // namespace ditmos::data
