#include "compile/ops/shapes.hpp"

#include <algorithm>

namespace ditmos::compile {

std::vector<int> broadcast(const Node& node, const std::vector<int>& a, const std::vector<int>& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  std::vector<int> out(rank, 1);
  for (std::size_t d = 0; d < rank; ++d) {
    const int left = d + a.size() < rank ? 1 : a[d + a.size() - rank];
    const int right = d + b.size() < rank ? 1 : b[d + b.size() - rank];
    expect(left == right || left == 1 || right == 1, node, "shapes cannot be broadcast together");
    out[d] = left == 1 ? right : left;
  }
  return out;
}

std::vector<int> broadcast_strides(const std::vector<int>& dims, const std::vector<int>& out) {
  const std::vector<int> own = strides_of(dims);
  std::vector<int> strides(out.size(), 0);
  const std::size_t lead = out.size() - dims.size();
  for (std::size_t d = 0; d < dims.size(); ++d) strides[lead + d] = dims[d] == 1 ? 0 : own[d];
  return strides;
}

}  // namespace ditmos::compile
