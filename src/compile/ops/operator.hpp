#pragma once
#include <cstdint>
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

/// Where a node is emitted: C expressions for what it reads and writes.
struct Site {
  const Graph& graph;
  const Node& node;
  std::vector<std::string> in;  ///< pointers, one an input
  std::string out;              ///< pointer
  std::string constants;        ///< prefix of the node's fields: "w->conv1_"
  bool slice = false;           ///< one output slice: inputs point at the first slice it reads
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
