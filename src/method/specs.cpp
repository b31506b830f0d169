#include "method/specs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"

namespace ditmos::method {
namespace {

int entry(const std::vector<int>& list, std::size_t i) { return list.size() == 1 ? list[0] : list.at(i); }

bool fits(const NetworkConfig& network, nn::Shape input) {
  try {
    make_spec(network, "network", input, 2, 0);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

nn::NetworkSpec make_spec(const NetworkConfig& network, const std::string& prefix, nn::Shape input, int outputs, double dropout) {
  nn::NetworkSpec spec;
  spec.input = input;
  spec.outputs = outputs;
  spec.hidden = network.hidden;
  spec.dropout = static_cast<float>(dropout);
  spec.global_average_pool = network.average;
  const bool flat = input.height == 1;
  for (std::size_t i = 0; i < network.channels.size(); ++i) {
    nn::BlockSpec block;
    block.filters = network.channels[i];
    block.kernel_width = entry(network.kernels, i);
    block.kernel_height = flat ? 1 : network.heights.empty() ? block.kernel_width : entry(network.heights, i);
    block.pad_width = network.padding;
    block.pad_height = flat ? 0 : network.padding;
    block.pool_width = entry(network.pools, i);
    block.pool_height = flat ? 1 : block.pool_width;
    if (i == 0) {
      block.stride = network.stride;
    } else if (network.separable) {
      nn::BlockSpec depthwise = block;
      depthwise.depthwise = true;
      depthwise.filters = network.channels[i - 1];
      depthwise.pool_height = depthwise.pool_width = 1;
      spec.blocks.push_back(depthwise);
      block.kernel_height = block.kernel_width = 1;
      block.pad_height = block.pad_width = 0;
    }
    spec.blocks.push_back(block);
  }
  try {
    spec.block_shapes();
  } catch (const Error& e) {
    throw Error(fmt::format("the {} does not fit windows of {} x {} x {}: {}", prefix, input.channels, input.height, input.width, e.what()),
                fmt::format("shorten --{0}.kernels, lower --{0}.pools, or give fewer --{0}.channels", prefix));
  }
  return spec;
}

nn::NetworkSpec selector_spec(const Config& config, nn::Shape input) {
  return make_spec(config.selector, "selector", input, config.classifiers, config.dropout);
}

nn::NetworkSpec classifier_spec(const Config& config, nn::Shape input, int classes) {
  nn::NetworkSpec spec = make_spec(config.classifier, "classifiers", input, classes, config.dropout);
  if (!config.aggregation) return spec;
  const auto own = spec.block_shapes(), foreign = selector_spec(config, input).block_shapes();
  for (std::size_t b = 1; b < std::min(own.size(), foreign.size()); ++b) {
    if (spec.blocks[b].depthwise) continue;  // it mixes no channels; the pointwise block after it reads the map
    const nn::Shape &a = own[b - 1], &s = foreign[b - 1];
    if (a.height != s.height || a.width != s.width)
      throw Error(fmt::format("feature aggregation needs maps of one length, but block {} gives {} x {} in the classifiers and {} x {} in the selector",
                              b, a.height, a.width, s.height, s.width),
                  "use the same kernels, pools and padding in both, or --classifiers.aggregation false");
    spec.blocks[b].extra_channels = s.channels;
  }
  return spec;
}

std::vector<std::string> shorten_default_networks(Config& config, nn::Shape input) {
  struct Entry {
    const char* name;
    NetworkConfig Config::*network;
  };
  constexpr Entry entries[] = {{"selector", &Config::selector}, {"classifier", &Config::classifier}, {"strong", &Config::strong},
                               {"single", &Config::single}, {"dense", &Config::dense}, {"ds_cnn", &Config::ds_cnn}};
  constexpr int steps = 16;
  const Config defaults;
  std::vector<std::string> changes;
  for (const Entry& e : entries) {
    NetworkConfig& network = config.*e.network;
    const NetworkConfig& usual = defaults.*e.network;
    if (network != usual || fits(network, input)) continue;
    NetworkConfig shorter = usual;
    for (int step = steps - 1; step >= 0 && !fits(shorter, input); --step)
      for (std::size_t i = 0; i < shorter.kernels.size(); ++i) shorter.kernels[i] = 1 + 2 * std::max(usual.padding, (usual.kernels[i] - 1) * step / (2 * steps));
    if (!fits(shorter, input)) continue;  // make_spec says what is wrong
    network = shorter;
    changes.push_back(fmt::format("windows of {} x {} x {} are short for the default {} network: its kernels are {}", input.channels, input.height,
                                  input.width, e.name, fmt::join(shorter.kernels, ", ")));
  }
  return changes;
}

nn::Shape input_shape(const data::Dataset& dataset) { return {dataset.channels, dataset.height, dataset.width}; }

Cost cost_of(const nn::NetworkSpec& spec) {
  Cost cost{spec.parameters(), spec.macs(), 0};
  int before = spec.input.size();
  const auto shapes = spec.block_shapes();
  for (std::size_t b = 0; b < shapes.size(); ++b) {
    const int extra = spec.blocks[b].extra_channels * (b ? shapes[b - 1].height * shapes[b - 1].width : 0);
    cost.ram = std::max<std::int64_t>(cost.ram, before + extra + shapes[b].size());
    before = shapes[b].size();
  }
  return cost;
}

Cost cost_of(const nn::NetworkSpec& selector, const nn::NetworkSpec& classifier, int count) {
  const Cost s = cost_of(selector), c = cost_of(classifier);
  Cost cost{s.parameters + count * c.parameters, s.macs + c.macs, 0};
  // The window waits for the classifier while the selector runs, and every reused map waits for its block.
  const auto maps = selector.block_shapes(), own = classifier.block_shapes();
  std::int64_t waiting = 0;
  for (std::size_t b = 1; b < own.size(); ++b)
    if (classifier.blocks[b].extra_channels) waiting += maps[b - 1].size();
  cost.ram = std::max(s.ram, selector.input.size() + waiting + (own.empty() ? 0 : own[0].size()));
  return cost;
}

}  // namespace ditmos::method
