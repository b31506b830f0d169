#include "compile/quantize/int8_emission.hpp"

#include <fmt/format.h>

#include "compile/quantize/kernel_arguments.hpp"
#include "compile/quantize/quantize.hpp"

namespace ditmos::compile {

std::vector<Field> int8_fields(const Graph& graph, const Node& node) {
  const std::vector<std::int8_t> weights = packed_weights(graph, node, node.requantize.paired ? WeightLayout::pairs : WeightLayout::rows);
  return {{"bias", Type::s32, {}, folded_bias(graph, node)},
          {"multiplier", Type::s32, {}, node.requantize.multiplier},
          {"weights", Type::s8, {}, {weights.begin(), weights.end()}}};
}

std::string requant_text(const Site& site) {
  const ditmos_requant q = requant(site.graph, site.node, nullptr);
  return fmt::format("((ditmos_requant){{.bias = {}, .multiplier = {}, .offset = {}, .shift = {}, .low = {}}})", site.field("bias"), site.field("multiplier"),
                     q.offset, q.shift, q.low);
}

const char* layout_text(const Node& node) { return node.requantize.paired ? "DITMOS_PAIRS" : "DITMOS_ROWS"; }

}  // namespace ditmos::compile
