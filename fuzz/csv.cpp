// Bytes as a CSV file of windows: reading ends with a data set or an Error.
#include <cstdint>
#include <string_view>

#include "core/error.hpp"
#include "data/formats/csv_dataset.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    ditmos::data::parse_csv_dataset({reinterpret_cast<const char*>(bytes), size}, "fuzz", {});
  } catch (const ditmos::Error&) {
  }
  return 0;
}
