#include "compile/graph.hpp"

#include <limits>
#include <set>

#include "compile/ops/operator.hpp"
#include "core/error.hpp"

namespace ditmos::compile {

std::size_t bytes_of(Type type) { return type == Type::f32 || type == Type::s32 ? 4 : 1; }

const char* name_of(Type type) {
  switch (type) {
    case Type::f32: return "float32";
    case Type::s8: return "int8";
    case Type::u8: return "uint8";
    case Type::s32: break;
  }
  return "int32";
}

int Value::size() const {
  int size = 1;
  for (const int dim : dims) size *= dim;
  return size;
}

Extent extent_of(const std::vector<int>& dims) {
  Extent extent;
  const std::size_t rank = dims.size();
  if (rank >= 1) extent.channels = dims[rank - 1];
  if (rank >= 3) extent.width = dims[rank - 2];
  if (rank >= 4) extent.height = dims[rank - 3];
  return extent;
}

Clamp no_clamp() { return {-std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()}; }

bool Clamp::is_none() const {
  return low == -std::numeric_limits<float>::infinity() && high == std::numeric_limits<float>::infinity();
}

ValueId Graph::add_value(Value value) {
  values.push_back(std::move(value));
  return static_cast<ValueId>(values.size()) - 1;
}

ValueId Graph::add_constant(const std::string& constant_name, std::vector<int> dims, std::vector<float> f) {
  Value constant;
  constant.name = constant_name;
  constant.dims = std::move(dims);
  constant.constant = true;
  constant.f = std::move(f);
  return add_value(std::move(constant));
}

int Graph::producer(ValueId id) const {
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].output == id) return static_cast<int>(i);
  return -1;
}

std::vector<int> Graph::consumers(ValueId id) const {
  std::vector<int> found;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    bool reads = node.weights == id || node.bias == id;
    for (const ValueId input : node.inputs) reads = reads || input == id;
    if (reads) found.push_back(static_cast<int>(i));
  }
  return found;
}

bool Graph::is_output(ValueId id) const {
  for (const Port& port : outputs)
    if (port.value == id) return true;
  return false;
}

const Port* Graph::find_input(const std::string& port) const {
  for (const Port& input : inputs)
    if (input.name == port) return &input;
  return nullptr;
}

const Port* Graph::find_output(const std::string& port) const {
  for (const Port& output : outputs)
    if (output.name == port) return &output;
  return nullptr;
}

namespace {

void require(bool holds, const Graph& graph, const std::string& what) {
  if (!holds) throw Error("internal: graph \"" + graph.name + "\": " + what, "this is a defect of the compiler, please report it");
}

void verify_port(const Graph& graph, const Port& port) {
  const int count = static_cast<int>(graph.values.size());
  require(port.value >= 0 && port.value < count, graph, "port \"" + port.name + "\" has no value");
  const Value& value = graph.value(port.value);
  int outside = 1;
  for (const int dim : port.dims) outside *= dim;
  require(outside == value.size(), graph, "port \"" + port.name + "\" and its value differ in size");
  if (port.order.empty()) return;
  require(port.order.size() == port.dims.size() && port.dims.size() == value.dims.size(), graph, "port \"" + port.name + "\" has a wrong order");
  for (std::size_t d = 0; d < port.order.size(); ++d) {
    const int from = port.order[d];
    require(from >= 0 && from < static_cast<int>(value.dims.size()) && value.dims[static_cast<std::size_t>(from)] == port.dims[d], graph,
            "port \"" + port.name + "\" and its value differ in shape");
  }
}

}  // namespace

void verify(const Graph& graph) {
  const int count = static_cast<int>(graph.values.size());
  std::set<ValueId> known;
  for (ValueId id = 0; id < count; ++id) {
    const Value& value = graph.value(id);
    if (!value.constant) continue;
    const std::size_t elements = value.type == Type::f32 ? value.f.size() : value.i.size();
    require(elements == static_cast<std::size_t>(value.size()), graph, "constant \"" + value.name + "\" has a wrong number of elements");
    known.insert(id);
  }
  for (const Port& port : graph.inputs) {
    verify_port(graph, port);
    known.insert(port.value);
  }
  for (const Node& node : graph.nodes) {
    const std::string where = node.op + " \"" + node.name + "\"";
    require(!node.inputs.empty(), graph, where + " has no input");
    for (const ValueId id : node.inputs) require(known.contains(id), graph, where + " reads what is not there yet");
    for (const ValueId id : {node.weights, node.bias})
      require(id == kNone || (known.contains(id) && graph.value(id).constant), graph, where + " has weights that are no constant");
    require(node.output >= 0 && node.output < count && !known.contains(node.output), graph, where + " has a wrong output");
    require(find_operator(node.op).shape(graph, node) == graph.value(node.output).dims, graph, where + " has an output of another shape");
    known.insert(node.output);
  }
  for (const Port& port : graph.outputs) {
    verify_port(graph, port);
    require(known.contains(port.value), graph, "nothing writes output \"" + port.name + "\"");
  }
}

}  // namespace ditmos::compile
