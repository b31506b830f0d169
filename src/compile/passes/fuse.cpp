// Fusion: clamps into what computes their input, max pools into convolutions, concatenations into what reads them.
#include <algorithm>
#include <limits>

#include "compile/interpreter.hpp"
#include "compile/ops/shapes.hpp"
#include "compile/passes/edit.hpp"
#include "compile/passes/list.hpp"

namespace ditmos::compile {
namespace {

/// Operators whose emission applies node.clamp.
bool clamps(const std::string& op) {
  static const char* const kOps[] = {"conv", "linear", "affine", "add", "sub", "mul", "div", "max_pool", "clamp"};
  return std::any_of(std::begin(kOps), std::end(kOps), [&](const char* name) { return op == name; });
}

}  // namespace

void fold_constants(Graph& graph) {
  for (int index = 0; index < static_cast<int>(graph.nodes.size());) {
    const Node& node = graph.nodes[at(index)];
    const bool constant = std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) { return graph.value(id).constant; });
    if (constant) {
      fold_node(graph, node);
      erase_node(graph, index);
    } else {
      ++index;
    }
  }
}

void fuse_clamp(Graph& graph) {
  for (int index = 0; index < static_cast<int>(graph.nodes.size());) {
    const Node clamp = graph.nodes[at(index)];
    const int before = clamp.op == "clamp" ? graph.producer(clamp.inputs[0]) : -1;
    if (before < 0 || !has_single_use(graph, clamp.inputs[0]) || !clamps(graph.nodes[at(before)].op)) {
      ++index;
      continue;
    }
    Node& node = graph.nodes[at(before)];
    node.clamp = {std::clamp(node.clamp.low, clamp.clamp.low, clamp.clamp.high), std::clamp(node.clamp.high, clamp.clamp.low, clamp.clamp.high)};
    node.output = clamp.output;
    erase_node(graph, index);
  }
}

void fuse_max_pool(Graph& graph) {
  for (int index = 0; index < static_cast<int>(graph.nodes.size());) {
    const Node pool = graph.nodes[at(index)];
    Node* conv = pool.op == "max_pool" ? producer_of(graph, pool.inputs[0], "conv") : nullptr;
    bool fits = conv && has_single_use(graph, pool.inputs[0]) && conv->pool.is_identity() && conv->groups == 1;
    for (const int d : {0, 1})
      fits = fits && pool.window.pad_before[d] == 0 && pool.window.pad_after[d] == 0 && pool.window.dilation[d] == 1 && conv->window.dilation[d] == 1 &&
             pool.window.stride[d] == pool.window.kernel[d];
    if (!fits) {
      ++index;
      continue;
    }
    conv->pool = pool.window;
    conv->clamp = {std::clamp(conv->clamp.low, pool.clamp.low, pool.clamp.high), std::clamp(conv->clamp.high, pool.clamp.low, pool.clamp.high)};
    conv->output = pool.output;
    erase_node(graph, index);
  }
}

/// concat over channels whose readers are all convolutions of one group, of two inputs in all: what the kernels read without a copy.
void fuse_concat(Graph& graph) {
  for (int index = 0; index < static_cast<int>(graph.nodes.size());) {
    const Node concat = graph.nodes[at(index)];
    const std::vector<int> readers = graph.consumers(concat.output);
    bool fits = concat.op == "concat" && concat.inputs.size() == 2 && !graph.is_output(concat.output) && !readers.empty();
    fits = fits && concat.axis == static_cast<int>(graph.value(concat.output).dims.size()) - 1;
    for (const ValueId id : concat.inputs) fits = fits && !graph.value(id).constant;
    for (const int reader : readers) {
      const Node& node = graph.nodes[at(reader)];
      fits = fits && node.op == "conv" && node.groups == 1 && node.inputs.size() == 1 && node.window.dilation[0] == 1 && node.window.dilation[1] == 1;
    }
    if (!fits) {
      ++index;
      continue;
    }
    for (const int reader : readers) graph.nodes[at(reader)].inputs = concat.inputs;
    erase_node(graph, index);
  }
}

}  // namespace ditmos::compile
