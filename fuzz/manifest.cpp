// Any bytes: parse_manifest fills a bundle or throws an Error.
#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "model/bundle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    ditmos::model::Bundle bundle;
    ditmos::model::parse_manifest(std::string(reinterpret_cast<const char*>(data), size), "manifest.json", bundle);
  } catch (const ditmos::Error&) {
  }
  return 0;
}
