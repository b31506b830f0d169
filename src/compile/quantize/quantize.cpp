#include "compile/quantize/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "compile/ops/shapes.hpp"
#include "compile/quantize/equalize.hpp"
#include "compile/quantize/ranges.hpp"
#include "compile/quantize/to_int8.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

constexpr std::size_t kFewestWindows = 16;  // that calibrate a classifier

/// Real scale and zero point that cover the range. `symmetric`: zero point 0.
Quantization quantization_of(Range range, bool symmetric) {
  Quantization q;
  if (symmetric) {
    const float most = std::max(-range.low, range.high);
    q.scale = {most > 0 ? most / 127 : 1.0f};
    return q;
  }
  const float width = range.high - range.low;
  q.scale = {width > 0 ? width / 255 : 1.0f};
  q.zero_point = static_cast<std::int32_t>(std::lround(std::clamp(-128 - static_cast<double>(range.low) / q.scale[0], -128.0, 127.0)));
  return q;
}

/// Scales of all activations, by group.
class Scales {
 public:
  Scales(const Program& program, const Sharing& sharing, std::vector<Range> ranges) : program_(program), sharing_(sharing), ranges_(std::move(ranges)) {
    for (std::size_t g = 0; g < ranges_.size(); ++g) chosen_.push_back(quantization_of(ranges_[g], sharing_.is_symmetric(static_cast<int>(g))));
    widen_narrow_outputs();
  }
  const Quantization& of(std::size_t network, ValueId value) const { return chosen_[at(sharing_.group(network, value))]; }

 private:
  /// requantize.h takes ratios below 1/4: an output that varies less than that gets a larger scale.
  void widen_narrow_outputs() {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t n = 0; n < program_.networks.size(); ++n) {
        const Graph& graph = program_.networks[n];
        for (const Node& node : graph.nodes) {
          if (!has_weights(node)) continue;
          const float input = of(n, node.inputs[0]).scale[0];
          const auto scales = weight_scales(graph, node, input);
          const double least = static_cast<double>(input) * *std::max_element(scales.begin(), scales.end()) / kMostRatio;
          const int group = sharing_.group(n, node.output);
          Quantization& q = chosen_[at(group)];
          if (q.scale[0] >= least) continue;
          Range& range = ranges_[at(group)];
          const auto growth = static_cast<float>(1.001 * least / q.scale[0]);
          range = range.high > range.low ? Range{range.low * growth, range.high * growth} : Range{0, static_cast<float>(least) * 255.5f};
          q = quantization_of(range, sharing_.is_symmetric(group));
          changed = true;
        }
      }
    }
  }

  const Program& program_;
  const Sharing& sharing_;
  std::vector<Range> ranges_;
  std::vector<Quantization> chosen_;
};

template <class Visit>
void for_each_activation(const Program& program, Visit visit) {
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    for (const Port& port : program.networks[n].inputs) visit(n, port.value);
    for (const Node& node : program.networks[n].nodes) visit(n, node.output);
  }
}

/// By group and channel.
std::vector<std::vector<Observed>> observe(const Program& program, const Channels& channels, std::span<const float> windows, std::size_t count) {
  std::vector<std::vector<Observed>> seen;
  for (int g = 0; g < channels.groups(); ++g) seen.emplace_back(at(channels.channels(g)));
  run_calibration(program, windows, count, kFewestWindows, [&](std::size_t network, const std::vector<std::vector<float>>& values) {
    const Graph& graph = program.networks[network];
    std::size_t longest = 1;
    for (const Value& value : graph.values) longest = std::max(longest, at(value.size()));
    const std::size_t stride = count * longest / 200000 + 1;
    const auto add = [&](ValueId id) {
      const int group = channels.group(network, id);
      if (group < 0) return;
      std::vector<Observed>& mine = seen[at(group)];
      for (std::size_t i = 0; i < values[at(id)].size(); ++i) mine[i % mine.size()].add(values[at(id)][i], stride);
    };
    for (const Port& port : graph.inputs) add(port.value);
    for (const Node& node : graph.nodes) add(node.output);
  });
  return seen;
}

/// What the clamps let through of the observed range.
Range within(const Clamp& clamp, Range range) {
  return {std::clamp(range.low, std::min(clamp.low, 0.0f), 0.0f), std::clamp(range.high, 0.0f, std::max(clamp.high, 0.0f))};
}

}  // namespace

std::string name_of(Calibration calibration) {
  switch (calibration) {
    case Calibration::min_max: return "min-max";
    case Calibration::percentile: return "percentile";
    case Calibration::mse: break;
  }
  return "mse";
}

Calibration calibration_of(const std::string& name) {
  for (const Calibration known : {Calibration::min_max, Calibration::percentile, Calibration::mse})
    if (name == name_of(known)) return known;
  throw Error("unknown calibration \"" + name + "\"", "one of: min-max, percentile, mse");
}

Program quantize(const Program& program, std::span<const float> windows, std::size_t count, const QuantizeOptions& options) {
  for (const Graph& graph : program.networks) check_int8_operators(graph);
  const Channels channels(program);
  const std::vector<std::vector<Observed>> seen = observe(program, channels, windows, count);
  const Gains gains = equalizing_gains(program, channels, seen);
  Program equalized = program;
  apply_gains(equalized, channels, gains);

  const Sharing sharing(equalized);
  std::vector<Observed> together(at(sharing.groups()));
  std::vector<std::set<int>> merged(together.size());
  for_each_activation(program, [&](std::size_t n, ValueId id) {
    const int group = channels.group(n, id), shared = sharing.group(n, id);
    if (group < 0 || !merged[at(shared)].insert(group).second) return;
    for (std::size_t c = 0; c < seen[at(group)].size(); ++c) together[at(shared)].merge(seen[at(group)][c], gains[at(group)].empty() ? 1 : gains[at(group)][c]);
  });
  std::vector<Range> ranges;
  for (std::size_t g = 0; g < together.size(); ++g) {
    QuantizeOptions chosen = options;
    if (sharing.is_symmetric(static_cast<int>(g))) chosen.calibration = Calibration::min_max;  // clipped logits would tie
    ranges.push_back(choose_range(together[g], chosen));
  }
  for (std::size_t n = 0; n < program.networks.size(); ++n) {
    for (const Node& node : program.networks[n].nodes) {
      Range& range = ranges[at(sharing.group(n, node.output))];
      range = within(node.clamp, range);
    }
  }
  const Scales scales(equalized, sharing, std::move(ranges));
  const auto activation = [&](std::size_t network, ValueId value) {
    Quantization q = scales.of(network, value);
    q.gain = gains[at(channels.group(network, value))];
    return q;
  };
  return to_int8(equalized, sharing, {activation, {}}, options.layout);
}

}  // namespace ditmos::compile
