#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compile/graph.hpp"
#include "model/graph.hpp"

namespace ditmos::compile {

/// Translates one ONNX graph node by node. Each ONNX operator is a function in a file of import/, listed in import.cpp.
class Importer {
 public:
  explicit Importer(const model::Graph& source);

  const model::Graph& source() const { return source_; }
  Graph& graph() { return graph_; }
  std::int64_t opset() const { return source_.opset; }

  /// Throws Error naming the ONNX node being imported.
  [[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) const;
  void expect(bool holds, const std::string& what) const {
    if (!holds) refuse(what);
  }

  // Attributes of the ONNX node; each must have the type that ONNX says.
  std::int64_t integer(const char* name, std::int64_t otherwise) const;
  float real(const char* name, float otherwise) const;
  std::string text(const char* name, const std::string& otherwise) const;
  std::vector<std::int64_t> integers(const char* name, std::vector<std::int64_t> otherwise) const;
  bool has_attribute(const char* name) const;

  bool has_input(std::size_t i) const;
  /// The value that an input names, as an activation or a constant.
  ValueId input(std::size_t i) const;
  const Value& input_value(std::size_t i) const { return graph_.value(input(i)); }
  /// An input that must be a constant (weights); Error otherwise.
  const Value& constant(std::size_t i) const;
  /// An integer input that must be a constant (shape, axes, pads).
  std::vector<std::int64_t> integer_constant(std::size_t i) const;
  /// From an attribute (older operator sets) or a constant input (newer ones).
  std::optional<std::vector<std::int64_t>> attribute_or_input(const char* name, std::size_t i) const;
  int axis(std::int64_t axis, int rank) const;

  /// Adds a node with one output value, whose shape its operator infers; a node of constants is evaluated at once.
  ValueId add(Node node, Type type = Type::f32, const Quantization& quantization = {});
  ValueId transpose(ValueId value, std::vector<int> axes);
  ValueId reshape(ValueId value, std::vector<int> dims);
  /// NCW / NCHW to channel-last and back.
  ValueId to_channel_last(ValueId value);
  ValueId from_channel_last(ValueId value);
  /// The ONNX node's output `i` is this value.
  void define(std::size_t i, ValueId value);
  void define(ValueId value) { define(0, value); }
  /// An integer constant (a shape) under the name of output 0.
  void define_integers(std::vector<std::int64_t> values);
  /// A tensor under the name of output 0.
  void define_tensor(const model::Tensor& tensor) { add_constant(node_->outputs.at(0), tensor); }
  /// Output 0 is input i, of whatever kind.
  void define_alias(std::size_t i);
  std::string node_name() const;
  const model::Node& node() const { return *node_; }

  Graph run();

 private:
  void import_inputs();
  void add_constant(const std::string& name, const model::Tensor& tensor);

  const model::Graph& source_;
  const model::Node* node_ = nullptr;
  int index_ = 0;
  Graph graph_;
  std::map<std::string, ValueId> values_;
  std::map<std::string, std::vector<std::int64_t>> integers_;  ///< int32, int64 and bool constants
};

}  // namespace ditmos::compile
