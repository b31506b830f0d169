#include "compile/quantize/equalize.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "compile/ops/shapes.hpp"
#include "compile/quantize/activation_sets.hpp"
#include "compile/quantize/to_int8.hpp"

namespace ditmos::compile {
namespace {

constexpr float kMostWeight = 16;  // of a layer whose inputs and outputs have ranges of width 1
constexpr float kLeastShare = 1e-3f;
constexpr int kMostFeatures = 256;  // of a vector that the outside gives: its gains are a table on the chip

bool is_pool(const Node& node) { return node.op == "max_pool" || node.op == "average_pool"; }
/// gain * clamp(x) = clamp(gain * x)
bool is_homogeneous(const Clamp& clamp) { return (clamp.low == 0 || std::isinf(clamp.low)) && std::isinf(clamp.high); }

/// Whether the last dimension inside is that of the outside's channels, or of the features of a vector.
bool has_channels_last(const Graph& graph, const Port& port) {
  if (port.dims.size() <= 2) return graph.value(port.value).size() <= kMostFeatures;
  return port.order.size() == port.dims.size() && port.order[1] + 1 == static_cast<int>(port.order.size());
}

/// The least scale of each range that int8 with this zero point can have.
double scale_of(Range range, int zero) {
  const auto steps = [](double extent, int left) { return extent <= 0 ? 0 : left > 0 ? extent / left : std::numeric_limits<double>::infinity(); };
  return std::max(steps(range.high, 127 - zero), steps(-static_cast<double>(range.low), zero + 128));
}

/// Scales of all channels for the zero point at which they lose least: the sum of the squares of scale / width is smallest. A channel that
/// was never anything but 0 has the widest one's.
std::vector<float> scales_of(const std::vector<Range>& ranges) {
  double widest = 0, least = std::numeric_limits<double>::infinity();
  for (const Range& range : ranges) widest = std::max(widest, static_cast<double>(range.high) - range.low);
  int best = 0;
  for (int zero = -128; zero <= 127; ++zero) {
    double loss = 0;
    for (const Range& range : ranges) {
      const double width = static_cast<double>(range.high) - range.low;
      if (width > 0) loss += std::pow(scale_of(range, zero) / width, 2);
    }
    if (loss < least) least = loss, best = zero;
  }
  std::vector<float> scales;
  for (const Range& range : ranges) scales.push_back(static_cast<float>(scale_of(range, best)));
  const float most = *std::max_element(scales.begin(), scales.end());
  for (float& scale : scales)
    if (!(scale > 0)) scale = most;
  return scales;
}

/// visit(filter, weight, input channel) for each weight of a layer.
template <class Visit>
void for_each_weight(const Graph& graph, const Node& node, Visit visit) {
  const Value& weights = graph.value(node.weights);
  const int filters = weights.dims[0], n = weights.size() / filters;
  if (node.op == "conv") {
    const int channels = extent_of(weights.dims).channels;
    for (int f = 0; f < filters; ++f)
      for (int k = 0; k < n; ++k) visit(f, f * n + k, f / (filters / node.groups) * channels + k % channels);
    return;
  }
  for (int f = 0; f < filters; ++f)
    for (int k = 0; k < n; ++k) visit(f, f * n + k, k);
}

/// Group and channel of each input channel of a layer (of a linear layer: of each column).
struct Place {
  std::size_t group, channel;
};
std::vector<Place> places_read(const Graph& graph, const Node& node, std::size_t network, const Channels& channels) {
  std::vector<Place> places;
  for (const ValueId id : node.inputs) {
    const int group = channels.group(network, id), inputs = node.op == "conv" ? extent_of(graph.value(id).dims).channels : graph.value(id).size();
    for (int i = 0; i < inputs; ++i) places.push_back({at(group), at(i % channels.channels(group))});
  }
  return places;
}

float gain_at(const Gains& gains, const Place& place) { return gains[place.group].empty() ? 1 : gains[place.group][place.channel]; }

}  // namespace

Channels::Channels(const Program& program) {
  ActivationSets sets(program);
  std::vector<char> fixed(sets.size(), 0);
  const bool select = program.combine == model::Combine::select;
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    const Graph& graph = program.networks[n];
    const auto id = [&](ValueId value) { return sets.id(n, value); };
    for (const Port& port : graph.inputs) {
      sets.meet(id(port.value), port.name);
      if (!has_channels_last(graph, port)) fixed[at(id(port.value))] = 1;
    }
    for (const Port& port : graph.outputs) {
      sets.use(id(port.value));
      if (select && n == 0 && port.name != "logits") sets.meet(id(port.value), port.name);
      else fixed[at(id(port.value))] = 1;
    }
    for (const Node& node : graph.nodes) {
      sets.use(id(node.output));
      if (is_pool(node)) sets.unite(id(node.inputs[0]), id(node.output));
      else if (!has_weights(node) || !is_homogeneous(node.clamp)) fixed[at(id(node.output))] = 1;
      if (!is_pool(node) && !has_weights(node))
        for (const ValueId input : node.inputs) fixed[at(id(input))] = 1;
    }
  }
  group_ = sets.numbers();
  std::vector<char> free;
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    const Graph& graph = program.networks[n];
    for (ValueId value = 0; value < static_cast<ValueId>(graph.values.size()); ++value) {
      const int number = group(n, value), last = graph.value(value).dims.empty() ? 1 : graph.value(value).dims.back();
      if (number < 0) continue;
      if (number == groups()) channels_.push_back(last), free.push_back(1);
      if (fixed[at(sets.id(n, value))] || last != channels_[at(number)]) free[at(number)] = 0;
    }
  }
  for (std::size_t g = 0; g < channels_.size(); ++g)
    if (!free[g]) channels_[g] = 1;
}

Gains equalizing_gains(const Program& program, const Channels& channels, const std::vector<std::vector<Observed>>& seen) {
  std::vector<std::vector<float>> widths(seen.size()), shares(seen.size());
  for (std::size_t g = 0; g < seen.size(); ++g) {
    std::vector<Range> ranges;
    for (const Observed& channel : seen[g]) ranges.push_back({channel.low, channel.high});
    for (const float scale : scales_of(ranges)) widths[g].push_back(scale > 0 ? 255 * scale : 1);
    shares[g].assign(widths[g].size(), 0);
  }
  // The most that a channel contributes to a filter of what reads it, as a share of that filter's largest contribution.
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    const Graph& graph = program.networks[n];
    for (const Node& node : graph.nodes) {
      if (!has_weights(node)) continue;
      const std::vector<Place> read = places_read(graph, node, n, channels);
      const Value& weights = graph.value(node.weights);
      const auto contribution = [&](int weight, int input) { return std::abs(weights.f[at(weight)]) * widths[read[at(input)].group][read[at(input)].channel]; };
      std::vector<float> most(at(weights.dims[0]), 0);
      for_each_weight(graph, node, [&](int filter, int weight, int input) { most[at(filter)] = std::max(most[at(filter)], contribution(weight, input)); });
      for_each_weight(graph, node, [&](int filter, int weight, int input) {
        float& share = shares[read[at(input)].group][read[at(input)].channel];
        if (most[at(filter)] > 0) share = std::max(share, contribution(weight, input) / most[at(filter)]);
      });
    }
  }
  Gains gains(seen.size());
  for (std::size_t g = 0; g < seen.size(); ++g)
    for (std::size_t c = 0; seen[g].size() > 1 && c < seen[g].size(); ++c) gains[g].push_back(std::sqrt(std::max(shares[g][c], kLeastShare)) / widths[g][c]);
  // A channel that varies much less than its weights would let it keeps a smaller gain.
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    const Graph& graph = program.networks[n];
    for (const Node& node : graph.nodes) {
      if (!has_weights(node)) continue;
      std::vector<float>& mine = gains[at(channels.group(n, node.output))];
      if (mine.empty()) continue;
      const std::vector<Place> read = places_read(graph, node, n, channels);
      for_each_weight(graph, node, [&](int filter, int weight, int input) {
        const float size = std::abs(graph.value(node.weights).f[at(weight)]) / gain_at(gains, read[at(input)]);
        if (size * mine[at(filter)] > kMostWeight) mine[at(filter)] = kMostWeight / size;
      });
    }
  }
  return gains;
}

void apply_gains(Program& program, const Channels& channels, const Gains& gains) {
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    Graph& graph = program.networks[n];
    for (Node& node : graph.nodes) {
      if (!has_weights(node)) continue;
      const std::vector<Place> read = places_read(graph, node, n, channels);
      const std::vector<float>& after = gains[at(channels.group(n, node.output))];
      const auto gain = [&](int filter) { return after.empty() ? 1.0f : after[at(filter)]; };
      Value weights = graph.value(node.weights);  // a constant may have several readers with other gains
      for_each_weight(graph, node, [&](int filter, int weight, int input) { weights.f[at(weight)] *= gain(filter) / gain_at(gains, read[at(input)]); });
      node.weights = graph.add_value(std::move(weights));
      if (node.bias == kNone) continue;
      Value bias = graph.value(node.bias);
      for (std::size_t f = 0; f < bias.f.size(); ++f) bias.f[f] *= gain(static_cast<int>(f));
      node.bias = graph.add_value(std::move(bias));
    }
  }
}

}  // namespace ditmos::compile
