// Bytes as a MAT file: reading ends with values or an Error.
#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "data/formats/mat.hpp"

namespace {

template <class Call>
void survives(const Call& call) {
  try {
    call();
  } catch (const ditmos::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  survives([&] {
    const ditmos::data::MatFile file(std::string(reinterpret_cast<const char*>(bytes), size), "fuzz");
    std::size_t rows = 0;
    survives([&] { file.matrix("acc_data"); });
    survives([&] { file.matrix_cells("acc_names"); });
    survives([&] { file.string_cells("acc_names", rows); });
  });
  return 0;
}
