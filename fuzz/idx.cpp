// Bytes as an IDX file, plain and gzipped: reading ends with an array or an Error.
#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "data/compressed.hpp"
#include "data/formats/idx.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string file(reinterpret_cast<const char*>(bytes), size);
  try {
    ditmos::data::parse_idx(file, "fuzz");
  } catch (const ditmos::Error&) {
  }
  try {
    ditmos::data::parse_idx(ditmos::data::gunzip(file, "fuzz", 1 << 20), "fuzz");
  } catch (const ditmos::Error&) {
  }
  return 0;
}
