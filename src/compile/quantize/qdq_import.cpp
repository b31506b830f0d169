#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "compile/import.hpp"
#include "compile/ops/shapes.hpp"
#include "compile/passes/passes.hpp"
#include "compile/quantize/qdq.hpp"
#include "compile/quantize/to_int8.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

bool is_weighted(const std::string& op) { return op == "Conv" || op == "Gemm" || op == "MatMul"; }

/// The float graph behind a QDQ graph, and the scales that it had.
struct Stripped {
  model::Graph graph;
  std::vector<std::vector<float>> weights;   ///< of each Conv and Gemm, in order
  std::vector<Quantization> outputs;         ///< behind each Conv and Gemm
  std::map<std::string, Quantization> inputs;
};

class QdqReader {
 public:
  explicit QdqReader(const model::Graph& source) : source_(source) {
    for (const model::Tensor& tensor : source.initializers) constants_[tensor.name] = &tensor;
    for (const model::Node& node : source.nodes) {
      for (const std::string& input : node.inputs) readers_[input].push_back(&node);
    }
  }

  Stripped run() {
    result_.graph = source_;
    result_.graph.nodes.clear();
    for (const model::Node& node : source_.nodes) {
      if (node.op == "QuantizeLinear") {
        alias_[node.outputs.at(0)] = real(node.inputs.at(0));
      } else if (node.op == "DequantizeLinear") {
        dequantize(node);
      } else if (is_gain(node)) {
        alias_[node.outputs.at(0)] = real(node.inputs.at(0));
      } else {
        copy(node);
      }
    }
    for (const model::ValueInfo& input : source_.inputs) {
      const auto found = readers_.find(input.name);
      const bool has_gain = found != readers_.end() && found->second.size() == 1 && is_gain(*found->second.front());
      Quantization& q = result_.inputs[input.name] = behind(has_gain ? found->second.front()->outputs.at(0) : input.name, "input \"" + input.name + "\"");
      if (has_gain) q.gain = constant(*found->second.front(), 1).f;
    }
    for (model::ValueInfo& output : result_.graph.outputs) {
      if (!alias_.contains(output.name)) continue;  // the network ends in a DequantizeLinear
      result_.graph.nodes.push_back({"Identity", "", {real(output.name)}, {output.name}, {}});
    }
    return std::move(result_);
  }

 private:
  std::string real(const std::string& tensor) const {
    const auto found = alias_.find(tensor);
    return found == alias_.end() ? tensor : found->second;
  }

  /// What export_qdq writes where channels have gains of their own (equalize.hpp): an input times a constant a channel, an output divided by it.
  bool is_gain(const model::Node& node) const {
    if ((node.op != "Mul" && node.op != "Div") || node.inputs.size() != 2) return false;
    const auto gain = constants_.find(node.inputs[1]);
    if (gain == constants_.end()) return false;
    const std::vector<std::int64_t>& dims = gain->second->dims;
    const std::size_t channel = dims.size() > 2 ? 1 : dims.size() - 1;
    for (std::size_t d = 0; d < dims.size(); ++d)
      if (d != channel && dims[d] != 1) return false;
    if (dims.empty() || gain->second->f.empty() || std::any_of(gain->second->f.begin(), gain->second->f.end(), [](float g) { return !(g > 0); })) return false;
    const auto is = [](const std::string& name) { return [&name](const model::ValueInfo& port) { return port.name == name; }; };
    return node.op == "Mul" ? std::any_of(source_.inputs.begin(), source_.inputs.end(), is(node.inputs[0]))
                            : std::any_of(source_.outputs.begin(), source_.outputs.end(), is(node.outputs.at(0)));
  }

  const model::Tensor& constant(const model::Node& node, std::size_t i) const {
    const auto found = node.inputs.size() > i ? constants_.find(node.inputs[i]) : constants_.end();
    if (found == constants_.end()) throw Error(fmt::format("{} \"{}\": input {} is no constant", node.op, node.name, i));
    return *found->second;
  }

  Quantization quantization(const model::Node& node) const {
    const model::Tensor& scale = constant(node, 1);
    Quantization q;
    q.scale = scale.f;
    if (node.inputs.size() > 2) {
      const model::Tensor& zero = constant(node, 2);
      if (zero.type != model::DataType::int8 && zero.type != model::DataType::int32) throw Error(fmt::format("{} \"{}\" is not int8", node.op, node.name), "quantise activations to int8");
      q.zero_point = zero.i.empty() ? 0 : static_cast<std::int32_t>(zero.i[0]);
      if (q.scale.size() > 1 && std::any_of(zero.i.begin(), zero.i.end(), [](std::int64_t z) { return z != 0; }))
        throw Error(fmt::format("{} \"{}\" has zero points a filter; the kernels have symmetric weights", node.op, node.name));
    }
    if (q.scale.empty() || std::any_of(q.scale.begin(), q.scale.end(), [](float s) { return !(s > 0); })) throw Error(fmt::format("{} \"{}\" has a scale that is not positive", node.op, node.name));
    return q;
  }

  /// Of a constant: it becomes a float constant. Of an activation: it vanishes.
  void dequantize(const model::Node& node) {
    const std::string& from = node.inputs.at(0);
    const auto stored = constants_.find(from);
    if (stored == constants_.end()) {
      alias_[node.outputs.at(0)] = real(from);
      return;
    }
    const Quantization q = quantization(node);
    model::Tensor tensor = *stored->second;
    const std::size_t filters = q.scale.size();
    if (tensor.i.size() % filters != 0 || (filters > 1 && (tensor.dims.empty() || static_cast<std::size_t>(tensor.dims[0]) != filters)))
      throw Error(fmt::format("{} \"{}\": scales are not one a filter", node.op, node.name), "quantise weights along axis 0");
    tensor.name = node.outputs.at(0);
    tensor.type = model::DataType::float32;
    for (std::size_t k = 0; k < tensor.i.size(); ++k) tensor.f.push_back(static_cast<float>(tensor.i[k] - q.zero_point) * q.scale[k / (tensor.i.size() / filters)]);
    tensor.i.clear();
    if (q.zero_point != 0) throw Error(fmt::format("{} \"{}\" has a zero point; the kernels have symmetric weights", node.op, node.name));
    scales_[tensor.name] = q.scale;
    result_.graph.initializers.push_back(std::move(tensor));
  }

  void copy(model::Node node) {
    if (is_weighted(node.op)) {
      const std::string& weights = node.inputs.at(1);
      if (!scales_.contains(weights)) throw Error(fmt::format("{} \"{}\" has weights that are not int8 behind a DequantizeLinear", node.op, node.name));
      result_.weights.push_back(scales_[weights]);
      result_.outputs.push_back(behind(node.outputs.at(0), node.op + " \"" + node.name + "\""));
    }
    for (std::string& input : node.inputs) input = real(input);
    result_.graph.nodes.push_back(std::move(node));
  }

  /// Scale and zero point of the first QuantizeLinear behind a tensor, through operators that the kernels fuse.
  Quantization behind(const std::string& tensor, const std::string& what) const {
    std::string at = tensor;
    for (std::size_t steps = 0; steps <= source_.nodes.size(); ++steps) {
      const auto found = readers_.find(at);
      if (found == readers_.end() || found->second.empty()) break;
      const model::Node& node = *found->second.front();
      if (node.op == "QuantizeLinear") return quantization(node);
      static const std::set<std::string> kFused = {"Relu", "Clip", "MaxPool", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "BatchNormalization", "Identity", "Dropout", "Add"};
      if (!kFused.contains(node.op)) break;
      at = node.outputs.at(0);
    }
    throw Error("there is no QuantizeLinear behind " + what, "quantise every activation, or compile with calibration windows");
  }

  const model::Graph& source_;
  std::map<std::string, const model::Tensor*> constants_;
  std::map<std::string, std::vector<const model::Node*>> readers_;
  std::map<std::string, std::string> alias_;
  std::map<std::string, std::vector<float>> scales_;
  Stripped result_;
};

}  // namespace

bool is_qdq(const model::Graph& graph) {
  std::set<std::string> constants;
  for (const model::Tensor& tensor : graph.initializers) constants.insert(tensor.name);
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const model::Node& node) {
    return node.op == "QuantizeLinear" && !node.inputs.empty() && !constants.contains(node.inputs[0]);
  });
}

Program import_qdq(const model::Graph& source, const std::string& name, WeightLayout layout) {
  const Stripped stripped = QdqReader(source).run();
  Program program = import_network(stripped.graph, name);
  Graph& graph = program.networks.at(0);
  optimize(graph, FusionLevel::fused);
  check_int8_operators(graph);
  const Sharing sharing(program);
  std::vector<Quantization> chosen(at(sharing.groups()));
  const auto choose = [&](ValueId id, const Quantization& q) {
    Quantization& mine = chosen[at(sharing.group(0, id))];
    if (!mine.scale.empty() && (mine.scale != q.scale || mine.zero_point != q.zero_point))
      throw Error("\"" + graph.value(id).name + "\" and what is read beside it have different scales", "give them one scale");
    mine = q;
  };
  for (const Port& port : graph.inputs) choose(port.value, stripped.inputs.at(port.name));
  std::vector<std::size_t> order(graph.nodes.size(), 0);
  std::size_t weighted = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!has_weights(graph.nodes[i])) continue;
    if (weighted >= stripped.outputs.size()) throw Error("the network has layers that its QDQ form has not");
    choose(graph.nodes[i].output, stripped.outputs[weighted]);
    order[i] = weighted++;
  }
  for (const Node& node : graph.nodes) {
    if (chosen[at(sharing.group(0, node.output))].scale.empty()) refuse(node, "its output has no scale");
  }
  return to_int8(program, sharing,
                 {[&](std::size_t, ValueId value) { return chosen[at(sharing.group(0, value))]; },
                  [&](std::size_t, std::size_t node) {
                    std::vector<float> scales = stripped.weights[order[node]];
                    const auto filters = at(graph.value(graph.nodes[node].weights).dims[0]);
                    if (scales.size() == 1) scales.resize(filters, scales[0]);
                    if (scales.size() != filters) refuse(graph.nodes[node], "it has not one weight scale a filter");
                    return scales;
                  }},
                 layout);
}

}  // namespace ditmos::compile
