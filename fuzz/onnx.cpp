// Any bytes: parse_onnx gives a graph or an Error; what it gives can be written and read again.
#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "model/graph.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const auto graph = ditmos::model::parse_onnx(bytes, "fuzz.onnx");
    ditmos::model::parse_onnx(ditmos::model::serialize_onnx(graph), "again.onnx");
  } catch (const ditmos::Error&) {
  }
  return 0;
}
