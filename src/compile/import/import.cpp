#include "compile/import.hpp"

#include <algorithm>

#include "compile/import/operators.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"

namespace ditmos::compile {
namespace {

struct Row {
  const char* op;
  void (*import)(Importer&);
};

constexpr Row kRows[] = {
    {"Add", import_binary},
    {"AveragePool", import_average_pool},
    {"BatchNormalization", import_batch_norm},
    {"Clip", import_clip},
    {"Concat", import_concat},
    {"Constant", import_constant},
    {"Conv", import_conv},
    {"DequantizeLinear", import_dequantize},
    {"Div", import_binary},
    {"Dropout", import_dropout},
    {"Flatten", import_flatten},
    {"Gemm", import_gemm},
    {"GlobalAveragePool", import_global_pool},
    {"GlobalMaxPool", import_global_pool},
    {"Identity", import_identity},
    {"LeakyRelu", import_leaky_relu},
    {"MatMul", import_matmul},
    {"MaxPool", import_max_pool},
    {"Mul", import_binary},
    {"Pad", import_pad},
    {"QuantizeLinear", import_quantize},
    {"ReduceMean", import_reduce_mean},
    {"Relu", import_relu},
    {"Reshape", import_reshape},
    {"Sigmoid", import_sigmoid},
    {"Slice", import_slice},
    {"Softmax", import_softmax},
    {"Squeeze", import_squeeze},
    {"Sub", import_binary},
    {"Tanh", import_tanh},
    {"Transpose", import_transpose},
    {"Unsqueeze", import_unsqueeze},
};

}  // namespace

std::vector<std::string> supported_onnx_operators() {
  std::vector<std::string> names;
  for (const Row& row : kRows) names.emplace_back(row.op);
  return names;
}

Graph Importer::run() {
  import_inputs();
  for (index_ = 0; index_ < static_cast<int>(source_.nodes.size()); ++index_) {
    node_ = &source_.nodes[static_cast<std::size_t>(index_)];
    const Row* found = nullptr;
    for (const Row& row : kRows)
      if (node_->op == row.op) found = &row;
    if (!found) {
      const std::string near = nearest_name(node_->op, supported_onnx_operators());
      refuse("the operator is not supported", near.empty() ? "docs/HACKING.md says how to add an operator" : "the nearest supported operator is " + near);
    }
    found->import(*this);
  }
  for (const model::ValueInfo& output : source_.outputs) {
    const auto value = values_.find(output.name);
    if (value == values_.end()) throw Error("output \"" + output.name + "\" is of an integer type, or an output of a node that is not supported");
    graph_.outputs.push_back({output.name, value->second, graph_.value(value->second).dims, {}});
  }
  verify(graph_);
  return std::move(graph_);
}

Graph import_graph(const model::Graph& source) { return Importer(source).run(); }

Program import_bundle(const model::Bundle& bundle, const std::string& name) {
  Program program;
  program.name = name;
  program.combine = bundle.combine;
  program.classes = bundle.classes;
  program.channels = bundle.channels;
  program.height = bundle.height;
  program.width = bundle.width;
  for (std::size_t i = 0; i < bundle.networks.size(); ++i) {
    const bool select = bundle.combine == model::Combine::select;
    const std::string role = bundle.combine == model::Combine::single ? "network" : select && i == 0 ? "selector" : select ? "classifier_" + std::to_string(i - 1) : "member_" + std::to_string(i);
    try {
      program.networks.push_back(import_graph(bundle.networks[i]));
    } catch (const Error& error) {
      throw Error(role + ": " + error.what(), error.hint());
    }
    program.networks.back().name = role;
    const Port* logits = program.networks.back().find_output("logits");
    const int wanted = static_cast<int>(select && i == 0 ? bundle.networks.size() - 1 : bundle.classes.size());
    if (!logits || program.networks.back().value(logits->value).size() != wanted)
      throw Error(role + ": the output \"logits\" has not " + std::to_string(wanted) + " elements");
  }
  return program;
}

Program import_network(const model::Graph& source, const std::string& name) {
  Program program;
  program.name = name;
  program.networks.push_back(import_graph(source));
  Graph& graph = program.networks.back();
  graph.name = "network";
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1) return program;
  const std::vector<int>&in = graph.inputs[0].dims, &out = graph.outputs[0].dims;
  const auto is_float = [&](const Port& port) { return graph.value(port.value).type == Type::f32; };
  if (in.size() < 2 || in.size() > 4 || in[0] != 1 || out.size() != 2 || out[0] != 1 || !is_float(graph.inputs[0]) || !is_float(graph.outputs[0])) return program;
  // A window in, a row of scores out: a classifier, whatever its names.
  graph.inputs[0].name = "window";
  graph.outputs[0].name = "logits";
  program.channels = in.size() > 2 ? in[1] : 1;
  program.height = in.size() == 4 ? in[2] : 1;
  program.width = in.back();
  for (int c = 0; c < out[1]; ++c) program.classes.push_back(std::to_string(c));
  return program;
}

}  // namespace ditmos::compile
