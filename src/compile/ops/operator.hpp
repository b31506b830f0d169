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

/// One operator: everything the compiler knows about it. Each stands in a file of its own in ops/ and on a line of operators.cpp.
struct Operator {
  const char* name;
  /// Dims of the output; throws Error when inputs and attributes do not fit.
  std::vector<int> (*shape)(const Graph& graph, const Node& node);
  /// Multiply-accumulates of one run.
  std::int64_t (*macs)(const Graph& graph, const Node& node);
  /// Float32 reference, sums in double: inputs in node.inputs order, output sized already.
  void (*reference)(const Graph& graph, const Node& node, std::span<const Array* const> inputs, Array& output);
};

/// By name; throws Error for a name that is in no list.
const Operator& find_operator(const std::string& name);
std::vector<std::string> operator_names();

}  // namespace ditmos::compile
