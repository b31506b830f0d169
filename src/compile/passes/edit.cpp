#include "compile/passes/edit.hpp"

namespace ditmos::compile {

void replace_uses(Graph& graph, ValueId from, ValueId to) {
  for (Node& node : graph.nodes)
    for (ValueId& input : node.inputs)
      if (input == from) input = to;
  for (Port& port : graph.outputs)
    if (port.value == from) port.value = to;
}

Node* producer_of(Graph& graph, ValueId id, const char* op) {
  const int at = graph.producer(id);
  if (at < 0) return nullptr;
  Node& node = graph.nodes[static_cast<std::size_t>(at)];
  return node.op == op ? &node : nullptr;
}

bool has_single_use(const Graph& graph, ValueId id) {
  int uses = 0;
  for (const Node& node : graph.nodes)
    for (const ValueId input : node.inputs) uses += input == id;
  return uses == 1 && !graph.is_output(id);
}

ValueId add_like(Graph& graph, ValueId id, std::vector<int> dims) {
  Value value;
  value.name = graph.value(id).name;
  value.type = graph.value(id).type;
  value.quantization = graph.value(id).quantization;
  value.dims = std::move(dims);
  return graph.add_value(std::move(value));
}

Node& insert_node(Graph& graph, int at, Node node) { return *graph.nodes.insert(graph.nodes.begin() + at, std::move(node)); }

void erase_node(Graph& graph, int at) { graph.nodes.erase(graph.nodes.begin() + at); }

}  // namespace ditmos::compile
