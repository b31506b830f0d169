#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "compile/graph.hpp"
#include "compile/quantize/pack.hpp"
#include "ditmos/ditmos.h"

namespace ditmos::compile {

// What the C kernels take for a node of a quantized graph.

/// Of a conv node with one or two inputs.
ditmos_conv_shape conv_shape(const Graph& graph, const Node& node);
ditmos_pool_shape pool_shape(const Graph& graph, const Node& node);
/// `bias` must outlive the result; the multipliers are the node's.
ditmos_requant requant(const Graph& graph, const Node& node, const std::int32_t* bias);

/// Weights of a conv or linear node in a layout of the kernels (depthwise: [kernel][channels], whatever the layout).
std::vector<std::int8_t> packed_weights(const Graph& graph, const Node& node, WeightLayout layout);

/// What fits the core: pairs where there is SMLAD and no MVE.
WeightLayout weight_layout_for(const std::string& core);

}  // namespace ditmos::compile
