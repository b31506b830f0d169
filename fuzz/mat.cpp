// Bytes as a MAT file: whatever is in it, reading ends with values or an Error.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.hpp"
#include "data/formats/mat.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("ditmos-fuzz-" + std::to_string(::getpid()) + ".mat")).string();
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  using ditmos::data::MatFile;
  const auto survives = [](auto&& call) {
    try {
      call();
    } catch (const ditmos::Error&) {
    }
  };
  survives([&survives] {
    const MatFile file(path);
    std::size_t rows = 0;
    survives([&] { file.matrix("acc_data"); });
    survives([&] { file.matrix_cells("acc_names"); });
    survives([&] { file.string_cells("acc_names", rows); });
  });
  return 0;
}
