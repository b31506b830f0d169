#include <algorithm>

#include "compile/ops/shapes.hpp"
#include "compile/passes/edit.hpp"
#include "compile/passes/passes.hpp"
#include "compile/schedule/plan.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

void add_missing_biases(Graph& graph) {
  for (Node& node : graph.nodes)
    if ((node.op == "conv" || node.op == "linear") && node.bias == kNone) {
      const int filters = graph.value(node.weights).dims[0];
      node.bias = graph.add_constant(node.name + ".bias", {filters}, std::vector<float>(at(filters), 0.0f));
    }
}

/// "conv1", "conv2", "linear1", ...
void name_nodes(Graph& graph) {
  std::map<std::string, int> counts;
  for (Node& node : graph.nodes) {
    node.name = node.op + std::to_string(++counts[node.op]);
    graph.value(node.output).name = node.name;
  }
}

/// `port` of the graph takes its value in the layout of `like`; a transpose restores the other.
void take_layout(Graph& graph, Port& port, const Port& like, const std::vector<int>& like_dims) {
  const auto axis = [](const Port& p, std::size_t d) { return p.order.empty() ? static_cast<int>(d) : p.order[d]; };
  const ValueId inside = port.value;
  const ValueId taken = add_like(graph, inside, like_dims);
  Node node;
  node.op = "transpose";
  node.name = port.name + ".layout";
  node.inputs = {taken};
  node.output = inside;
  node.axes.resize(port.dims.size());
  for (std::size_t d = 0; d < port.dims.size(); ++d) node.axes[at(axis(port, d))] = axis(like, d);
  port.value = taken;
  port.order = like.order;
  insert_node(graph, 0, std::move(node));
}

void align_ports(std::vector<Graph>& networks, bool select) {
  std::map<std::string, std::pair<Port, std::vector<int>>> layouts;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    for (Port& port : networks[n].inputs) {
      const std::vector<int> dims = networks[n].value(port.value).dims;
      const auto [known, fresh] = layouts.insert({port.name, {port, dims}});
      if (fresh) continue;
      if (known->second.first.dims != port.dims && !(port.order.empty() && known->second.first.order.empty() && product(port.dims) == product(known->second.first.dims)))
        throw Error("two networks take \"" + port.name + "\" in different shapes");
      if (known->second.first.order != port.order) take_layout(networks[n], port, known->second.first, known->second.second);
    }
    if (select && n == 0)
      for (const Port& port : networks[0].outputs) layouts[port.name] = {port, networks[0].value(port.value).dims};
  }
}

bool same_node(const Graph& ga, const Graph& gb, const Node& a, const Node& b) {
  const auto same_window = [](const Window& x, const Window& y) {
    return std::equal(x.kernel, x.kernel + 2, y.kernel) && std::equal(x.stride, x.stride + 2, y.stride) && std::equal(x.dilation, x.dilation + 2, y.dilation) &&
           std::equal(x.pad_before, x.pad_before + 2, y.pad_before) && std::equal(x.pad_after, x.pad_after + 2, y.pad_after);
  };
  if (a.op != b.op || a.inputs.size() != b.inputs.size() || !same_window(a.window, b.window) || !same_window(a.pool, b.pool) || a.groups != b.groups ||
      a.count_padding != b.count_padding || a.clamp.low != b.clamp.low || a.clamp.high != b.clamp.high || a.axis != b.axis || a.axes != b.axes || a.starts != b.starts ||
      a.steps != b.steps || a.lengths != b.lengths || a.alpha != b.alpha || a.mode != b.mode)
    return false;
  std::vector<std::pair<ValueId, ValueId>> values = {{a.output, b.output}, {a.weights, b.weights}, {a.bias, b.bias}};
  for (std::size_t i = 0; i < a.inputs.size(); ++i) values.push_back({a.inputs[i], b.inputs[i]});
  for (const auto& [x, y] : values) {
    if ((x == kNone) != (y == kNone)) return false;
    if (x == kNone) continue;
    if (x != y || ga.value(x).dims != gb.value(y).dims || ga.value(x).type != gb.value(y).type || ga.value(x).constant != gb.value(y).constant) return false;
  }
  return true;
}

/// Equal but for the numbers in their constants.
bool same_structure(const Graph& a, const Graph& b) {
  if (a.values.size() != b.values.size() || a.nodes.size() != b.nodes.size() || a.inputs.size() != b.inputs.size() || a.outputs.size() != b.outputs.size()) return false;
  const auto same_port = [](const Port& x, const Port& y) { return x.name == y.name && x.value == y.value && x.dims == y.dims && x.order == y.order; };
  if (!std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), same_port) || !std::equal(a.outputs.begin(), a.outputs.end(), b.outputs.begin(), same_port)) return false;
  for (std::size_t i = 0; i < a.nodes.size(); ++i)
    if (!same_node(a, b, a.nodes[i], b.nodes[i])) return false;
  return true;
}

/// Copies what computes the selector's value into the graph, in front; stops at values that the graph takes as inputs.
ValueId copy_from_selector(Family& family, const Graph& selector, ValueId value, std::map<ValueId, ValueId>& copied, std::vector<Node>& front, std::vector<int>& sources) {
  if (const auto found = copied.find(value); found != copied.end()) return found->second;
  Graph& graph = family.graph;
  if (selector.value(value).constant) return copied[value] = graph.add_value(selector.value(value));
  const int producer = selector.producer(value);
  if (producer < 0) throw Error("internal: a map of the selector has no producer");
  Node node = selector.nodes[at(producer)];
  for (ValueId& input : node.inputs) input = copy_from_selector(family, selector, input, copied, front, sources);
  for (ValueId* constant : {&node.weights, &node.bias})
    if (*constant != kNone) *constant = copy_from_selector(family, selector, *constant, copied, front, sources);
  Value output = selector.value(value);
  output.name = node.name = "selector_" + node.name;
  node.output = copied[value] = graph.add_value(std::move(output));
  front.push_back(std::move(node));
  sources.push_back(producer);
  return copied[value];
}

void recompute(Family& family, const Graph& selector, const std::set<std::string>& names) {
  Graph& graph = family.graph;
  std::map<ValueId, ValueId> copied;
  std::vector<std::pair<ValueId, std::string>> wanted;
  for (std::size_t i = graph.inputs.size(); i-- > 0;) {
    const Port port = graph.inputs[i];
    const Port* from = selector.find_output(port.name);
    if (names.contains(port.name) && from) {
      wanted.push_back({port.value, port.name});
      graph.inputs.erase(graph.inputs.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (from) {
      copied[from->value] = port.value;
    } else if (const Port* input = selector.find_input(port.name)) {
      copied[input->value] = port.value;
    }
  }
  if (wanted.empty()) return;
  for (const Port& port : selector.inputs)
    if (!copied.contains(port.value)) {  // the classifier does not read it by itself
      Value value = selector.value(port.value);
      copied[port.value] = graph.add_value(std::move(value));
      graph.inputs.push_back({port.name, copied[port.value], port.dims, port.order});
    }
  std::vector<Node> front;
  std::vector<int> sources;
  for (const auto& [value, name] : wanted) replace_uses(graph, value, copy_from_selector(family, selector, selector.find_output(name)->value, copied, front, sources));
  for (std::size_t i = 0; i < front.size(); ++i) family.recomputed[static_cast<int>(i)] = sources[i];
  graph.nodes.insert(graph.nodes.begin(), std::make_move_iterator(front.begin()), std::make_move_iterator(front.end()));
  verify(graph);
}

}  // namespace

std::vector<std::string> shared_maps(const Program& program) {
  std::vector<std::string> maps;
  if (program.combine != model::Combine::select) return maps;
  for (const Port& port : program.networks[0].outputs) {
    if (port.name == "logits") continue;
    const bool read = std::any_of(program.networks.begin() + 1, program.networks.end(), [&](const Graph& network) { return network.find_input(port.name) != nullptr; });
    if (read) maps.push_back(port.name);
  }
  return maps;
}

std::vector<Family> make_families(const Program& program, const std::set<std::string>& recomputed, std::vector<Graph>& networks) {
  networks = program.networks;
  const bool select = program.combine == model::Combine::select;
  align_ports(networks, select);
  for (Graph& network : networks) {
    add_missing_biases(network);
    name_nodes(network);
  }
  const Graph selector = networks[0];
  if (select) {
    const std::vector<std::string> maps = shared_maps(program);
    std::erase_if(networks[0].outputs, [&](const Port& port) {
      return port.name != "logits" && (recomputed.contains(port.name) || std::find(maps.begin(), maps.end(), port.name) == maps.end());
    });
  }
  std::vector<Family> families;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    const bool is_selector = select && n == 0;
    Family* found = nullptr;
    for (Family& family : families)
      if (!is_selector && family.name != "selector" && same_structure(networks[at(family.members[0])], networks[n])) found = &family;
    if (!found) {
      const char* role = is_selector ? "selector" : select ? "classifier" : program.combine == model::Combine::average ? "member" : "network";
      const bool first = std::none_of(families.begin(), families.end(), [&](const Family& family) { return family.name == role; });
      families.push_back({first ? role : role + std::to_string(families.size()), {}, networks[n], {}});
      found = &families.back();
    }
    found->members.push_back(static_cast<int>(n));
  }
  if (select)
    for (std::size_t f = 1; f < families.size(); ++f) recompute(families[f], selector, recomputed);
  return families;
}

}  // namespace ditmos::compile
