// Bytes as a WAV file: reading ends with samples or an Error.
#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "data/formats/wav.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    ditmos::data::parse_wav(std::string(reinterpret_cast<const char*>(bytes), size), "fuzz");
  } catch (const ditmos::Error&) {
  }
  return 0;
}
