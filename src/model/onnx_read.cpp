// ONNX file to Graph. Trusts no byte of the file: every size is checked before anything is allocated.
#include <bit>
#include <cstring>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "model/graph.hpp"
#include "model/onnx_types.hpp"

namespace ditmos::model {
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{512} << 20;
static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian");

const char* const kTypesHint = "element types read: float32, float64, int8, uint8, int32, int64, bool";

std::string type_name(int proto) {
  return onnx::TensorProto_DataType_IsValid(proto)
             ? onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(proto))
             : std::to_string(proto);
}

const TypeRow& row_of_proto(int proto, const std::string& where) {
  for (const TypeRow& row : kTypes)
    if (row.proto == proto) return row;
  throw Error(where + " has element type " + type_name(proto) + ", which is not supported", kTypesHint);
}

template <class T>
void append_raw(const std::string& raw, std::size_t count, std::vector<float>* f, std::vector<std::int64_t>* i) {
  for (std::size_t k = 0; k < count; ++k) {
    T value;
    std::memcpy(&value, raw.data() + k * sizeof(T), sizeof(T));
    if (f) f->push_back(static_cast<float>(value));
    if constexpr (std::is_integral_v<T>)
      if (i) i->push_back(static_cast<std::int64_t>(value));
  }
}

void read_raw(const std::string& raw, std::size_t count, Tensor& tensor) {
  switch (tensor.type) {
    case DataType::float32: return append_raw<float>(raw, count, &tensor.f, nullptr);
    case DataType::float64: return append_raw<double>(raw, count, &tensor.f, nullptr);
    case DataType::int8: return append_raw<std::int8_t>(raw, count, nullptr, &tensor.i);
    case DataType::uint8:
    case DataType::boolean: return append_raw<std::uint8_t>(raw, count, nullptr, &tensor.i);
    case DataType::int32: return append_raw<std::int32_t>(raw, count, nullptr, &tensor.i);
    case DataType::int64: return append_raw<std::int64_t>(raw, count, nullptr, &tensor.i);
  }
}

Tensor read_tensor(const onnx::TensorProto& proto, const std::string& file) {
  const std::string where = file + ": tensor \"" + proto.name() + "\"";
  if (proto.data_location() == onnx::TensorProto_DataLocation_EXTERNAL || proto.external_data_size() > 0)
    throw Error(where + " keeps its data in another file, which is not supported",
                "save the model as one file (onnx.save without save_as_external_data)");
  const TypeRow& row = row_of_proto(proto.data_type(), where);
  Tensor tensor;
  tensor.name = proto.name();
  tensor.type = row.type;
  // No file of at most 512 MiB holds more elements than this, so the product cannot overflow.
  std::size_t count = 1;
  for (const std::int64_t dim : proto.dims()) {
    if (dim < 0 || dim > static_cast<std::int64_t>(kMostFileBytes))
      throw Error(where + " has a dimension of " + std::to_string(dim));
    count *= static_cast<std::size_t>(dim);
    if (count > kMostFileBytes) throw Error(where + " claims more elements than a file can hold");
    tensor.dims.push_back(dim);
  }
  const auto expect = [&](std::size_t found, std::size_t wanted, const char* what) {
    if (found != wanted)
      throw Error(where + " has " + std::to_string(found) + " " + what + ", its dimensions need " + std::to_string(wanted));
  };
  if (proto.has_raw_data()) {
    expect(proto.raw_data().size(), count * row.bytes, "bytes of data");
    read_raw(proto.raw_data(), count, tensor);
    return tensor;
  }
  switch (row.type) {
    case DataType::float32:
      expect(static_cast<std::size_t>(proto.float_data_size()), count, "values");
      tensor.f.assign(proto.float_data().begin(), proto.float_data().end());
      break;
    case DataType::float64:
      expect(static_cast<std::size_t>(proto.double_data_size()), count, "values");
      for (const double value : proto.double_data()) tensor.f.push_back(static_cast<float>(value));
      break;
    case DataType::int64:
      expect(static_cast<std::size_t>(proto.int64_data_size()), count, "values");
      tensor.i.assign(proto.int64_data().begin(), proto.int64_data().end());
      break;
    default:
      expect(static_cast<std::size_t>(proto.int32_data_size()), count, "values");
      tensor.i.assign(proto.int32_data().begin(), proto.int32_data().end());
  }
  return tensor;
}

ValueInfo read_value(const onnx::ValueInfoProto& proto, const std::string& file) {
  const std::string where = file + ": value \"" + proto.name() + "\"";
  if (!proto.type().has_tensor_type())
    throw Error(where + " is not a tensor", "sequences, maps and optional values are not supported");
  ValueInfo value;
  value.name = proto.name();
  value.type = row_of_proto(proto.type().tensor_type().elem_type(), where).type;
  for (const auto& dim : proto.type().tensor_type().shape().dim()) {
    if (dim.has_dim_value() && dim.dim_value() < 0)
      throw Error(where + " has a dimension of " + std::to_string(dim.dim_value()));
    value.dims.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
  }
  return value;
}

Attribute read_attribute(const onnx::AttributeProto& proto, const std::string& where, const std::string& file) {
  switch (proto.type()) {
    case onnx::AttributeProto_AttributeType_INT: return proto.i();
    case onnx::AttributeProto_AttributeType_FLOAT: return proto.f();
    case onnx::AttributeProto_AttributeType_STRING: return proto.s();
    case onnx::AttributeProto_AttributeType_INTS:
      return std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
    case onnx::AttributeProto_AttributeType_FLOATS:
      return std::vector<float>(proto.floats().begin(), proto.floats().end());
    case onnx::AttributeProto_AttributeType_TENSOR: return read_tensor(proto.t(), file);
    default:
      throw Error(where + ": attribute \"" + proto.name() + "\" is neither number, string nor tensor",
                  "nodes with subgraphs (If, Loop) and lists of strings are not supported");
  }
}

Node read_node(const onnx::NodeProto& proto, int index, const std::string& file) {
  Node node;
  const bool standard = proto.domain().empty() || proto.domain() == "ai.onnx";
  node.op = standard ? proto.op_type() : proto.domain() + "." + proto.op_type();
  node.name = proto.name();
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  const std::string where = file + ": node " + std::to_string(index) + " (" + node.op + " \"" + node.name + "\")";
  for (const auto& attribute : proto.attribute())
    node.attributes[attribute.name()] = read_attribute(attribute, where, file);
  return node;
}

/// Every name is defined once and before it is used.
void check_names(const Graph& graph, const std::string& file) {
  std::set<std::string> known;
  const auto define = [&](const std::string& name, const char* what) {
    if (name.empty()) throw Error(file + ": " + what + " without a name");
    if (!known.insert(name).second) throw Error(file + ": \"" + name + "\" is defined twice");
  };
  for (const Tensor& tensor : graph.initializers) define(tensor.name, "an initializer");
  for (const ValueInfo& input : graph.inputs) define(input.name, "an input");
  for (const Node& node : graph.nodes) {
    for (const std::string& input : node.inputs)
      if (!input.empty() && !known.contains(input))
        throw Error(file + ": node " + node.op + " \"" + node.name + "\" reads \"" + input + "\" before anything writes it",
                    "nodes must stand in topological order");
    for (const std::string& output : node.outputs)
      if (!output.empty()) define(output, "a node output");
  }
  for (const ValueInfo& output : graph.outputs)
    if (!known.contains(output.name)) throw Error(file + ": nothing writes the output \"" + output.name + "\"");
}

}  // namespace

Graph parse_onnx(const std::string& bytes, const std::string& name) {
  onnx::ModelProto model;
  if (bytes.size() > kMostFileBytes) throw Error(name + " is larger than 512 MiB");
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph() || !model.has_ir_version())
    throw Error(name + " is not an ONNX model, or is cut short", "expected a file as torch.onnx.export or onnx.save writes it");
  Graph graph;
  graph.opset = 0;
  for (const auto& opset : model.opset_import())
    if (opset.domain().empty() || opset.domain() == "ai.onnx") graph.opset = opset.version();
  if (graph.opset < 1) throw Error(name + " names no version of the ONNX operator set");
  if (model.graph().sparse_initializer_size() > 0) throw Error(name + " has sparse initializers, which are not supported");
  graph.name = model.graph().name();
  std::set<std::string> constants;
  for (const auto& tensor : model.graph().initializer()) {
    graph.initializers.push_back(read_tensor(tensor, name));
    constants.insert(tensor.name());
  }
  for (const auto& input : model.graph().input())
    if (!constants.contains(input.name())) graph.inputs.push_back(read_value(input, name));
  for (const auto& output : model.graph().output()) graph.outputs.push_back(read_value(output, name));
  for (int i = 0; i < model.graph().node_size(); ++i) graph.nodes.push_back(read_node(model.graph().node(i), i, name));
  if (graph.outputs.empty()) throw Error(name + " has no output");
  check_names(graph, name);
  return graph;
}

Graph read_onnx(const std::filesystem::path& path) {
  return parse_onnx(read_file_limited(path, kMostFileBytes), path.string());
}

}  // namespace ditmos::model
