#pragma once
#include "compile/ops/operator.hpp"
#include "compile/schedule/plan.hpp"

namespace ditmos::compile {

/// All constants of a node on the chip: those of its operator, then "input<i>" for each constant input.
std::vector<Field> fields_of(const Graph& graph, const Node& node);

/// The constants of one network of a family (its member's graph), in the order of the emitted struct: fields of four bytes, then fields of
/// one byte, each with zeros up to a multiple of four. Named "conv1_weights".
std::vector<Field> network_fields(const Family& family, const Graph& network);

/// Bytes of the emitted struct, and its bytes as they lie on a little-endian chip.
std::size_t weight_bytes(const Family& family, const Graph& network);
std::string weight_image(const std::vector<Field>& fields);

/// The node of a member's graph that stands for node n of the family's graph; -1 for a recomputed one.
int member_node(const Family& family, int n);

}  // namespace ditmos::compile
