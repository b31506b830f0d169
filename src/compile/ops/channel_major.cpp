#include "compile/ops/channel_major.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compile/emit_c/c_text.hpp"
#include "compile/ops/shapes.hpp"
#include "compile/quantize/kernel_arguments.hpp"

namespace ditmos::compile {
namespace {

bool fits(const Graph& graph, const Node& node) {
  if (node.op != "conv" || node.groups != 1 || node.inputs.size() > 2 || graph.value(node.output).type != Type::f32 || node.window.dilation[1] != 1) return false;
  if (!is_relu(node.clamp)) return false;
  const ditmos_conv_shape s = conv_shape(graph, node);
  const int taps = s.kernel_width, most = std::max(s.channels, s.extra);
  constexpr int kMostOffset = 1020, kMostImmediate = 4095, kMostTaps = 1000;
  return s.height == 1 && s.kernel_height == 1 && s.stride_width == 1 && s.pad_left == 0 && s.pad_top == 0 && s.conv_width + taps - 1 <= s.width && s.pool_height == 1 && s.pool_width == 2 &&
         s.conv_width >= 4 && s.filters % 4 == 0 && s.filters <= 16000 && taps >= 2 && taps <= kMostTaps && 28 * most <= kMostOffset && 16 * most * ((taps + 3) / 4) <= kMostImmediate;
}

}  // namespace

void mark_channel_major(Plan& plan) {
  if (plan.schedule.starts_with("streaming")) return;
  const auto mark = [](Graph& graph) {
    for (Node& node : graph.nodes) node.channel_major = fits(graph, node);
  };
  for (Graph& network : plan.networks) mark(network);
  for (FamilyPlan& planned : plan.families) mark(planned.family.graph);
}

std::vector<float> to_channel_major(const std::vector<float>& rows, int filters, int taps, const std::vector<int>& channels) {
  const int filter_size = static_cast<int>(rows.size()) / filters;
  std::vector<float> packed;
  packed.reserve(rows.size());
  for (int first = 0; first < filters; first += 4) {
    int run = 0;
    for (const int count : channels) {
      for (int c = 0; c < count; ++c)
        for (int tap = 0; tap < taps; ++tap)
          for (int f = first; f < first + 4; ++f) packed.push_back(rows[at(f * filter_size + run + tap * count + c)]);
      run += taps * count;
    }
  }
  return packed;
}

std::string channel_major_layer(const Site& site) {
  const ditmos_conv_shape s = conv_shape(site.graph, site.node);
  const char* const condition = "defined(DITMOS_FPU) && DITMOS_MUL_ADD";
  const auto tile = [&](int channels) {
    if (channels == 0) return std::string("NULL");
    site.shared->tile(condition, fmt::format("DITMOS_TILE_F32_M4({}, {})", channels, s.kernel_width));
    return fmt::format("ditmos_tile_{}x{}_m4", channels, s.kernel_width);
  };
  return site.shared->layer(condition, "ditmos_series_layer_m4",
                            fmt::format("{{.tile_a = {}, .tile_b = {}, .channels_a = {}, .channels_b = {}, .groups = {}, .filter_bytes = {}, .advance_a = {}, .advance_b = {}}}", tile(s.channels), tile(s.extra),
                                        s.channels, s.extra, s.filters / 4, s.filters * 4, 16 * s.channels, 16 * s.extra));
}

}  // namespace ditmos::compile
