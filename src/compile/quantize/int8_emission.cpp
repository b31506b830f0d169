#include "compile/quantize/int8_emission.hpp"

#include <fmt/format.h>

#include "compile/quantize/kernel_arguments.hpp"
#include "compile/quantize/quantize.hpp"

namespace ditmos::compile {
namespace {

const char* const kDsp = "defined(DITMOS_DSP)";

}  // namespace

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

std::string linear_layer(const Site& site, int inputs, int outputs) {
  const ditmos_requant q = requant(site.graph, site.node, nullptr);
  return site.shared->layer(kDsp, "ditmos_linear_layer_dsp", fmt::format("{{.offset = {}, .inputs = {}, .outputs = {}, .shift = {}, .low = {}}}", q.offset, inputs, outputs, q.shift, q.low));
}

std::string series_layer(const Site& site, const ditmos_conv_shape& s) {
  const int run_a = s.kernel_width * s.channels, run_b = s.kernel_width * s.extra;
  const int step_a = s.stride_width * s.channels, step_b = s.stride_width * s.extra;
  constexpr int kMostStep = 3999, kMostRun = 16000;  // offset in a load instruction; 4 bytes of weights a value in 16 bits
  const bool fits = site.node.requantize.paired && s.height == 1 && s.kernel_height == 1 && s.pool_height == 1 && s.pool_width == 2 && s.filters % 4 == 0 && s.pad_left == 0 && s.pad_top == 0 &&
                    (s.conv_width - 1) * s.stride_width + s.kernel_width <= s.width && run_a >= 4 && run_a <= kMostRun && step_a <= kMostStep && (s.extra == 0 || run_b >= 4) && run_b <= kMostRun &&
                    step_b <= kMostStep;
  if (!fits) return {};
  const ditmos_requant q = requant(site.graph, site.node, nullptr);
  site.shared->tile(kDsp, fmt::format("DITMOS_TILE_DSP({})", step_a));
  if (s.extra) site.shared->tile(kDsp, fmt::format("DITMOS_TILE_DSP({})", step_b));
  return site.shared->layer(kDsp, "ditmos_series_layer_dsp",
                            fmt::format("{{.tile_a = ditmos_tile_{}_dsp, .tile_b = {}, .offset = {}, .low = 0x{:08X}u, .multiplier = {}, .whole_a = {}, .whole_b = {}, .rest_a = {}, .rest_b = {}, "
                                        ".shift = {}, .advance_a = {}, .advance_b = {}}}",
                                        step_a, s.extra ? fmt::format("ditmos_tile_{}_dsp", step_b) : "NULL", q.offset, static_cast<std::uint32_t>(q.low & 255) * 0x01010101u, 4 * s.filters,
                                        (run_a & ~3) * 4, (run_b & ~3) * 4, run_a & 3, run_b & 3, q.shift, 2 * step_a, 2 * step_b));
}

const char* layout_text(const Node& node) { return node.requantize.paired ? "DITMOS_PAIRS" : "DITMOS_ROWS"; }

}  // namespace ditmos::compile
