// Transposes and reshapes: they move towards the outputs until they meet their inverse, a port or a linear layer, and vanish there.
#include <algorithm>
#include <numeric>

#include "compile/ops/shapes.hpp"
#include "compile/passes/edit.hpp"
#include "compile/passes/list.hpp"

namespace ditmos::compile {
namespace {

using Axes = std::vector<int>;

Axes inverse(const Axes& axes) {
  Axes back(axes.size());
  for (std::size_t d = 0; d < axes.size(); ++d) back[at(axes[d])] = static_cast<int>(d);
  return back;
}

bool is_identity(const Axes& axes) {
  for (std::size_t d = 0; d < axes.size(); ++d)
    if (axes[d] != static_cast<int>(d)) return false;
  return true;
}

/// True when only dimensions of 1 change place among the others: the elements stay where they are.
bool keeps_elements(const Axes& axes, const std::vector<int>& input_dims) {
  int last = -1;
  for (const int axis : axes) {
    if (input_dims[at(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

std::vector<int> permuted(const std::vector<int>& dims, const Axes& axes) {
  std::vector<int> out;
  for (const int axis : axes) out.push_back(dims[at(axis)]);
  return out;
}

/// A transpose in front of a transpose, or one that does nothing. With `reshapes`, one that moves no element becomes a reshape. True when the
/// graph changed.
bool simplify(Graph& graph, int index, bool reshapes) {
  Node& node = graph.nodes[at(index)];
  if (node.op == "transpose") {
    if (Node* before = producer_of(graph, node.inputs[0], "transpose")) {
      Axes both;
      for (const int axis : node.axes) both.push_back(before->axes[at(axis)]);
      node.axes = both;
      node.inputs = before->inputs;
      return true;
    }
    if (is_identity(node.axes)) {
      const ValueId from = node.output, to = node.inputs[0];
      erase_node(graph, index);
      replace_uses(graph, from, to);
      return true;
    }
    if (reshapes && keeps_elements(node.axes, graph.value(node.inputs[0]).dims)) {
      node.op = "reshape";
      node.axes = graph.value(node.output).dims;
      return true;
    }
  }
  if (node.op == "reshape") {
    if (Node* before = producer_of(graph, node.inputs[0], "reshape")) {
      node.inputs = before->inputs;
      return true;
    }
    if (graph.value(node.inputs[0]).dims == node.axes) {
      const ValueId from = node.output, to = node.inputs[0];
      erase_node(graph, index);
      replace_uses(graph, from, to);
      return true;
    }
  }
  return false;
}

/// How a node reads after the transpose of its inputs was taken away, with dims and axes of the untransposed space.
bool accepts(const Node& node) {
  static const char* const kOps[] = {"clamp", "leaky_relu", "sigmoid", "tanh", "add", "sub", "mul", "div", "concat", "softmax", "pad", "slice", "reduce_mean"};
  return std::any_of(std::begin(kOps), std::end(kOps), [&](const char* op) { return node.op == op; });
}

/// A constant of a binary node in the untransposed space.
ValueId untransposed_constant(Graph& graph, ValueId id, const Axes& axes) {
  const Value constant = graph.value(id);
  std::vector<int> dims(axes.size() - constant.dims.size(), 1);
  dims.insert(dims.end(), constant.dims.begin(), constant.dims.end());
  const Axes back = inverse(axes);
  const ValueId moved = graph.add_constant(constant.name, permuted(dims, back), std::vector<float>(constant.f.size()));
  const std::vector<int> strides = strides_of(dims);
  for_each_index(graph.value(moved).dims, [&](int flat, const std::vector<int>& index) {
    int from = 0;
    for (std::size_t d = 0; d < index.size(); ++d) from += index[d] * strides[at(back[d])];
    graph.value(moved).f[at(flat)] = constant.f[at(from)];
  });
  return moved;
}

/// node(transpose(x)) becomes transpose(node(x)).
bool sink(Graph& graph, int index) {
  if (!accepts(graph.nodes[at(index)])) return false;
  Node node = graph.nodes[at(index)];
  Axes axes;
  for (const ValueId id : node.inputs)
    if (const Node* before = producer_of(graph, id, "transpose"); before && axes.empty()) axes = before->axes;
  if (axes.empty()) return false;
  const bool binary = node.op == "add" || node.op == "sub" || node.op == "mul" || node.op == "div";
  for (ValueId& id : node.inputs) {
    const Node* before = producer_of(graph, id, "transpose");
    const Value& value = graph.value(id);
    if (before && before->axes == axes) id = before->inputs[0];
    else if (binary && value.constant && value.type == Type::f32 && value.dims.size() <= axes.size()) id = untransposed_constant(graph, id, axes);
    else return false;
  }
  if (node.op == "concat" || node.op == "softmax") node.axis = axes[at(node.axis)];
  if (node.op == "slice" || node.op == "reduce_mean")
    for (int& axis : node.axes) axis = axes[at(axis)];
  if (node.op == "pad") {
    const Axes back = inverse(axes);
    const Node old = node;
    for (std::size_t d = 0; d < back.size(); ++d) node.starts[d] = old.starts[at(back[d])], node.lengths[d] = old.lengths[at(back[d])];
  }
  if (node.op == "reduce_mean" && node.mode != "keep") {  // what is left of the permutation
    Axes left;
    for (const int axis : axes)
      if (std::find(node.axes.begin(), node.axes.end(), axis) == node.axes.end()) left.push_back(axis);
    Axes sorted = left;
    std::sort(sorted.begin(), sorted.end());
    for (int& axis : left) axis = static_cast<int>(std::find(sorted.begin(), sorted.end(), axis) - sorted.begin());
    axes = left;
  }
  const ValueId result = node.output;
  node.output = add_like(graph, result, {});
  graph.value(node.output).dims = find_operator(node.op).shape(graph, node);
  Node after;
  after.op = "transpose";
  after.name = node.name + ".layout";
  after.inputs = {node.output};
  after.output = result;
  after.axes = axes;
  graph.nodes[at(index)] = std::move(node);
  insert_node(graph, index + 1, std::move(after));
  return true;
}

void move(Graph& graph, bool reshapes) {
  for (int index = 0; index < static_cast<int>(graph.nodes.size()); ++index)
    while (index < static_cast<int>(graph.nodes.size()) && (simplify(graph, index, reshapes) || sink(graph, index))) {
    }
  remove_dead_nodes(graph);
}

}  // namespace

void remove_dead_nodes(Graph& graph) {
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const ValueId output = graph.nodes[i].output;
    if (!graph.is_output(output) && graph.consumers(output).empty()) erase_node(graph, static_cast<int>(i));
  }
}

void take_inputs_channel_last(Graph& graph) {
  for (Port& port : graph.inputs) {
    const std::vector<int> dims = graph.value(port.value).dims;
    if ((dims.size() != 3 && dims.size() != 4) || !port.order.empty() || graph.is_output(port.value)) continue;
    Node node;
    node.op = "transpose";
    node.name = port.name + ".layout";
    node.axes = dims.size() == 3 ? Axes{0, 2, 1} : Axes{0, 3, 1, 2};
    port.order = node.axes;
    const ValueId outside = add_like(graph, port.value, dims);
    replace_uses(graph, port.value, outside);
    graph.value(port.value).dims = permuted(dims, inverse(node.axes));
    node.inputs = {port.value};
    node.output = outside;
    insert_node(graph, 0, std::move(node));
  }
}

void move_transposes(Graph& graph) { move(graph, false); }

void reshape_for_transpose(Graph& graph) { move(graph, true); }

void absorb_into_ports(Graph& graph) {
  for (Port& port : graph.outputs)
    if (const Node* node = producer_of(graph, port.value, "transpose"); node && port.order.empty()) {
      port.order = node->axes;
      if (is_identity(port.order)) port.order.clear();
      port.value = node->inputs[0];
    } else if (const Node* reshape = producer_of(graph, port.value, "reshape"); reshape && port.order.empty()) {
      port.value = reshape->inputs[0];
    }
  for (Port& port : graph.inputs) {
    if (graph.is_output(port.value)) continue;
    const std::vector<int> readers = graph.consumers(port.value);
    if (readers.empty()) continue;
    const Node first = graph.nodes[at(readers[0])];
    const bool agree = first.op == "transpose" && std::all_of(readers.begin(), readers.end(), [&](int reader) {
      return graph.nodes[at(reader)].op == "transpose" && graph.nodes[at(reader)].axes == first.axes;
    });
    if (!agree) continue;
    const Axes back = inverse(first.axes);
    if (port.order.empty()) {
      port.order = back;
    } else {
      for (int& axis : port.order) axis = back[at(axis)];
      if (is_identity(port.order)) port.order.clear();
    }
    graph.value(port.value).dims = graph.value(first.output).dims;
    for (std::size_t i = readers.size(); i-- > 0;) {
      const ValueId output = graph.nodes[at(readers[i])].output;
      erase_node(graph, readers[i]);
      replace_uses(graph, output, port.value);
    }
  }
  remove_dead_nodes(graph);
}

void absorb_into_linear(Graph& graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != "linear" || graph.nodes[i].inputs.size() != 1) continue;
    while (true) {
      Node& node = graph.nodes[i];
      const int before = graph.producer(node.inputs[0]);
      if (before < 0) break;
      const Node moves = graph.nodes[at(before)];
      if (moves.op != "reshape" && moves.op != "transpose") break;
      node.inputs = moves.inputs;
      if (moves.op == "reshape") continue;
      // Where each element of the transposed value comes from.
      const Value weights = graph.value(node.weights);
      const int columns = weights.dims[1];
      Array from{graph.value(moves.inputs[0]).dims, std::vector<float>(at(columns))}, to{graph.value(moves.output).dims, std::vector<float>(at(columns))};
      if (columns > 1 << 24) break;  // beyond what a float counts exactly
      std::iota(from.data.begin(), from.data.end(), 0.0f);
      const Array* const source = &from;
      find_operator("transpose").reference(graph, moves, {&source, 1}, to);
      std::vector<float> moved(weights.f.size());
      for (int row = 0; row < weights.dims[0]; ++row)
        for (int column = 0; column < columns; ++column)
          moved[at(row) * at(columns) + static_cast<std::size_t>(to.data[at(column)])] = weights.f[at(row) * at(columns) + at(column)];
      node.weights = graph.add_constant(weights.name, weights.dims, std::move(moved));
    }
  }
  remove_dead_nodes(graph);
}

void drop_unused_values(Graph& graph) {
  std::vector<ValueId> renamed(graph.values.size(), kNone);
  std::vector<Value> kept;
  const auto keep = [&](ValueId& id) {
    if (id == kNone) return;
    ValueId& to = renamed[at(id)];
    if (to == kNone) {
      to = static_cast<ValueId>(kept.size());
      kept.push_back(std::move(graph.value(id)));
    }
    id = to;
  };
  for (Port& port : graph.inputs) keep(port.value);
  for (Node& node : graph.nodes) {
    for (ValueId& input : node.inputs) keep(input);
    keep(node.weights);
    keep(node.bias);
    keep(node.output);
  }
  for (Port& port : graph.outputs) keep(port.value);
  graph.values = std::move(kept);
}

}  // namespace ditmos::compile
