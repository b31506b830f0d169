#pragma once
#include <string>
#include <vector>

#include "compile/ops/operator.hpp"

namespace ditmos::compile {

/// Whether the node works on int8.
inline bool is_int8(const Graph& graph, const Node& node) { return graph.value(node.output).type == Type::s8; }

/// Constants of an int8 conv or linear node: weights in the kernels' layout, the folded bias, the multipliers.
std::vector<Field> int8_fields(const Graph& graph, const Node& node);

/// The kernels' ditmos_requant as a C expression.
std::string requant_text(const Site& site);

/// DITMOS_PAIRS or DITMOS_ROWS.
const char* layout_text(const Node& node);

}  // namespace ditmos::compile
