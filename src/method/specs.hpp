#pragma once
#include "data/dataset.hpp"
#include "method/config.hpp"
#include "nn/network.hpp"

namespace ditmos::method {

/// A network of `network` for windows of `input`. Where the windows have a height, pools are square, and kernels too unless `heights` says. Throws Error when a
/// block's input is smaller than its kernel: which option, how large, what to try. `prefix` is the options' ("selector").
nn::NetworkSpec make_spec(const NetworkConfig& network, const std::string& prefix, nn::Shape input, int outputs, double dropout);

/// A classifier: as make_spec, and with `config.aggregation` every block but the first also reads the selector's map that stands before
/// it (depthwise blocks do not). Throws Error when the two maps differ in length.
nn::NetworkSpec classifier_spec(const Config& config, nn::Shape input, int classes);
nn::NetworkSpec selector_spec(const Config& config, nn::Shape input);

nn::Shape input_shape(const data::Dataset& dataset);

/// The default networks are made for windows of about 150 samples. Those of `config` that are still the default and do not fit `input`
/// get shorter kernels, all by one factor, selector and classifiers alike; networks that a user chose stay. Returns a sentence for each
/// network changed.
std::vector<std::string> shorten_default_networks(Config& config, nn::Shape input);

/// What a chip pays for one answer, in values and multiply-accumulates; weights with batch norms folded.
struct Cost {
  std::int64_t parameters = 0;  ///< flash
  std::int64_t macs = 0;        ///< latency
  std::int64_t ram = 0;         ///< most values alive at once: a block's input (or the window) and its pooled output
};
Cost cost_of(const nn::NetworkSpec& spec);
/// Selector, `count` classifiers in flash, one of them run; the reused maps stay alive while it runs.
Cost cost_of(const nn::NetworkSpec& selector, const nn::NetworkSpec& classifier, int count);

}  // namespace ditmos::method
