#include "compile/front_end.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace ditmos::compile {

std::shared_ptr<const frontend::FrontEnd> import_front_end(const model::Bundle& bundle) {
  if (bundle.front_end.is_null()) return nullptr;
  const auto front_end = std::make_shared<const frontend::FrontEnd>(frontend::parse_settings(bundle.front_end, "the manifest's front end"));
  if (front_end->channels() != bundle.channels || front_end->height() != bundle.height || front_end->width() != bundle.width)
    throw Error(fmt::format("the manifest's front end gives {} x {} x {}, its input has {} x {} x {}", front_end->channels(), front_end->height(), front_end->width(), bundle.channels,
                            bundle.height, bundle.width),
                "\"front_end\": null compiles the networks alone");
  return front_end;
}

std::optional<frontend::Stream> import_stream(const model::Bundle& bundle, const frontend::FrontEnd* front_end, std::string& why_not) {
  if (bundle.stream.is_null() || bundle.height != 1 || (front_end && front_end->settings().sample != frontend::Sample::f32)) return std::nullopt;
  frontend::Stream stream = frontend::parse_stream(bundle.stream, "the manifest's stream");
  const int channels = front_end ? front_end->settings().channels : bundle.channels, width = front_end ? front_end->settings().samples : bundle.width;
  if (static_cast<int>(stream.columns.size()) != channels || stream.width != width)
    throw Error(fmt::format("the manifest's stream gives {} x {} samples, and the model takes {} x {}", stream.columns.size(), stream.width, channels, width),
                "\"stream\": null compiles the model alone");
  try {
    if (stream.sensor_hz > 0 && stream.sensor_hz != stream.rate_hz) frontend::make_resampler(stream.sensor_hz, stream.rate_hz);
  } catch (const Error& error) {
    why_not = error.what();
    return std::nullopt;
  }
  return stream;
}

}  // namespace ditmos::compile
