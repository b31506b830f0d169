#include <cmath>

#include "compile/ops/shapes.hpp"
#include "compile/quantize/quantize.hpp"
#include "compile/quantize/ranges.hpp"
#include "compile/quantize/reference.hpp"

namespace ditmos::compile {

std::vector<LayerNoise> quantization_noise(const Program& program, const Program& quantized, std::span<const float> windows,
                                           std::size_t count) {
  struct Sums {
    double signal = 0, noise = 0;
  };
  std::vector<std::vector<Sums>> sums;
  for (const Graph& graph : program.networks) sums.emplace_back(graph.nodes.size());
  const Int8Reference reference(quantized);
  const std::size_t size = count == 0 ? 0 : windows.size() / count;
  for (std::size_t w = 0; w < count; ++w) {
    const auto window = windows.subspan(w * size, size);
    Int8Reference::Maps maps;  // the selector runs before the classifiers
    run_calibration(program, window, 1, 0, [&](std::size_t n, const std::vector<std::vector<float>>& values) {
      const Int8Reference::Values integers = reference.run_network(n, window, maps);
      for (std::size_t i = 0; i < program.networks[n].nodes.size(); ++i) {
        const ValueId from = program.networks[n].nodes[i].output, to = quantized.networks[n].nodes[i].output;
        const Quantization& q = quantized.networks[n].value(to).quantization;
        for (std::size_t k = 0; k < integers[at(to)].size(); ++k) {
          const double real = values[at(from)][k], approximate = static_cast<double>(q.step(k)) * (integers[at(to)][k] - q.zero_point);
          sums[n][i].signal += real * real;
          sums[n][i].noise += (real - approximate) * (real - approximate);
        }
      }
    });
  }
  std::vector<LayerNoise> result;
  for (std::size_t n = 0; n < sums.size(); ++n) {
    const Graph& graph = quantized.networks[n];
    for (std::size_t i = 0; i < sums[n].size(); ++i) {
      if (!(sums[n][i].signal > 0)) continue;  // a classifier that never answered
      const Quantization& q = graph.value(graph.nodes[i].output).quantization;
      result.push_back({graph.name, graph.nodes[i].name, 10 * std::log10(sums[n][i].signal / sums[n][i].noise), q.scale[0], q.zero_point});
    }
  }
  return result;
}

}  // namespace ditmos::compile
