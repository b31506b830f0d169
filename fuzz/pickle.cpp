// Bytes as a pickle: reading runs nothing and ends with arrays or an Error.
#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "data/formats/pickle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    ditmos::data::parse_pickled_arrays({reinterpret_cast<const char*>(bytes), size}, "fuzz");
  } catch (const ditmos::Error&) {
  }
  return 0;
}
