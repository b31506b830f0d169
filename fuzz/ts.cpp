// Bytes as a .ts file: reading ends with series or an Error.
#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "data/formats/ts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    ditmos::data::parse_ts({reinterpret_cast<const char*>(bytes), size}, "fuzz");
  } catch (const ditmos::Error&) {
  }
  return 0;
}
