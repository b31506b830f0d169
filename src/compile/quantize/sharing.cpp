#include "compile/quantize/sharing.hpp"

#include <map>
#include <string>

#include "compile/quantize/union_find.hpp"

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
  std::vector<int> first;
  int total = 0;
  for (const Graph& graph : program.networks) {
    first.push_back(total);
    total += static_cast<int>(graph.values.size());
  }
  UnionFind sets(total);
  std::vector<char> used(static_cast<std::size_t>(total), 0), linear(static_cast<std::size_t>(total), 0);
  std::map<std::string, int> by_name;
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    const Graph& graph = program.networks[n];
    const auto id = [&](ValueId value) { return first[n] + value; };
    const auto meet = [&](const Port& port, const std::string& name) {
      used[static_cast<std::size_t>(id(port.value))] = 1;
      const auto [place, is_new] = by_name.emplace(name, id(port.value));
      if (!is_new) sets.unite(id(port.value), place->second);
    };
    const bool selector = n == 0 && program.combine == model::Combine::select;
    for (const Port& port : graph.inputs) meet(port, port.name);
    for (const Port& port : graph.outputs) meet(port, selector && port.name == "logits" ? "selector logits" : port.name);
    for (const Node& node : graph.nodes) {
      used[static_cast<std::size_t>(id(node.output))] = 1;
      for (const ValueId input : node.inputs) {
        sets.unite(id(input), id(node.inputs[0]));
        if (moves_values(node)) sets.unite(id(input), id(node.output));
      }
      const bool weighted = node.op == "conv" || node.op == "linear";
      if (weighted && node.clamp.is_none()) linear[static_cast<std::size_t>(id(node.output))] = 1;
    }
  }
  std::map<int, int> number;
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    auto& mine = group_.emplace_back();
    for (std::size_t v = 0; v < program.networks[n].values.size(); ++v) {
      const auto i = static_cast<std::size_t>(first[n]) + v;
      mine.push_back(used[i] && !program.networks[n].values[v].constant ? number.emplace(sets.find(static_cast<int>(i)), static_cast<int>(number.size())).first->second : -1);
    }
  }
  groups_ = static_cast<int>(number.size());
  symmetric_.assign(number.size(), 0);
  for (std::size_t i = 0; i < linear.size(); ++i) {
    if (!linear[i]) continue;
    const auto place = number.find(sets.find(static_cast<int>(i)));
    if (place != number.end()) symmetric_[static_cast<std::size_t>(place->second)] = 1;
  }
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
