#include "compile/interpreter.hpp"

#include <algorithm>
#include <cmath>

#include "compile/ops/shapes.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

Array array_of(const Value& constant) {
  if (constant.type == Type::f32) return {constant.dims, constant.f};
  return {constant.dims, {constant.i.begin(), constant.i.end()}};
}

Array run_node(const Graph& graph, const Node& node, const std::vector<const Array*>& inputs) {
  Array output{graph.value(node.output).dims, {}};
  output.data.resize(static_cast<std::size_t>(graph.value(node.output).size()));
  find_operator(node.op).reference(graph, node, inputs, output);
  return output;
}

/// visit(outside index, inside index) for each element.
template <class Visit>
void for_each_element(const Port& port, const std::vector<int>& inside_dims, Visit visit) {
  if (port.order.empty()) {
    const int size = product(port.dims);
    for (int i = 0; i < size; ++i) visit(i, i);
    return;
  }
  const std::vector<int> strides = strides_of(inside_dims);
  for_each_index(port.dims, [&](int flat, const std::vector<int>& index) {
    int inside = 0;
    for (std::size_t d = 0; d < index.size(); ++d) inside += index[d] * strides[at(port.order[d])];
    visit(flat, inside);
  });
}

int argmax(const std::vector<float>& values) {
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace

void fold_node(Graph& graph, const Node& node) {
  std::vector<Array> inputs;
  std::vector<const Array*> pointers;
  inputs.reserve(node.inputs.size());
  for (const ValueId id : node.inputs) {
    inputs.push_back(array_of(graph.value(id)));
    pointers.push_back(&inputs.back());
  }
  const Array result = run_node(graph, node, pointers);
  Value& output = graph.value(node.output);
  output.constant = true;
  if (output.type == Type::f32) output.f = result.data;
  else
    for (const float element : result.data) output.i.push_back(static_cast<std::int32_t>(element));
}

std::vector<Array> run_graph(const Graph& graph, const std::map<std::string, std::vector<float>>& inputs) {
  std::vector<Array> arrays(graph.values.size());
  for (std::size_t i = 0; i < graph.values.size(); ++i)
    if (graph.values[i].constant) arrays[i] = array_of(graph.values[i]);
  for (const Port& port : graph.inputs) {
    const auto given = inputs.find(port.name);
    const Value& value = graph.value(port.value);
    if (given == inputs.end()) throw Error("no data for input \"" + port.name + "\"");
    if (given->second.size() != static_cast<std::size_t>(value.size()))
      throw Error("input \"" + port.name + "\" has " + std::to_string(given->second.size()) + " elements, expected " + std::to_string(value.size()));
    Array& array = arrays[at(port.value)];
    array.dims = value.dims;
    array.data.resize(given->second.size());
    for_each_element(port, value.dims, [&](int outside, int inside) { array.data[at(inside)] = given->second[at(outside)]; });
  }
  for (const Node& node : graph.nodes) {
    std::vector<const Array*> pointers;
    for (const ValueId id : node.inputs) pointers.push_back(&arrays[at(id)]);
    arrays[at(node.output)] = run_node(graph, node, pointers);
  }
  return arrays;
}

std::vector<float> to_outside(const Port& port, const Array& inside) {
  std::vector<float> outside(inside.data.size());
  for_each_element(port, inside.dims, [&](int to, int from) { outside[at(to)] = inside.data[at(from)]; });
  return outside;
}

ProgramResult run_program(const Program& program, std::span<const float> window) {
  ProgramResult result;
  std::map<std::string, std::vector<float>> inputs;
  inputs["window"].assign(window.begin(), window.end());
  const auto logits_of = [&](const Graph& graph) {
    const std::vector<Array> values = run_graph(graph, inputs);
    for (const Port& port : graph.outputs)
      if (port.name != "logits") inputs[port.name] = to_outside(port, values[at(port.value)]);
    const Port* logits = graph.find_output("logits");
    if (!logits) throw Error("network \"" + graph.name + "\" has no output \"logits\"");
    return to_outside(*logits, values[at(logits->value)]);
  };
  if (program.combine == model::Combine::average) {
    for (const Graph& network : program.networks) {
      std::vector<float> logits = logits_of(network);
      const float largest = *std::max_element(logits.begin(), logits.end());
      double sum = 0;
      for (float& logit : logits) sum += logit = std::exp(logit - largest);
      result.logits.resize(logits.size());
      for (std::size_t i = 0; i < logits.size(); ++i)
        result.logits[i] += static_cast<float>(logits[i] / sum / static_cast<double>(program.networks.size()));
    }
  } else if (program.combine == model::Combine::select) {
    result.selector = logits_of(program.networks.at(0));
    result.choice = argmax(result.selector);
    result.logits = logits_of(program.networks.at(static_cast<std::size_t>(result.choice) + 1));
  } else {
    result.logits = logits_of(program.networks.at(0));
  }
  result.label = argmax(result.logits);
  return result;
}

}  // namespace ditmos::compile
