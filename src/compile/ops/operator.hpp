#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "compile/graph.hpp"

namespace ditmos::compile {

/// Elements of one value on the host, row-major over `dims`.
struct Array {
  std::vector<int> dims;
  std::vector<float> data;
};

/// One constant of a node as it lies on the chip. Scalars are plain members, the others arrays.
struct Field {
  std::string name;
  Type type = Type::f32;
  std::vector<float> f;         ///< f32
  std::vector<std::int32_t> i;  ///< other types
  bool scalar = false;
  std::size_t count() const { return type == Type::f32 ? f.size() : i.size(); }
};

/// What the emitted file defines for all its layers, under the condition that the kernels which take it are compiled: constants of layers,
/// each once, and the tile functions that they name.
class SharedLayers {
 public:
  explicit SharedLayers(std::string model) : model_(std::move(model)) {}
  /// "DITMOS_TILE_DSP(3)"
  void tile(const std::string& condition, const std::string& definition) { parts_[condition].tiles.insert(definition); }
  /// The name of a constant of this type and with this initializer: MODEL_layer<i>.
  std::string layer(const std::string& condition, const std::string& type, const std::string& initializer);
  std::string code() const;

 private:
  struct Part {
    std::set<std::string> tiles;
    std::map<std::string, std::string> layers;  ///< "type initializer" -> name
    std::string definitions;
  };
  std::string model_;
  std::map<std::string, Part> parts_;
  int count_ = 0;
};

/// Where a node is emitted: C expressions for what it reads and writes.
struct Site {
  const Graph& graph;
  const Node& node;
  std::vector<std::string> in;  ///< pointers, one an input
  std::string out;              ///< pointer
  std::string constants;        ///< prefix of the node's fields: "w->conv1_"
  bool slice = false;           ///< one output slice: inputs point at the first slice it reads
  SharedLayers* shared = nullptr;
  int first = 0;                ///< first output column that a convolution makes; inputs and output point there
  std::string field(const char* name) const { return constants + name; }
};

/// One operator: everything the compiler knows about it. Each stands in a file of its own in ops/ and on a line of operators.cpp.
struct Operator {
  const char* name;
  /// Dims of the output; throws Error when inputs and attributes do not fit.
  std::vector<int> (*shape)(const Graph& graph, const Node& node);
  /// Multiply-accumulates of one run.
  std::int64_t (*macs)(const Graph& graph, const Node& node);
  /// Float32 reference, sums in double: inputs in node.inputs order, output sized already.
  void (*reference)(const Graph& graph, const Node& node, std::span<const Array* const> inputs, Array& output);
  /// C99 statements that compute the node.
  std::string (*emit)(const Site& site);
  /// Its constants in the order the emitted code wants; null: none but constant inputs.
  std::vector<Field> (*fields)(const Graph& graph, const Node& node) = nullptr;
};

/// By name; throws Error for a name that is in no list.
const Operator& find_operator(const std::string& name);
std::vector<std::string> operator_names();

}  // namespace ditmos::compile
