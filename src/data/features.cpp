#include "data/features.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/random.hpp"

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
  } else if (s.kind == Kind::map || s.kind == Kind::normalize || s.kind == Kind::compand) {
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
    case Kind::compand: return fmt::format("ln(1 + |x| / {:g} {})", 1 / s.factor, d.unit);
    default: return d.unit;
  }
}

frontend::Settings named(const Dataset& d, const std::string& name) {
  frontend::Settings s;
  std::string kind = name;
  const auto take = [&](const std::string& suffix) {
    if (!kind.ends_with(suffix)) return false;
    kind.resize(kind.size() - suffix.size());
    return true;
  };
  if (const std::size_t colon = name.find(':'); colon != std::string::npos || name == "compand") {
    char* end = nullptr;
    const std::string knee = colon == std::string::npos ? "" : name.substr(colon + 1);
    kind = name.substr(0, colon);
    s.kind = frontend::kind_of(kind);
    const double value = std::strtod(knee.c_str(), &end);
    if (s.kind != Kind::compand || !(value > 0) || !std::isfinite(value) || *end != '\0')
      throw Error("front end \"" + name + "\" has no number that it could use", "compand:K begins to compress at K, in the data's unit: the size of its quiet parts, as in compand:20");
    s.factor = 1 / value;
    s.sample = frontend::Sample::f32;
    if (d.rate_hz > 0) s.rate_hz = d.rate_hz;
    return s;
  }
  s.fixed = take("-int16");
  s.image = take("-image");
  s.kind = frontend::kind_of(kind);
  s.sample = s.kind == Kind::mfcc || s.kind == Kind::log_mel ? frontend::Sample::s16 : frontend::Sample::f32;
  if (d.rate_hz > 0) s.rate_hz = d.rate_hz;
  s.high_hz = std::min(s.high_hz, s.rate_hz / 2);
  return s;
}

frontend::FrontEnd make(const Dataset& d, frontend::Settings settings) {
  settings.channels = d.channels;
  settings.height = d.height;
  settings.samples = d.width;
  try {
    return frontend::FrontEnd(settings);
  } catch (const Error& e) {
    throw Error(d.name + ": " + e.what(), e.hint());
  }
}

}  // namespace

WindowFeatures::WindowFeatures(const Dataset& windows, const frontend::Settings& settings)
    : front_end_(make(windows, settings)), rate_hz_(windows.rate_hz), unit_(unit_of(windows, settings)), channel_names_(channel_names_of(windows, settings)) {
  if (front_end_.frames() > 0) rate_hz_ = settings.rate_hz / front_end_.hop_samples();
}

WindowFeatures::WindowFeatures(const Dataset& windows, const std::string& front_end) : WindowFeatures(windows, named(windows, front_end)) {}

void WindowFeatures::describe(Dataset& d) const {
  d.channel_names = channel_names_;
  d.unit = unit_;
  d.front_end = to_json(front_end_.settings()).dump();
  d.channels = front_end_.channels();
  d.height = front_end_.height();
  d.width = front_end_.width();
  d.rate_hz = rate_hz_;
}

std::string WindowFeatures::fingerprint() const {
  Random random(1);
  std::vector<float> window(front_end_.sample_count()), features(size());
  for (float& v : window) v = static_cast<float>(random.uniform(-0.5, 0.5));
  front_end_.compute(window, features);
  const auto bytes = std::as_bytes(std::span<const float>(features));
  return sha256(to_json(front_end_.settings()).dump() + std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace ditmos::data
