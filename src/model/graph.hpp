#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace ditmos::model {

enum class DataType { float32, float64, int8, uint8, int32, int64, boolean };

/// A constant. Row-major. Exactly one of the vectors is used: `f` for float32 and float64, `i` otherwise.
struct Tensor {
  std::string name;
  DataType type = DataType::float32;
  std::vector<std::int64_t> dims;
  std::vector<float> f;
  std::vector<std::int64_t> i;
};

/// A graph input or output. A dimension of -1 is unknown (dynamic).
struct ValueInfo {
  std::string name;
  DataType type = DataType::float32;
  std::vector<std::int64_t> dims;
};

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>, Tensor>;

struct Node {
  std::string op;    ///< ONNX operator type: "Conv", "Gemm", ...
  std::string name;  ///< may be empty in foreign files
  std::vector<std::string> inputs, outputs;  ///< an empty name is an optional input left out
  std::map<std::string, Attribute> attributes;
};

/// An ONNX graph as plain data: the neutral form between trainer, file and compiler. Nodes are in
/// topological order.
struct Graph {
  std::string name;
  std::int64_t opset = 13;
  std::vector<ValueInfo> inputs;  ///< real inputs only, no initializers
  std::vector<ValueInfo> outputs;
  std::vector<Tensor> initializers;
  std::vector<Node> nodes;
};

/// ONNX (IR version 8). Reading throws Error on what is not ONNX, on external data, on element types other
/// than DataType, on nodes out of order; writing passes onnx.checker.
Graph read_onnx(const std::filesystem::path& path);
Graph parse_onnx(const std::string& bytes, const std::string& name);
std::string serialize_onnx(const Graph& graph);
void write_onnx(const std::filesystem::path& path, const Graph& graph);

}  // namespace ditmos::model
