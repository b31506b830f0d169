#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "compile/graph.hpp"

namespace ditmos::compile {

/// A quantized program on the host, through the very kernels that ship (runtime/include/ditmos): what the chip gives, byte for byte.
class Int8Reference {
 public:
  explicit Int8Reference(const Program& program);

  struct Result {
    int label = 0;
    int choice = -1;                     ///< classifier picked, or -1
    std::vector<std::int8_t> logits;     ///< of the answering network; empty for `average`
    std::vector<std::int8_t> selector;   ///< selector's logits, or empty
    std::vector<float> real;             ///< dequantized logits; probabilities for `average`
  };
  /// window: (channels, height, width), or the only input in outside order.
  Result run(std::span<const float> window) const;

  /// Every activation of one network, by value; `maps` as run_network left them for the networks before it.
  using Values = std::vector<std::vector<std::int8_t>>;
  using Maps = std::map<std::string, std::vector<std::int8_t>>;
  Values run_network(std::size_t network, std::span<const float> window, Maps& maps) const;

 private:
  struct Packed {  ///< of one node
    std::vector<std::int8_t> weights;
    std::vector<std::int32_t> bias;
  };
  void run_node(const Graph& graph, const Node& node, const Packed& packed, Values& values) const;
  const Program& program_;
  std::vector<std::vector<Packed>> packed_;
};

}  // namespace ditmos::compile
