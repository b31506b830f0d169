// Any bytes: parse_manifest fills a bundle or throws an Error, and so does what reads its front end and its stream.
#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "frontend/front_end.hpp"
#include "frontend/stream.hpp"
#include "model/bundle.hpp"

namespace {

template <class Try>
void attempt(Try what) {
  try {
    what();
  } catch (const ditmos::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace frontend = ditmos::frontend;
  ditmos::model::Bundle bundle;
  attempt([&] { ditmos::model::parse_manifest(std::string(reinterpret_cast<const char*>(data), size), "manifest.json", bundle); });
  if (!bundle.front_end.is_null()) attempt([&] { const frontend::FrontEnd front_end(frontend::parse_settings(bundle.front_end, "front end")); });
  if (!bundle.stream.is_null())
    attempt([&] {
      const frontend::Stream stream = frontend::parse_stream(bundle.stream, "stream");
      if (stream.sensor_hz > 0) frontend::make_resampler(stream.sensor_hz, stream.rate_hz);
    });
  return 0;
}
