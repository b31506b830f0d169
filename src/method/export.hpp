#pragma once
#include "method/committee.hpp"
#include "method/method.hpp"
#include "model/bundle.hpp"

namespace ditmos::method {

/// The network as an ONNX graph in evaluate mode, batch norms kept as BatchNormalization nodes, dropout left out. Input "window" (1, C, L) or
/// (1, C, H, W), then "map<b>" for every block b + 1 that reads a foreign map; output "logits", then "map<b>" for each block b (from 1) in `maps`.
model::Graph to_graph(nn::Network<float>& network, const std::string& name, const std::vector<int>& maps);

/// All networks of a committee: selector first where there is one.
std::vector<model::Graph> to_graphs(Committee& committee);

/// The bundle without training record and metrics.
model::Bundle to_bundle(Committee& committee, const Setup& setup);

}  // namespace ditmos::method
