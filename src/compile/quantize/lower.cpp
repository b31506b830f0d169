#include "compile/ops/shapes.hpp"
#include "compile/quantize/quantize.hpp"

namespace ditmos::compile {

void lower_for_int8(Program& program) {
  for (Graph& graph : program.networks) {
    for (Node& node : graph.nodes) {
      if (node.op != "affine") continue;
      const std::vector<int> dims = input_dims(graph, node);
      if (dims.size() != 3 && dims.size() != 4) continue;
      const Value scale = graph.value(node.weights);
      std::vector<int> weight_dims(dims.size(), 1);
      weight_dims[0] = dims.back();
      node.op = "conv";
      node.weights = graph.add_constant(scale.name, weight_dims, scale.f);
      node.groups = dims.back();
    }
    verify(graph);
  }
}

}  // namespace ditmos::compile
