#include "compile/quantize/sharing.hpp"

#include <algorithm>
#include <utility>

#include "compile/quantize/activation_sets.hpp"

namespace ditmos::compile {
namespace {

bool moves_values(const Node& node) {
  return node.op == "max_pool" || node.op == "average_pool" || node.op == "concat" || node.op == "reshape" || node.op == "transpose" ||
         node.op == "slice";
}

bool same_structure(const Graph& a, const Graph& b) {
  if (a.nodes.size() != b.nodes.size() || a.values.size() != b.values.size()) return false;
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    const Node &x = a.nodes[i], &y = b.nodes[i];
    if (x.op != y.op || x.inputs != y.inputs || x.output != y.output || x.weights != y.weights) return false;
    if (a.value(x.output).dims != b.value(y.output).dims) return false;
    if (x.weights != kNone && a.value(x.weights).dims != b.value(y.weights).dims) return false;
  }
  return true;
}

}  // namespace

Sharing::Sharing(const Program& program) {
  ActivationSets sets(program);
  std::vector<std::pair<std::size_t, ValueId>> linear;
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    const Graph& graph = program.networks[n];
    const auto id = [&](ValueId value) { return sets.id(n, value); };
    const bool selector = n == 0 && program.combine == model::Combine::select;
    for (const Port& port : graph.inputs) sets.meet(id(port.value), port.name);
    for (const Port& port : graph.outputs) sets.meet(id(port.value), selector && port.name == "logits" ? "selector logits" : port.name);
    for (const Node& node : graph.nodes) {
      sets.use(id(node.output));
      for (const ValueId input : node.inputs) {
        sets.unite(id(input), id(node.inputs[0]));
        if (moves_values(node)) sets.unite(id(input), id(node.output));
      }
      const bool weighted = node.op == "conv" || node.op == "linear";
      if (weighted && node.clamp.is_none()) linear.emplace_back(n, node.output);
    }
  }
  group_ = sets.numbers();
  for (const auto& network : group_)
    for (const int number : network) groups_ = std::max(groups_, number + 1);
  symmetric_.assign(static_cast<std::size_t>(groups_), 0);
  for (const auto& [network, value] : linear)
    if (group(network, value) >= 0) symmetric_[static_cast<std::size_t>(group(network, value))] = 1;
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    family_.push_back(static_cast<int>(n));
    for (std::size_t other = 0; other < n; ++other) {
      if (same_structure(program.networks[n], program.networks[other])) {
        family_.back() = family_[other];
        break;
      }
    }
  }
}

}  // namespace ditmos::compile
