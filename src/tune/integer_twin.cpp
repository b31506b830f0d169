#include "tune/integer_twin.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"

namespace ditmos::tune {
namespace {

constexpr double kEpsilon = 1e-5;  // of batch norms (nn/network.hpp)

using Named = std::map<std::string, std::span<float>>;

Named arrays_of(nn::Network<float>& network) {
  Named arrays;
  for (auto& p : network.parameters()) arrays[p.name] = p.value;
  for (auto& p : network.statistics()) arrays[p.name] = p.value;
  return arrays;
}

/// What a batch norm in evaluate mode does to channel c: y = scale * x + shift.
struct Affine {
  double scale, shift;
};

Affine affine_of(const Named& arrays, const std::string& norm, std::size_t c) {
  const auto value = [&](const char* what) { return static_cast<double>(arrays.at(norm + what)[c]); };
  const double scale = value(".weight") / std::sqrt(value(".variance") + kEpsilon);
  return {scale, value(".bias") - value(".mean") * scale};
}

void make_neutral(const Named& arrays, const std::string& norm) {
  std::ranges::fill(arrays.at(norm + ".weight"), 1.0f);
  std::ranges::fill(arrays.at(norm + ".bias"), 0.0f);
  std::ranges::fill(arrays.at(norm + ".mean"), 0.0f);
  std::ranges::fill(arrays.at(norm + ".variance"), static_cast<float>(1 - kEpsilon));
}

/// Block b's batch norm, and with `input_norm` that of the input, into its convolution.
void fold_block(const Named& arrays, const nn::BlockSpec& block, int b, int own_channels, bool input_norm) {
  const std::string name = "block" + std::to_string(b + 1);
  const std::span<float> weights = arrays.at(name + ".conv.weight"), bias = arrays.at(name + ".conv.bias");
  const auto filters = static_cast<std::size_t>(block.filters), taps = static_cast<std::size_t>(block.kernel_height * block.kernel_width);
  const std::size_t channels = weights.size() / filters / taps;
  for (std::size_t f = 0; f < filters; ++f) {
    const Affine after = affine_of(arrays, name + ".norm", f);
    double shift = static_cast<double>(bias[f]) * after.scale + after.shift;
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t read = block.depthwise ? f : c;
      const bool normalized = input_norm && read < static_cast<std::size_t>(own_channels);
      const Affine before = normalized ? affine_of(arrays, "input_norm", read) : Affine{1, 0};
      for (float& w : weights.subspan((f * channels + c) * taps, taps)) {
        const double scaled = static_cast<double>(w) * after.scale;
        shift += scaled * before.shift;
        w = static_cast<float>(scaled * before.scale);
      }
    }
    bias[f] = static_cast<float>(shift);
  }
  make_neutral(arrays, name + ".norm");
}

nn::Grid grid_of(const compile::Quantization& q, const std::string& what) {
  if (q.scale.size() != 1) throw Error(what + " has no scale in the quantized network");
  return {q.scale[0], q.zero_point, -128, 127, q.gain};
}

const compile::Node& node_of(const compile::Graph& graph, const std::string& name) {
  for (const compile::Node& node : graph.nodes)
    if (node.name == name) return node;
  throw Error("the quantized network \"" + graph.name + "\" has no layer \"" + name + "\"");
}

/// Grid of what the node of that name gives.
nn::Grid grid_of_node(const compile::Graph& graph, const std::string& name) { return grid_of(graph.value(node_of(graph, name).output).quantization, name); }

/// The gains of the channels that a layer reads, those of its maps one after the other.
std::vector<float> gains_read(const compile::Graph& graph, const std::string& name) {
  std::vector<float> gains;
  for (const compile::ValueId input : node_of(graph, name).inputs) {
    const compile::Value& value = graph.value(input);
    const std::vector<float>& gain = value.quantization.gain;
    for (int c = 0; c < value.dims.back(); ++c) gains.push_back(gain.empty() ? 1 : gain[static_cast<std::size_t>(c)]);
  }
  return gains;
}

}  // namespace

IntegerTwin::IntegerTwin(nn::Network<float>& network) : network_(network) {
  const nn::NetworkSpec& spec = network.spec();
  const Named arrays = arrays_of(network);
  separate_norm_ = spec.input_norm && (spec.blocks.empty() || spec.blocks[0].pad_height > 0 || spec.blocks[0].pad_width > 0);
  const bool folds = spec.input_norm && !separate_norm_;
  for (std::size_t b = 0; b < spec.blocks.size(); ++b) fold_block(arrays, spec.blocks[b], static_cast<int>(b), spec.input.channels, folds && b == 0);
  if (folds) make_neutral(arrays, "input_norm");
}

void IntegerTwin::take_scales(const compile::Graph& quantized) {
  const nn::NetworkSpec& spec = network_.spec();
  std::vector<nn::Grid> grids;
  for (std::size_t b = 1; b <= spec.blocks.size(); ++b) grids.push_back(grid_of_node(quantized, "block" + std::to_string(b) + ".conv"));
  for (std::size_t l = 1; l <= spec.hidden.size() + 1; ++l) grids.push_back(grid_of_node(quantized, "linear" + std::to_string(l)));
  if (separate_norm_) {
    const nn::Grid normalized = grid_of_node(quantized, "input_norm");
    network_.round_outputs(grids, &normalized);
  } else {
    network_.round_outputs(grids);
  }
  gains_.clear();
  for (std::size_t b = 1; b <= spec.blocks.size(); ++b) {
    const std::string name = "block" + std::to_string(b) + ".conv";
    if (!spec.blocks[b - 1].depthwise) gains_[name + ".weight"] = gains_read(quantized, name);  // a depthwise filter reads one channel
  }
  for (std::size_t l = 1; l <= spec.hidden.size() + 1; ++l) gains_["linear" + std::to_string(l) + ".weight"] = gains_read(quantized, "linear" + std::to_string(l));
}

void IntegerTwin::drop_scales() {
  network_.round_outputs({});
  gains_.clear();
}

void IntegerTwin::round_weights() {
  const std::span<float> values = network_.values();
  real_.assign(values.begin(), values.end());
  for (const auto& p : parameters()) {
    if (p.dims.size() < 2) continue;
    const std::size_t each = p.value.size() / static_cast<std::size_t>(p.dims[0]);
    const auto found = gains_.find(p.name);
    const std::vector<float> gains = found == gains_.end() ? std::vector<float>{1} : found->second;
    const std::size_t taps = each / gains.size();  // of a channel; positions of a linear layer's
    for (std::size_t at = 0; at < p.value.size(); at += each) {
      const std::span<float> filter = p.value.subspan(at, each);
      float most = 0;
      for (std::size_t i = 0; i < each; ++i) most = std::max(most, std::abs(filter[i]) / gains[i / taps]);
      if (!(most > 0)) continue;
      for (std::size_t i = 0; i < each; ++i) {
        const float step = most / 127 * gains[i / taps];
        filter[i] = step * std::round(filter[i] / step);
      }
    }
  }
}

void IntegerTwin::real_weights() { std::ranges::copy(real_, network_.values().begin()); }

std::vector<nn::Parameter<float>> IntegerTwin::parameters() const {
  std::vector<nn::Parameter<float>> list = network_.parameters();
  std::erase_if(list, [](const nn::Parameter<float>& p) { return p.name.find("norm") != std::string::npos; });
  return list;
}

nn::Grid grid_of_input(const compile::Graph& quantized, const std::string& name) {
  const compile::Port* port = quantized.find_input(name);
  if (!port) throw Error("the quantized network \"" + quantized.name + "\" has no input \"" + name + "\"");
  return grid_of(quantized.value(port->value).quantization, name);
}

}  // namespace ditmos::tune
