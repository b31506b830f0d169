#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "compile/graph.hpp"
#include "compile/ops/operator.hpp"

namespace ditmos::compile {

/// Runs a float graph on the host: what emitted code must compute. Inputs by port name, in outside order (row-major over
/// Port::dims). Returns every value of the graph (by ValueId), in inside order.
std::vector<Array> run_graph(const Graph& graph, const std::map<std::string, std::vector<float>>& inputs);

/// Evaluates a node whose inputs are all constants; its output becomes a constant, the node is not needed any more.
void fold_node(Graph& graph, const Node& node);

/// A value as the outside sees it (Port::order undone).
std::vector<float> to_outside(const Port& port, const Array& inside);

/// Runs a whole program on one window (channels, height, width).
struct ProgramResult {
  int label = 0;
  int choice = -1;             ///< classifier picked, or -1
  std::vector<float> logits;   ///< of the answering network; probabilities for `average`
  std::vector<float> selector; ///< selector's logits, or empty
};
ProgramResult run_program(const Program& program, std::span<const float> window);

}  // namespace ditmos::compile
