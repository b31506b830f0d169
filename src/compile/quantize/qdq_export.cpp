#include <cmath>
#include <fmt/format.h>

#include "compile/ops/shapes.hpp"
#include "compile/quantize/qdq.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

using Ints = std::vector<std::int64_t>;

/// Writes one graph; the tensor of value v, in ONNX's channel-first order, is name(v).
class QdqWriter {
 public:
  explicit QdqWriter(const Graph& graph) : graph_(graph) { out_.name = graph.name; }

  model::Graph run() {
    for (const Port& port : graph_.inputs) {
      check_order(port);
      out_.inputs.push_back({port.name, model::DataType::float32, Ints(port.dims.begin(), port.dims.end())});
      quantize(scaled("Mul", port, port.name, port.name + "_scaled"), port.value);
    }
    for (const Node& node : graph_.nodes) write(node);
    for (const Port& port : graph_.outputs) {
      check_order(port);
      out_.outputs.push_back({port.name, model::DataType::float32, Ints(port.dims.begin(), port.dims.end())});
      if (scaled("Div", port, name(port.value), port.name) != port.name) add("Identity", port.name, {name(port.value)}, port.name);
    }
    return std::move(out_);
  }

 private:
  static std::string name(ValueId id) { return fmt::format("x{}", id); }

  void check_order(const Port& port) const {
    const std::size_t rank = graph_.value(port.value).dims.size();
    const bool first_to_last = port.order == std::vector<int>{0, 2, 1} || port.order == std::vector<int>{0, 3, 1, 2};
    if (rank > 2 && !first_to_last) throw Error("QDQ export takes maps as (1, C, L) or (1, C, H, W); \"" + port.name + "\" is another");
  }

  void add(const std::string& op, const std::string& node, std::vector<std::string> inputs, const std::string& output,
           std::map<std::string, model::Attribute> attributes = {}) {
    out_.nodes.push_back({op, node + "_" + op, std::move(inputs), {output}, std::move(attributes)});
  }

  std::string constant(const std::string& tensor, model::DataType type, Ints dims, std::vector<float> f, std::vector<std::int64_t> i) {
    out_.initializers.push_back({tensor, type, std::move(dims), std::move(f), std::move(i)});
    return tensor;
  }

  /// A tensor of the outside times the gains of the port's channels, or divided by them; `from` itself where there are none.
  std::string scaled(const std::string& op, const Port& port, const std::string& from, const std::string& to) {
    const std::vector<float>& gain = graph_.value(port.value).quantization.gain;
    if (gain.empty()) return from;
    Ints dims(port.dims.size(), 1);
    dims[dims.size() > 2 ? 1 : dims.size() - 1] = static_cast<std::int64_t>(gain.size());
    add(op, port.name, {from, constant(port.name + "_gain", model::DataType::float32, dims, gain, {})}, to);
    return to;
  }

  /// The tensor `from` becomes the value's, through int8.
  void quantize(const std::string& from, ValueId id) {
    const Quantization& q = graph_.value(id).quantization;
    const std::string scale = constant(name(id) + "_scale", model::DataType::float32, {}, {q.scale[0]}, {});
    const std::string zero = constant(name(id) + "_zero", model::DataType::int8, {}, {}, {q.zero_point});
    add("QuantizeLinear", name(id), {from, scale, zero}, name(id) + "_int8");
    add("DequantizeLinear", name(id), {name(id) + "_int8", scale, zero}, name(id));
  }

  /// A constant with one scale an output filter.
  std::string dequantized(const std::string& base, const Value& value, Ints dims, const std::vector<std::int32_t>& integers) {
    const auto filters = static_cast<std::int64_t>(value.quantization.scale.size());
    const std::string scale = constant(base + "_scale", model::DataType::float32, {filters}, value.quantization.scale, {});
    const auto type = value.type == Type::s8 ? model::DataType::int8 : model::DataType::int32;
    const std::string stored = constant(base + "_stored", type, std::move(dims), {}, Ints(integers.begin(), integers.end()));
    std::vector<std::string> inputs{stored, scale};
    if (value.type == Type::s8) inputs.push_back(constant(base + "_zero", model::DataType::int8, {filters}, {}, Ints(static_cast<std::size_t>(filters), 0)));
    add("DequantizeLinear", base, inputs, base, {{"axis", std::int64_t{0}}});
    return base;
  }

  /// A window's attributes; series have one dimension.
  std::map<std::string, model::Attribute> window(const Window& w, bool series) const {
    const auto pick = [&](const int* two) { return series ? Ints{two[1]} : Ints{two[0], two[1]}; };
    Ints pads = pick(w.pad_before);
    const Ints after = pick(w.pad_after);
    pads.insert(pads.end(), after.begin(), after.end());
    return {{"kernel_shape", pick(w.kernel)}, {"strides", pick(w.stride)}, {"pads", pads}};
  }

  void write(const Node& node) {
    const std::string base = "n" + std::to_string(node.output);
    std::string from = name(node.inputs[0]);
    if (node.op == "conv") {
      from = conv(node, base);
    } else if (node.op == "linear") {
      from = linear(node, base);
    } else if (node.op == "max_pool" || node.op == "average_pool") {
      auto attributes = window(node.window, input_dims(graph_, node).size() == 3);
      if (node.op == "average_pool") attributes["count_include_pad"] = std::int64_t{node.count_padding};
      add(node.op == "max_pool" ? "MaxPool" : "AveragePool", base, {from}, base + "_pool", attributes);
      from = base + "_pool";
    } else {
      throw Error(fmt::format("QDQ export has no form for {} \"{}\"", node.op, node.name));
    }
    quantize(from, node.output);
  }

  std::string clamped(const Node& node, const std::string& from, const std::string& base) {
    if (node.clamp.is_none()) return from;
    if (node.clamp.low == 0 && std::isinf(node.clamp.high)) {
      add("Relu", base, {from}, base + "_relu");
      return base + "_relu";
    }
    const std::string low = constant(base + "_low", model::DataType::float32, {}, {node.clamp.low}, {});
    const std::string high = constant(base + "_high", model::DataType::float32, {}, {node.clamp.high}, {});
    add("Clip", base, {from, low, high}, base + "_clip");
    return base + "_clip";
  }

  std::string conv(const Node& node, const std::string& base) {
    std::string from = name(node.inputs[0]);
    if (node.inputs.size() > 1) {
      add("Concat", base, {name(node.inputs[0]), name(node.inputs[1])}, base + "_concat", {{"axis", std::int64_t{1}}});
      from = base + "_concat";
    }
    const Value& weights = graph_.value(node.weights);
    const bool series = weights.dims.size() == 3;
    const int filters = weights.dims[0], channels = weights.dims.back(), taps = node.window.kernel[0] * node.window.kernel[1];
    std::vector<std::int32_t> first(weights.i.size());  // (filters, channels, taps)
    for (int f = 0; f < filters; ++f) {
      for (int tap = 0; tap < taps; ++tap) {
        for (int c = 0; c < channels; ++c) first[at((f * channels + c) * taps + tap)] = weights.i[at((f * taps + tap) * channels + c)];
      }
    }
    Ints dims{filters, channels, node.window.kernel[0], node.window.kernel[1]};
    if (series) dims.erase(dims.begin() + 2);
    const std::string w = dequantized(base + "_weights", weights, dims, first);
    const Value& bias = graph_.value(node.bias);
    const std::string b = dequantized(base + "_bias", bias, {filters}, bias.i);
    auto attributes = window(node.window, series);
    attributes["group"] = std::int64_t{node.groups};
    add("Conv", base, {from, w, b}, base + "_conv", attributes);
    from = clamped(node, base + "_conv", base);
    if (node.pool.is_identity()) return from;
    add("MaxPool", base, {from}, base + "_pool", window(node.pool, series));
    return base + "_pool";
  }

  std::string linear(const Node& node, const std::string& base) {
    if (node.inputs.size() != 1) throw Error("QDQ export has no form for a linear layer of several inputs: \"" + node.name + "\"");
    const Value& input = graph_.value(node.inputs[0]);
    const Value& weights = graph_.value(node.weights);
    std::string from = name(node.inputs[0]);
    const int rows = weights.dims[0], columns = weights.dims[1];
    std::vector<std::int32_t> integers = weights.i;
    if (input.dims.size() > 2) {  // a map: ONNX flattens it channel first
      const int channels = extent_of(input.dims).channels, positions = columns / channels;
      for (int r = 0; r < rows; ++r) {
        for (int p = 0; p < positions; ++p) {
          for (int c = 0; c < channels; ++c) integers[at(r * columns + c * positions + p)] = weights.i[at(r * columns + p * channels + c)];
        }
      }
      add("Flatten", base, {from}, base + "_flat", {{"axis", std::int64_t{1}}});
      from = base + "_flat";
    }
    const std::string w = dequantized(base + "_weights", weights, {rows, columns}, integers);
    const Value& bias = graph_.value(node.bias);
    const std::string b = dequantized(base + "_bias", bias, {rows}, bias.i);
    add("Gemm", base, {from, w, b}, base + "_gemm", {{"transB", std::int64_t{1}}});
    return clamped(node, base + "_gemm", base);
  }

  const Graph& graph_;
  model::Graph out_;
};

}  // namespace

model::Graph export_qdq(const Graph& quantized) { return QdqWriter(quantized).run(); }

}  // namespace ditmos::compile
