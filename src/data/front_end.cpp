#include "data/front_end.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "data/parallel.hpp"
#include "frontend/front_end.hpp"

namespace ditmos::data {
namespace {

using frontend::Kind;

std::vector<std::string> channel_names_of(const Dataset& d, const frontend::Settings& s) {
  std::vector<std::string> names;
  if (s.kind == Kind::band_power) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(d.channels); ++c)
      for (const frontend::Band& band : frontend::eeg_bands()) {
        const std::string channel = d.channels == 1 ? "" : (d.channel_names.empty() ? std::to_string(c) : d.channel_names[c]) + " ";
        names.push_back(channel + band.name);
      }
  } else if (s.kind == Kind::map || s.kind == Kind::normalize) {
    names = d.channel_names;
  } else if (s.kind == Kind::magnitude && !d.channel_names.empty()) {
    names = d.channel_names;
    names.push_back("magnitude");
  }
  return names;
}

std::string unit_of(const Dataset& d, const frontend::Settings& s) {
  switch (s.kind) {
    case Kind::mfcc: return "MFCC";
    case Kind::log_mel: return "ln mel power";
    case Kind::band_power: return "log10 power";
    case Kind::normalize: return "standard deviations";
    default: return d.unit;
  }
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
  if (name == "none") return;
  frontend::Settings s;
  std::string kind = name;
  const auto take = [&](const std::string& suffix) {
    if (!kind.ends_with(suffix)) return false;
    kind.resize(kind.size() - suffix.size());
    return true;
  };
  s.fixed = take("-int16");
  s.image = take("-image");
  s.kind = frontend::kind_of(kind);
  s.sample = s.kind == Kind::mfcc || s.kind == Kind::log_mel ? frontend::Sample::s16 : frontend::Sample::f32;
  if (d.rate_hz > 0) s.rate_hz = d.rate_hz;
  s.high_hz = std::min(s.high_hz, s.rate_hz / 2);
  apply_front_end(d, s);
}

void apply_brightness(Dataset& d, const std::string& asked) {
  d.unit = "brightness 0 to 255";
  if (choose_front_end(asked, "map", {"map", "none"}) == "none") return;
  frontend::Settings s;
  s.kind = Kind::map;
  s.sample = frontend::Sample::u8;
  s.factor = 1.0 / 255;
  apply_front_end(d, s);
  d.unit = "brightness 0 to 1";
}

void apply_front_end(Dataset& d, const frontend::Settings& asked) {
  frontend::Settings settings = asked;
  settings.channels = d.channels;
  settings.height = d.height;
  settings.samples = d.width;
  try {
    const frontend::FrontEnd front_end(settings);
    const std::size_t size = front_end.feature_count();
    const bool in_place = size == d.window_size();
    std::vector<float> features(in_place ? 0 : d.size() * size);
    constexpr std::size_t batch = 64;
    parallel_for((d.size() + batch - 1) / batch, [&](std::size_t b) {
      std::vector<float> own(in_place ? size : 0);
      for (std::size_t i = b * batch; i < std::min(d.size(), (b + 1) * batch); ++i) {
        front_end.compute(d.window(i), in_place ? std::span(own) : std::span(features).subspan(i * size, size));
        std::copy(own.begin(), own.end(), d.x.begin() + static_cast<std::ptrdiff_t>(i * size));
      }
    });
    d.channel_names = channel_names_of(d, settings);
    d.unit = unit_of(d, settings);
    d.front_end = to_json(front_end.settings()).dump();
    if (!in_place) d.x = std::move(features);
    d.channels = front_end.channels();
    d.height = front_end.height();
    d.width = front_end.width();
    if (front_end.frames() > 0) d.rate_hz = settings.rate_hz / front_end.hop_samples();
  } catch (const Error& e) {
    throw Error(d.name + ": " + e.what(), e.hint());
  }
}

}  // namespace ditmos::data
