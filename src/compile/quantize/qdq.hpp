#pragma once
#include <string>

#include "compile/graph.hpp"
#include "compile/quantize/pack.hpp"
#include "model/graph.hpp"

namespace ditmos::compile {

/// A quantized graph as ONNX in QDQ form (opset 13): QuantizeLinear and DequantizeLinear around each activation, int8 weights and
/// int32 bias behind DequantizeLinear. Throws Error for operators other than conv, linear, max_pool and average_pool.
model::Graph export_qdq(const Graph& quantized);

/// Whether an ONNX graph quantizes its activations to int8 in QDQ form.
bool is_qdq(const model::Graph& graph);

/// A network in QDQ form as an int8 program: its scales, zero points and integers, with this compiler's rounding (docs/INT8.md).
/// Throws Error naming the node: an activation without scale, uint8, zero points that the kernels do not have, other operators.
Program import_qdq(const model::Graph& source, const std::string& name, WeightLayout layout);

}  // namespace ditmos::compile
