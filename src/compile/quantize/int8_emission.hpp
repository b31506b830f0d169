#pragma once
#include <string>
#include <vector>

#include "compile/ops/operator.hpp"
#include "ditmos/ditmos.h"

namespace ditmos::compile {

/// Whether the node works on int8.
inline bool is_int8(const Graph& graph, const Node& node) { return graph.value(node.output).type == Type::s8; }

/// Constants of an int8 conv or linear node: weights in the kernels' layout, the folded bias, the multipliers.
std::vector<Field> int8_fields(const Graph& graph, const Node& node);

/// The kernels' ditmos_requant as a C expression.
std::string requant_text(const Site& site);

/// A ditmos_linear_layer_dsp with the node's constants; its name.
std::string linear_layer(const Site& site, int inputs, int outputs);

/// A ditmos_series_layer_dsp (runtime/include/ditmos/layers_s8_dsp.h) where the convolution is one that its function does: a series in
/// pairs without padding, pool 2, filters in groups of 4; else an empty name.
std::string series_layer(const Site& site, const ditmos_conv_shape& shape);

/// DITMOS_PAIRS or DITMOS_ROWS.
const char* layout_text(const Node& node);

}  // namespace ditmos::compile
