#pragma once
#include "compile/graph.hpp"

namespace ditmos::compile {

// What passes do to a graph.

/// All readers of `from`, outputs of the network included, read `to`.
void replace_uses(Graph& graph, ValueId from, ValueId to);
/// The node that writes `id`, when it is of this operator; else null.
Node* producer_of(Graph& graph, ValueId id, const char* op);
/// One node reads the value, and it is no output of the network.
bool has_single_use(const Graph& graph, ValueId id);
/// A copy of a value's name and type with other dims, to be written by a new node.
ValueId add_like(Graph& graph, ValueId id, std::vector<int> dims);
/// Inserts before position `at` and returns the node.
Node& insert_node(Graph& graph, int at, Node node);
void erase_node(Graph& graph, int at);

}  // namespace ditmos::compile
