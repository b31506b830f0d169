#include "frontend/settings.hpp"

#include <cmath>
#include <iterator>
#include <vector>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"

namespace ditmos::frontend {
namespace {

constexpr const char* kKinds[] = {"mfcc", "log-mel", "band-power", "map", "magnitude", "normalize", "compand"};
constexpr const char* kSamples[] = {"float32", "int16", "uint8"};

bool is_mel(Kind kind) { return kind == Kind::mfcc || kind == Kind::log_mel; }

}  // namespace

std::string name_of(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string name_of(Sample sample) { return kSamples[static_cast<std::size_t>(sample)]; }

Kind kind_of(const std::string& name) {
  const std::vector<std::string> names(std::begin(kKinds), std::end(kKinds));
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Kind>(i);
  throw Error("unknown front end \"" + name + "\"", name_hint(name, names));
}

Json to_json(const Settings& s) {
  Json json = {{"kind", name_of(s.kind)}, {"sample", name_of(s.sample)}, {"channels", s.channels}, {"height", s.height},
               {"samples", s.samples}, {"rate_hz", s.rate_hz}};
  if (is_mel(s.kind)) {
    json["arithmetic"] = s.fixed ? "int16" : "float32";
    json["layout"] = s.image ? "image" : "series";
    json["frame_ms"] = s.frame_ms;
    json["hop_ms"] = s.hop_ms;
    json["mels"] = s.mels;
    json["low_hz"] = s.low_hz;
    json["high_hz"] = s.high_hz;
    if (s.kind == Kind::mfcc) json["coefficients"] = s.coefficients;
  }
  if (s.kind == Kind::band_power) json["frame"] = s.frame;
  if (s.kind == Kind::map || s.kind == Kind::compand) json["factor"] = s.factor;
  return json;
}

Settings parse_settings(const Json& json, const std::string& where) {
  const auto whole = [&](const char* key, int standard) {
    if (!json.contains(key)) return standard;
    const double value = json_get<double>(json, key, where);
    if (!(value >= 0 && value <= 1e8) || value != std::floor(value)) throw Error(where + ": \"" + key + "\" is no whole number from 0 to 100000000");
    return static_cast<int>(value);
  };
  const auto number = [&](const char* key, double standard) { return json.contains(key) ? json_get<double>(json, key, where) : standard; };
  Settings s;
  s.kind = kind_of(json_get<std::string>(json, "kind", where));
  s.sample = is_mel(s.kind) ? Sample::s16 : Sample::f32;
  if (json.contains("sample")) {
    const auto name = json_get<std::string>(json, "sample", where);
    bool known = false;
    for (std::size_t i = 0; i < std::size(kSamples); ++i)
      if (name == kSamples[i]) s.sample = static_cast<Sample>(i), known = true;
    if (!known) throw Error(where + ": \"sample\" is \"" + name + "\", expected float32, int16 or uint8");
  }
  s.channels = whole("channels", 1);
  s.height = whole("height", 1);
  s.samples = whole("samples", 0);
  s.rate_hz = number("rate_hz", 0);
  if (json.contains("arithmetic")) s.fixed = json_get<std::string>(json, "arithmetic", where) == "int16";
  if (json.contains("layout")) s.image = json_get<std::string>(json, "layout", where) == "image";
  s.frame_ms = number("frame_ms", s.frame_ms);
  s.hop_ms = number("hop_ms", s.hop_ms);
  s.mels = whole("mels", s.mels);
  s.low_hz = number("low_hz", s.low_hz);
  s.high_hz = number("high_hz", s.high_hz);
  s.coefficients = s.kind == Kind::mfcc ? whole("coefficients", s.coefficients) : 0;
  s.frame = whole("frame", s.frame);
  s.factor = number("factor", s.factor);
  return s;
}

}  // namespace ditmos::frontend
