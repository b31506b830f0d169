// Bytes as an NPY file: reading ends with values or an Error.
#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "data/formats/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    const auto array = ditmos::data::parse_npy({reinterpret_cast<const char*>(bytes), size}, "fuzz");
    ditmos::data::npy_floats(array);
    ditmos::data::npy_integers(array, "fuzz");
  } catch (const ditmos::Error&) {
  }
  return 0;
}
