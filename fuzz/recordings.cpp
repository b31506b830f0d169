// Bytes as a dataset.toml: reading ends with settings or an Error.
#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "data/recordings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    ditmos::data::parse_recording_settings(std::string(reinterpret_cast<const char*>(bytes), size), "fuzz");
  } catch (const ditmos::Error&) {
  }
  return 0;
}
