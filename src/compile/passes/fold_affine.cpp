#include <algorithm>

#include "compile/ops/shapes.hpp"
#include "compile/passes/edit.hpp"
#include "compile/passes/list.hpp"

namespace ditmos::compile {
namespace {

bool is_product(const Node& node) { return node.op == "conv" || node.op == "linear"; }

/// The node's bias as numbers, zeros where it has none.
std::vector<double> bias_of(const Graph& graph, const Node& node) {
  const std::size_t filters = at(graph.value(node.weights).dims[0]);
  if (node.bias == kNone) return std::vector<double>(filters, 0.0);
  const std::vector<float>& f = graph.value(node.bias).f;
  return {f.begin(), f.end()};
}

void set_product(Graph& graph, Node& node, const std::vector<double>& weights, const std::vector<double>& bias) {
  const Value old = graph.value(node.weights);
  node.weights = graph.add_constant(old.name, old.dims, {weights.begin(), weights.end()});
  const std::string name = node.bias == kNone ? node.name + ".bias" : graph.value(node.bias).name;
  node.bias = graph.add_constant(name, {static_cast<int>(bias.size())}, {bias.begin(), bias.end()});
}

/// affine(conv(x)): filter f is scaled and shifted.
bool fold_into_producer(Graph& graph, int index) {
  const Node affine = graph.nodes[at(index)];
  const int before = graph.producer(affine.inputs[0]);
  if (before < 0 || !has_single_use(graph, affine.inputs[0])) return false;
  Node& product = graph.nodes[at(before)];
  if (!is_product(product) || !product.clamp.is_none() || !product.pool.is_identity()) return false;
  const std::vector<float>&scale = graph.value(affine.weights).f, &shift = graph.value(affine.bias).f;
  const std::vector<float>& f = graph.value(product.weights).f;
  std::vector<double> weights(f.begin(), f.end()), bias = bias_of(graph, product);
  if (bias.size() != scale.size()) return false;
  const std::size_t taps = weights.size() / bias.size();
  for (std::size_t filter = 0; filter < bias.size(); ++filter) {
    bias[filter] = bias[filter] * scale[filter] + shift[filter];
    for (std::size_t tap = 0; tap < taps; ++tap) weights[filter * taps + tap] *= scale[filter];
  }
  set_product(graph, product, weights, bias);
  product.clamp = affine.clamp;
  product.output = affine.output;
  erase_node(graph, index);
  return true;
}

bool pads_nothing(const Node& node) {
  return node.window.pad_before[0] + node.window.pad_before[1] + node.window.pad_after[0] + node.window.pad_after[1] == 0;
}

/// conv(affine(x)) for every reader of the affine: tap t of input channel c is scaled, and the shift times the taps joins the bias. A
/// padding of zeros stands behind the affine, so a reader that pads forbids it.
bool fold_into_consumers(Graph& graph, int index) {
  const Node affine = graph.nodes[at(index)];
  if (!affine.clamp.is_none() || graph.is_output(affine.output)) return false;
  const std::vector<int> readers = graph.consumers(affine.output);
  for (const int reader : readers) {
    const Node& node = graph.nodes[at(reader)];
    if (!is_product(node) || node.inputs.size() != 1 || !pads_nothing(node)) return false;
  }
  const std::vector<float> scale = graph.value(affine.weights).f, shift = graph.value(affine.bias).f;
  for (const int reader : readers) {
    Node& node = graph.nodes[at(reader)];
    const std::vector<float>& f = graph.value(node.weights).f;
    std::vector<double> weights(f.begin(), f.end()), bias = bias_of(graph, node);
    const std::size_t taps = weights.size() / bias.size();
    // Input channels repeat along the taps; with groups, filter f starts at its group's first channel.
    const std::size_t channels = node.op == "conv" ? at(extent_of(graph.value(node.weights).dims).channels) : scale.size();
    const std::size_t filters_a_group = bias.size() / at(node.groups);
    for (std::size_t filter = 0; filter < bias.size(); ++filter) {
      const std::size_t first = filter / filters_a_group * channels;
      for (std::size_t tap = 0; tap < taps; ++tap) {
        double& weight = weights[filter * taps + tap];
        const std::size_t c = (first + tap % channels) % scale.size();
        bias[filter] += weight * shift[c];
        weight *= scale[c];
      }
    }
    set_product(graph, node, weights, bias);
    node.inputs = affine.inputs;
  }
  erase_node(graph, index);
  return true;
}

}  // namespace

void fold_affine(Graph& graph) {
  for (int index = 0; index < static_cast<int>(graph.nodes.size());) {
    if (graph.nodes[at(index)].op == "affine" && (fold_into_producer(graph, index) || fold_into_consumers(graph, index)))
      index = 0;
    else
      ++index;
  }
}

}  // namespace ditmos::compile
