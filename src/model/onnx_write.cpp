// Graph to ONNX bytes. The same graph gives the same bytes.
#include "core/error.hpp"
#include "core/file.hpp"
#include "model/graph.hpp"
#include "model/onnx_types.hpp"

namespace ditmos::model {
namespace {

constexpr std::int64_t kIrVersion = 8;

template <class T, class From>
void put(std::string& raw, From value) {
  const T typed = static_cast<T>(value);
  raw.append(reinterpret_cast<const char*>(&typed), sizeof typed);
}

void write_tensor(const Tensor& tensor, onnx::TensorProto& proto) {
  std::size_t count = 1;
  for (const std::int64_t dim : tensor.dims) {
    if (dim < 0) throw Error("tensor \"" + tensor.name + "\" has a dimension of " + std::to_string(dim));
    count *= static_cast<std::size_t>(dim);
    proto.add_dims(dim);
  }
  const std::size_t values = is_float(tensor.type) ? tensor.f.size() : tensor.i.size();
  if (values != count)
    throw Error("tensor \"" + tensor.name + "\" has " + std::to_string(values) + " values, its dimensions need " +
                std::to_string(count));
  proto.set_name(tensor.name);
  proto.set_data_type(row_of(tensor.type).proto);
  std::string raw;
  raw.reserve(count * row_of(tensor.type).bytes);
  for (const float value : tensor.f) tensor.type == DataType::float32 ? put<float>(raw, value) : put<double>(raw, value);
  for (const std::int64_t value : tensor.i) switch (row_of(tensor.type).bytes) {
      case 1: put<std::int8_t>(raw, value); break;
      case 4: put<std::int32_t>(raw, value); break;
      default: put<std::int64_t>(raw, value);
    }
  proto.set_raw_data(std::move(raw));
}

void write_value(const ValueInfo& value, onnx::ValueInfoProto& proto) {
  proto.set_name(value.name);
  auto* type = proto.mutable_type()->mutable_tensor_type();
  type->set_elem_type(row_of(value.type).proto);
  auto* shape = type->mutable_shape();
  for (std::size_t i = 0; i < value.dims.size(); ++i)
    if (value.dims[i] >= 0)
      shape->add_dim()->set_dim_value(value.dims[i]);
    else
      shape->add_dim()->set_dim_param(value.name + "_" + std::to_string(i));
}

struct AttributeWriter {
  onnx::AttributeProto& proto;
  void operator()(std::int64_t value) const {
    proto.set_type(onnx::AttributeProto_AttributeType_INT);
    proto.set_i(value);
  }
  void operator()(float value) const {
    proto.set_type(onnx::AttributeProto_AttributeType_FLOAT);
    proto.set_f(value);
  }
  void operator()(const std::string& value) const {
    proto.set_type(onnx::AttributeProto_AttributeType_STRING);
    proto.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    proto.set_type(onnx::AttributeProto_AttributeType_INTS);
    for (const std::int64_t value : values) proto.add_ints(value);
  }
  void operator()(const std::vector<float>& values) const {
    proto.set_type(onnx::AttributeProto_AttributeType_FLOATS);
    for (const float value : values) proto.add_floats(value);
  }
  void operator()(const Tensor& value) const {
    proto.set_type(onnx::AttributeProto_AttributeType_TENSOR);
    write_tensor(value, *proto.mutable_t());
  }
};

}  // namespace

std::string serialize_onnx(const Graph& graph) {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("ditmos");
  model.add_opset_import()->set_version(graph.opset);
  auto& body = *model.mutable_graph();
  body.set_name(graph.name.empty() ? "network" : graph.name);
  for (const ValueInfo& input : graph.inputs) write_value(input, *body.add_input());
  for (const ValueInfo& output : graph.outputs) write_value(output, *body.add_output());
  for (const Tensor& tensor : graph.initializers) write_tensor(tensor, *body.add_initializer());
  for (const Node& node : graph.nodes) {
    auto& proto = *body.add_node();
    proto.set_op_type(node.op);
    proto.set_name(node.name);
    for (const std::string& input : node.inputs) proto.add_input(input);
    for (const std::string& output : node.outputs) proto.add_output(output);
    for (const auto& [name, value] : node.attributes) {
      auto& attribute = *proto.add_attribute();
      attribute.set_name(name);
      std::visit(AttributeWriter{attribute}, value);
    }
  }
  return model.SerializeAsString();
}

void write_onnx(const std::filesystem::path& path, const Graph& graph) { write_file_atomic(path, serialize_onnx(graph)); }

}  // namespace ditmos::model
