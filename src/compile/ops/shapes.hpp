#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "compile/ops/operator.hpp"
#include "core/error.hpp"

namespace ditmos::compile {

/// Throws Error naming the node.
[[noreturn]] inline void refuse(const Node& node, const std::string& what) {
  throw Error(node.op + " \"" + node.name + "\": " + what);
}
inline void expect(bool holds, const Node& node, const char* what) {
  if (!holds) refuse(node, what);
}

inline std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Elements of the whole shape.
inline int product(const std::vector<int>& dims) {
  int size = 1;
  for (const int dim : dims) size *= dim;
  return size;
}

/// Row-major strides.
inline std::vector<int> strides_of(const std::vector<int>& dims) {
  std::vector<int> strides(dims.size(), 1);
  for (std::size_t d = dims.size(); d > 1; --d) strides[d - 2] = strides[d - 1] * dims[d - 1];
  return strides;
}

/// Calls visit(flat index, index vector) for each element in row-major order.
template <class Visit>
void for_each_index(const std::vector<int>& dims, Visit visit) {
  std::vector<int> index(dims.size(), 0);
  const int size = product(dims);
  for (int flat = 0; flat < size; ++flat) {
    visit(flat, index);
    for (std::size_t d = dims.size(); d-- > 0;) {
      if (++index[d] < dims[d]) break;
      index[d] = 0;
    }
  }
}

/// Output positions of a window over `extent` elements in dimension d (0 height, 1 width), remainder dropped; 0 when it does not fit.
inline int window_positions(const Window& window, int d, int extent) {
  const int reach = (window.kernel[d] - 1) * window.dilation[d] + 1;
  const int padded = extent + window.pad_before[d] + window.pad_after[d];
  return padded < reach ? 0 : (padded - reach) / window.stride[d] + 1;
}

/// Dims of a map with the rank of `like`.
inline std::vector<int> map_dims(const std::vector<int>& like, int height, int width, int channels) {
  if (like.size() == 3) return {1, width, channels};
  return {1, height, width, channels};
}

inline const std::vector<int>& input_dims(const Graph& graph, const Node& node, std::size_t i = 0) {
  return graph.value(node.inputs[i]).dims;
}

inline std::vector<int> same_shape(const Graph& graph, const Node& node) { return input_dims(graph, node); }
inline std::int64_t no_macs(const Graph&, const Node&) { return 0; }

inline float apply(const Clamp& clamp, double value) {
  const float rounded = static_cast<float>(value);
  return rounded < clamp.low ? clamp.low : rounded > clamp.high ? clamp.high : rounded;
}

/// numpy broadcasting of two shapes; throws Error naming the node.
std::vector<int> broadcast(const Node& node, const std::vector<int>& a, const std::vector<int>& b);
/// Strides to walk `dims` in the index space of `out` (0 where it is repeated).
std::vector<int> broadcast_strides(const std::vector<int>& dims, const std::vector<int>& out);

}  // namespace ditmos::compile
