#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "nn/loss.hpp"
#include "nn/network.hpp"

namespace ditmos::nn {

/// The paper's selector and classifier (PAPER.md, Networks).
inline NetworkSpec paper_selector(int outputs = 6) {
  NetworkSpec spec;
  spec.input = {3, 1, 151};
  spec.blocks = {{.filters = 8, .kernel_width = 15}, {.filters = 8, .kernel_width = 9}, {.filters = 4, .kernel_width = 5}};
  spec.outputs = outputs;
  return spec;
}

inline NetworkSpec paper_classifier() {
  NetworkSpec spec = paper_selector(17);
  spec.blocks[1].extra_channels = spec.blocks[2].extra_channels = 8;
  return spec;
}

template <class T>
Maps<T> random_maps(Random& random, int samples, Shape shape, double offset = 0) {
  std::vector<T> rows(static_cast<std::size_t>(samples * shape.size()));
  for (T& v : rows) v = static_cast<T>(random.normal() + offset);
  Maps<T> maps;
  maps.from_rows(rows, samples, shape);
  return maps;
}

/// A network with everything that forward and backward read: input, extras, and weights of a linear loss on logits and maps.
template <class T>
struct Problem {
  NetworkSpec spec;
  Mode mode;
  Maps<T> input;
  std::vector<Maps<T>> extras, map_weights;
  std::vector<T> logit_weights;
  Random random{1};

  Problem(const NetworkSpec& s, int samples, Mode m, std::uint64_t seed) : spec(s), mode(m), random(seed) {
    const auto shapes = spec.block_shapes();
    input = random_maps<T>(random, samples, spec.input, 0.5);
    extras.resize(spec.blocks.size());
    map_weights.resize(spec.blocks.size());
    for (std::size_t b = 0; b < spec.blocks.size(); ++b) {
      const Shape own = b == 0 ? spec.input : shapes[b - 1];
      if (spec.blocks[b].extra_channels)
        extras[b] = random_maps<T>(random, samples, {spec.blocks[b].extra_channels, own.height, own.width});
      map_weights[b] = random_maps<T>(random, samples, shapes[b]);
    }
    for (int i = 0; i < samples * spec.outputs; ++i) logit_weights.push_back(static_cast<T>(random.normal()));
  }

  Network<T> network(Kernels kernels) {
    Random init(5);
    Network<T> net(spec, init, kernels);
    Random off(6);  // norms away from their initial values, so that nothing hides behind 1 and 0
    for (auto& p : net.parameters())
      if (p.name.find("norm") != std::string::npos)
        for (T& v : p.value) v += static_cast<T>(0.3 * off.normal());
    for (auto& p : net.statistics())
      for (T& v : p.value) v = static_cast<T>(static_cast<double>(v) + 0.3 * off.uniform());
    return net;
  }

  std::vector<const Maps<T>*> extra_pointers() const {
    std::vector<const Maps<T>*> list;
    for (const auto& e : extras) list.push_back(e.samples() ? &e : nullptr);
    return list;
  }

  void forward(Network<T>& net) {
    Random dropout(9);  // the same elements each time
    const auto pointers = extra_pointers();
    net.forward(input, pointers, mode, &dropout);
  }

  double loss(Network<T>& net) {
    forward(net);
    double sum = 0;
    for (std::size_t i = 0; i < logit_weights.size(); ++i)
      sum += static_cast<double>(logit_weights[i]) * static_cast<double>(net.logits()[i]);
    for (std::size_t b = 0; b < map_weights.size(); ++b) {
      const Maps<T>& map = net.map(static_cast<int>(b));
      for (std::size_t i = 0; i < static_cast<std::size_t>(map.groups()) * map.group_size(); ++i)
        sum += static_cast<double>(map_weights[b].data()[i]) * static_cast<double>(map.data()[i]);
    }
    return sum;
  }

  /// Gradients of loss() in the network and in `dextras`.
  void backward(Network<T>& net, std::vector<Maps<T>>& dextras) {
    dextras.resize(extras.size());
    std::vector<Maps<T>*> pointers;
    for (std::size_t b = 0; b < extras.size(); ++b) {
      if (extras[b].samples()) dextras[b].zero(extras[b].samples(), extras[b].shape());
      pointers.push_back(extras[b].samples() ? &dextras[b] : nullptr);
    }
    std::vector<const Maps<T>*> dmaps;
    for (const auto& m : map_weights) dmaps.push_back(&m);
    net.backward(logit_weights, pointers, dmaps);
  }
};

/// Specs that reach every road of the engine: series and images, padding, stride, depthwise, pools with remainders, extras,
/// no norm, no block, average pool.
struct NamedSpec {
  const char* name;
  NetworkSpec spec;
};

inline std::vector<NamedSpec> small_specs() {
  std::vector<NamedSpec> list;
  NetworkSpec s;
  s.input = {3, 1, 29};
  s.blocks = {{.filters = 5, .kernel_width = 7}, {.filters = 4, .kernel_width = 3, .extra_channels = 3}};
  s.hidden = {6};
  s.outputs = 4;
  list.push_back({"series", s});
  s.blocks[0].pad_width = 2;
  s.blocks[1].pad_width = 1;
  list.push_back({"padded", s});
  s.blocks[0].stride = 2;
  s.input_norm = false;
  s.dropout = 0;
  list.push_back({"strided", s});

  NetworkSpec image;
  image.input = {2, 9, 8};
  image.blocks = {{.filters = 6, .kernel_height = 3, .kernel_width = 4, .stride = 2, .pad_height = 1, .pad_width = 1, .pool_width = 1},
                  {.filters = 6, .kernel_height = 3, .kernel_width = 3, .pad_height = 1, .pad_width = 1, .pool_width = 1, .depthwise = true},
                  {.filters = 7, .kernel_width = 1, .pool_height = 2, .pool_width = 3}};
  image.global_average_pool = true;
  image.hidden = {};
  image.outputs = 3;
  list.push_back({"image", image});
  image.input = {2, 12, 8};
  image.blocks = {{.filters = 3, .kernel_height = 5, .kernel_width = 2, .pool_height = 3, .extra_channels = 1}};
  image.global_average_pool = false;
  image.hidden = {5, 4};
  list.push_back({"folded_image", image});
  image.blocks = {{.filters = 2, .kernel_height = 3, .kernel_width = 3, .depthwise = true}};
  list.push_back({"depthwise_first", image});

  NetworkSpec plain;
  plain.input = {4, 1, 5};
  plain.hidden = {7};
  plain.outputs = 3;
  list.push_back({"no_blocks", plain});
  plain.global_average_pool = true;
  list.push_back({"average_only", plain});
  return list;
}

}  // namespace ditmos::nn
