#pragma once
#include "compile/graph.hpp"

namespace ditmos::compile {

/// ONNX graph to the compiler's form, in float32. An unknown leading dimension of an input becomes 1. Throws Error naming the node: an
/// operator or attribute out of scope, a dynamic shape, a weight that is no constant.
Graph import_graph(const model::Graph& source);

/// A bundle, or one network alone as a program of one. A network with one float input (1, ...) of up to four dimensions and one float
/// output (1, classes) becomes a classifier from "window" to "logits"; any other keeps its names (emit_c/emit.hpp).
Program import_bundle(const model::Bundle& bundle, const std::string& name);
Program import_network(const model::Graph& source, const std::string& name);

/// ONNX operators that import_graph takes.
std::vector<std::string> supported_onnx_operators();

}  // namespace ditmos::compile
