// Mean over `axes`; node.mode "keep" keeps them as dimensions of 1, anything else drops them.
#include <algorithm>

#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

bool is_reduced(const Node& node, std::size_t d) {
  return std::find(node.axes.begin(), node.axes.end(), static_cast<int>(d)) != node.axes.end();
}

std::vector<int> shape(const Graph& graph, const Node& node) {
  const std::vector<int>& dims = input_dims(graph, node);
  for (const int axis : node.axes) expect(axis >= 0 && axis < static_cast<int>(dims.size()), node, "an axis is out of range");
  std::vector<int> out;
  for (std::size_t d = 0; d < dims.size(); ++d)
    if (!is_reduced(node, d)) out.push_back(dims[d]);
    else if (node.mode == "keep") out.push_back(1);
  return out;
}

void reference(const Graph&, const Node& node, std::span<const Array* const> inputs, Array& output) {
  const Array& in = *inputs[0];
  std::vector<int> kept = in.dims;
  for (std::size_t d = 0; d < kept.size(); ++d)
    if (is_reduced(node, d)) kept[d] = 1;
  const std::vector<int> strides = broadcast_strides(kept, in.dims);
  std::vector<double> sums(output.data.size(), 0);
  for_each_index(in.dims, [&](int flat, const std::vector<int>& index) {
    int to = 0;
    for (std::size_t d = 0; d < index.size(); ++d) to += index[d] * strides[d];
    sums[at(to)] += in.data[at(flat)];
  });
  const double count = static_cast<double>(in.data.size()) / static_cast<double>(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) output.data[i] = apply(node.clamp, sums[i] / count);
}

std::string emit(const Site& site) {
  const std::vector<int>& in = input_dims(site.graph, site.node);
  std::vector<int> kept = in;
  int count = 1;
  for (std::size_t d = 0; d < kept.size(); ++d)
    if (is_reduced(site.node, d)) count *= kept[d], kept[d] = 1;
  const int size = site.graph.value(site.node.output).size();
  const auto statement = [&](const std::string& text) {
    return emit_loops({size}, {{1}}, {}, [&](const std::vector<std::string>& i) { return site.out + "[" + i[0] + "] " + text; });
  };
  const auto add = [&](const std::vector<std::string>& i) { return site.out + "[" + i[0] + "] += " + site.in[0] + "[" + i[1] + "];"; };
  return statement("= 0.0f;") + emit_loops(in, {broadcast_strides(kept, in), strides_of(in)}, {}, add) + statement("/= " + c_float(static_cast<float>(count)) + ";");
}

}  // namespace

extern const Operator reduce_mean_operator;
const Operator reduce_mean_operator{"reduce_mean", shape, no_macs, reference, emit};

}  // namespace ditmos::compile
