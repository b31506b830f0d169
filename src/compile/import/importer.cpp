#include "compile/import/importer.hpp"

#include <cmath>

#include "compile/interpreter.hpp"
#include "compile/ops/shapes.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 28;

/// Dims with their product checked; `leading` replaces an unknown first dimension.
std::vector<int> checked_dims(const std::vector<std::int64_t>& dims, const std::string& where) {
  std::vector<int> checked;
  std::int64_t size = 1;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    std::int64_t dim = dims[d];
    if (dim < 0 && d == 0) dim = 1;
    if (dim < 0)
      throw Error(where + " has a dynamic shape: dimension " + std::to_string(d) + " is unknown", "export the model with fixed shapes; only the batch may be dynamic, and becomes 1");
    if (dim == 0) throw Error(where + " has a dimension of 0");
    if (dim > kMostElements || (size *= dim) > kMostElements) throw Error(where + " has more than 2^28 elements");
    checked.push_back(static_cast<int>(dim));
  }
  return checked;
}

}  // namespace

Importer::Importer(const model::Graph& source) : source_(source) { graph_.name = source.name; }

void Importer::refuse(const std::string& what, const std::string& hint) const {
  throw Error("node " + std::to_string(index_) + " (" + node_->op + (node_->name.empty() ? "" : " \"" + node_->name + "\"") + "): " + what, hint);
}

std::string Importer::node_name() const {
  return node_->name.empty() ? node_->op + "_" + std::to_string(index_) : node_->name;
}

bool Importer::has_attribute(const char* name) const { return node_->attributes.contains(name); }

namespace {
template <class T>
const T* get_attribute(const model::Node& node, const char* name) {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() ? nullptr : std::get_if<T>(&found->second);
}
}  // namespace

std::int64_t Importer::integer(const char* name, std::int64_t otherwise) const {
  if (!has_attribute(name)) return otherwise;
  const auto* value = get_attribute<std::int64_t>(*node_, name);
  expect(value, std::string("attribute \"") + name + "\" is no integer");
  return *value;
}

float Importer::real(const char* name, float otherwise) const {
  if (!has_attribute(name)) return otherwise;
  const auto* value = get_attribute<float>(*node_, name);
  expect(value, std::string("attribute \"") + name + "\" is no number");
  return *value;
}

std::string Importer::text(const char* name, const std::string& otherwise) const {
  if (!has_attribute(name)) return otherwise;
  const auto* value = get_attribute<std::string>(*node_, name);
  expect(value, std::string("attribute \"") + name + "\" is no string");
  return *value;
}

std::vector<std::int64_t> Importer::integers(const char* name, std::vector<std::int64_t> otherwise) const {
  if (!has_attribute(name)) return otherwise;
  const auto* value = get_attribute<std::vector<std::int64_t>>(*node_, name);
  expect(value, std::string("attribute \"") + name + "\" is no list of integers");
  return *value;
}

bool Importer::has_input(std::size_t i) const { return i < node_->inputs.size() && !node_->inputs[i].empty(); }

ValueId Importer::input(std::size_t i) const {
  expect(has_input(i), "input " + std::to_string(i) + " is missing");
  const auto found = values_.find(node_->inputs[i]);
  expect(found != values_.end(), "input \"" + node_->inputs[i] + "\" is of an integer type, expected float32");
  return found->second;
}

const Value& Importer::constant(std::size_t i) const {
  const Value& value = input_value(i);
  expect(value.constant, "input \"" + node_->inputs[i] + "\" must be a constant");
  return value;
}

std::vector<std::int64_t> Importer::integer_constant(std::size_t i) const {
  expect(has_input(i), "input " + std::to_string(i) + " is missing");
  const auto found = integers_.find(node_->inputs[i]);
  if (found == integers_.end())
    refuse("input \"" + node_->inputs[i] + "\" must be a constant of integers", "shapes that depend on the data are not supported");
  return found->second;
}

std::optional<std::vector<std::int64_t>> Importer::attribute_or_input(const char* name, std::size_t i) const {
  if (has_attribute(name)) return integers(name, {});
  if (has_input(i)) return integer_constant(i);
  return std::nullopt;
}

int Importer::axis(std::int64_t axis, int rank) const {
  const std::int64_t counted = axis < 0 ? axis + rank : axis;
  expect(counted >= 0 && counted < rank, "axis " + std::to_string(axis) + " is out of range");
  return static_cast<int>(counted);
}

ValueId Importer::add(Node node, Type type, const Quantization& quantization) {
  if (node.name.empty()) node.name = node_name();
  Value value;
  value.name = node.name;
  value.type = type;
  value.quantization = quantization;
  node.output = graph_.add_value(std::move(value));
  bool constant = true;
  for (const ValueId id : node.inputs) constant = constant && graph_.value(id).constant;
  try {
    std::vector<int> dims = find_operator(node.op).shape(graph_, node);
    std::int64_t size = 1;
    for (const int dim : dims) expect((size *= dim) <= kMostElements, "its output has more than 2^28 elements");
    graph_.value(node.output).dims = std::move(dims);
  } catch (const Error& error) {
    refuse(error.what(), error.hint());
  }
  const ValueId output = node.output;
  if (constant)
    fold_node(graph_, node);
  else
    graph_.nodes.push_back(std::move(node));
  return output;
}

ValueId Importer::transpose(ValueId value, std::vector<int> axes) {
  Node node;
  node.op = "transpose";
  node.inputs = {value};
  node.axes = std::move(axes);
  return add(std::move(node), graph_.value(value).type, graph_.value(value).quantization);
}

ValueId Importer::reshape(ValueId value, std::vector<int> dims) {
  if (graph_.value(value).dims == dims) return value;
  Node node;
  node.op = "reshape";
  node.inputs = {value};
  node.axes = std::move(dims);
  return add(std::move(node), graph_.value(value).type, graph_.value(value).quantization);
}

ValueId Importer::to_channel_last(ValueId value) {
  const std::size_t rank = graph_.value(value).dims.size();
  expect(rank == 3 || rank == 4, "the input has " + std::to_string(rank) + " dimensions, expected batch, channels and one or two more");
  return transpose(value, rank == 3 ? std::vector<int>{0, 2, 1} : std::vector<int>{0, 2, 3, 1});
}

ValueId Importer::from_channel_last(ValueId value) {
  return transpose(value, graph_.value(value).dims.size() == 3 ? std::vector<int>{0, 2, 1} : std::vector<int>{0, 3, 1, 2});
}

void Importer::define(std::size_t i, ValueId value) {
  if (i < node_->outputs.size() && !node_->outputs[i].empty()) values_[node_->outputs[i]] = value;
}

void Importer::define_integers(std::vector<std::int64_t> values) {
  if (!node_->outputs.empty()) integers_[node_->outputs[0]] = std::move(values);
}

void Importer::define_alias(std::size_t i) {
  if (has_input(i) && integers_.contains(node_->inputs[i])) define_integers(integers_.at(node_->inputs[i]));
  if (!has_input(i) || !integers_.contains(node_->inputs[i]) || values_.contains(node_->inputs[i])) define(input(i));
}

void Importer::add_constant(const std::string& name, const model::Tensor& tensor) {
  using model::DataType;
  Value value;
  value.name = name;
  value.constant = true;
  switch (tensor.type) {
    case DataType::float32:
    case DataType::float64: value.f = tensor.f; break;
    case DataType::int8: value.type = Type::s8; break;
    case DataType::uint8: value.type = Type::u8; break;
    case DataType::int32: value.type = Type::s32; break;
    case DataType::int64:
    case DataType::boolean: integers_[name] = tensor.i; return;
  }
  if (value.type == Type::s32) integers_[name] = tensor.i;
  if (value.type != Type::f32)
    for (const std::int64_t element : tensor.i) value.i.push_back(static_cast<std::int32_t>(element));
  // A constant may be empty (an optional input given as such); only non-empty ones can be read.
  for (const std::int64_t dim : tensor.dims)
    if (dim == 0) return;
  value.dims = checked_dims(tensor.dims, "constant \"" + name + "\"");
  values_[name] = graph_.add_value(std::move(value));
}

void Importer::import_inputs() {
  using model::DataType;
  for (const model::Tensor& tensor : source_.initializers) add_constant(tensor.name, tensor);
  for (const model::ValueInfo& input : source_.inputs) {
    const std::string where = "input \"" + input.name + "\"";
    Value value;
    value.name = input.name;
    if (input.type == DataType::int8) value.type = Type::s8;
    else if (input.type == DataType::uint8) value.type = Type::u8;
    else if (input.type == DataType::int32) value.type = Type::s32;
    else if (input.type != DataType::float32) throw Error(where + " is of an element type out of scope", "inputs are float32, int8, uint8 or int32");
    value.dims = checked_dims(input.dims, where);
    const std::vector<int> dims = value.dims;
    const ValueId id = graph_.add_value(std::move(value));
    graph_.inputs.push_back({input.name, id, dims, {}});
    values_[input.name] = id;
  }
}

}  // namespace ditmos::compile
