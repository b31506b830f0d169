#include "compile/emit_c/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ditmos::compile {

std::vector<Field> fields_of(const Graph& graph, const Node& node) {
  const Operator& op = find_operator(node.op);
  std::vector<Field> fields = op.fields ? op.fields(graph, node) : std::vector<Field>{};
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (const Value& input = graph.value(node.inputs[i]); input.constant) fields.push_back({"input" + std::to_string(i), input.type, input.f, input.i});
  return fields;
}

std::vector<Field> network_fields(const Family&, const Graph& network) {
  std::vector<Field> all;
  for (const Node& node : network.nodes)
    for (Field& field : fields_of(network, node)) {
      field.name = node.name + "_" + field.name;
      all.push_back(std::move(field));
    }
  for (std::size_t i = 0; i < network.outputs.size(); ++i)
    if (const Value& value = network.value(network.outputs[i].value); value.constant) all.push_back({"output" + std::to_string(i), value.type, value.f, value.i});
  // Kernels load words of weights, so every field begins at a multiple of four; fields that end at one go first and need no zeros between them.
  const auto rank = [](const Field& field) { return bytes_of(field.type) == 4 ? 0 : field.count() % 4 == 0 ? 1 : 2; };
  std::stable_sort(all.begin(), all.end(), [&](const Field& a, const Field& b) { return rank(a) < rank(b); });
  std::vector<Field> aligned;
  int paddings = 0;
  for (Field& field : all) {
    const std::size_t beyond = field.count() * bytes_of(field.type) % 4;
    aligned.push_back(std::move(field));
    if (beyond != 0) aligned.push_back({fmt::format("padding{}", ++paddings), Type::s8, {}, std::vector<std::int32_t>(4 - beyond, 0)});
  }
  return aligned;
}

std::string weight_image(const std::vector<Field>& fields) {
  std::string image;
  for (const Field& field : fields) {
    if (field.type == Type::f32) {
      image.append(reinterpret_cast<const char*>(field.f.data()), field.f.size() * 4);
    } else if (field.type == Type::s32) {
      image.append(reinterpret_cast<const char*>(field.i.data()), field.i.size() * 4);
    } else {
      for (const std::int32_t element : field.i) image += static_cast<char>(element & 255);
    }
  }
  return image;
}

std::size_t weight_bytes(const Family& family, const Graph& network) {
  std::size_t bytes = 0;
  for (const Field& field : network_fields(family, network)) bytes += field.count() * bytes_of(field.type);
  return bytes;
}

int member_node(const Family& family, int n) {
  const int recomputed = static_cast<int>(family.recomputed.size());
  return n < recomputed ? -1 : n - recomputed;
}

}  // namespace ditmos::compile
