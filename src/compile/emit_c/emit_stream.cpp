#include <fmt/format.h>

#include "compile/emit_c/c_text.hpp"
#include "compile/emit_c/emit.hpp"

namespace ditmos::compile {
namespace {

struct Shape {
  int channels, width, history;
  frontend::Resampler resampler;
  double period_us;  ///< of rows with times, else 0
};

Shape shape_of(const frontend::Stream& s) {
  Shape shape{static_cast<int>(s.columns.size()), s.width, 1, {}, 0};
  if (s.sensor_hz == 0) shape.history = 2, shape.period_us = 1e6 / s.rate_hz;
  else if (s.sensor_hz != s.rate_hz) shape.resampler = frontend::make_resampler(s.sensor_hz, s.rate_hz), shape.history = shape.resampler.taps;
  return shape;
}

}  // namespace

std::string emit_stream(const frontend::Stream& s, const std::string& name) {
  const Shape shape = shape_of(s);
  const frontend::Resampler& r = shape.resampler;
  std::string code = c_table("float", name + "_stream_factor", s.factors);
  if (r.phases > 0) code += c_table("float", name + "_stream_weights", r.weights);
  code += fmt::format("static const ditmos_stream {0}_stream_shape = {{{1}, {2}, {3}, {4}, {0}_stream_factor, {5}, {6}, {7}, {8}, {9}}};\n\n", name, shape.channels, shape.width, s.hop,
                      c_float(static_cast<float>(s.threshold)), r.phases, r.step, r.taps, r.phases > 0 ? name + "_stream_weights" : "0", c_float(static_cast<float>(shape.period_us)));
  code += fmt::format("DITMOS_RARE void {0}_stream_begin({0}_stream *stream) {{ memset(stream, 0, sizeof *stream); }}\n\n", name);
  code += fmt::format("void {0}_stream_push({0}_stream *stream, {1}const float *row) {{ ditmos_stream_push(&{0}_stream_shape, &stream->state, stream->history, {2}, row); }}\n\n", name,
                      shape.period_us > 0 ? "uint32_t microseconds, " : "", shape.period_us > 0 ? "microseconds" : "0");
  return code + fmt::format("int {0}_stream_next({0}_stream *stream) {{\n  float sample[{1}];\n  return ditmos_stream_next(&{0}_stream_shape, &stream->state, stream->history, stream->window, {2}, sample);\n}}\n\n",
                            name, shape.channels, s.threshold > 0 ? "stream->magnitude" : "0");
}

std::string emit_stream_header(const frontend::Stream& s, const std::string& name, bool front_end) {
  const Shape shape = shape_of(s);
  std::string rows;
  for (std::size_t c = 0; c < s.columns.size(); ++c) {
    std::string column = s.columns[c];
    for (char& letter : column)
      if (letter < ' ' || letter == '*' || letter == '\\') letter = '_';  // it stands in a comment
    rows += (c ? ", " : "") + column;
  }
  std::string code = fmt::format(
      "\n/* Windows from rows of the sensor, in the unit and order of the recordings that the model was trained on: {0}.\n   {1}; windows of {2} samples at {3:g} Hz, ", rows,
      shape.period_us > 0 ? "Rows come with their time in microseconds, which may wrap" : fmt::format("Rows come at {:g} Hz", s.sensor_hz), s.width, s.rate_hz);
  code += s.threshold > 0 ? fmt::format("around peaks that reach {:g}.\n", s.threshold) : fmt::format("one every {}.\n", s.hop);
  code += fmt::format("   begin once; push a row; then, as long as next gives 1, {0}_set_{1}(arena, stream.window) and run. */\n#define {2}_STREAM_COLUMNS {3}\n", name, front_end ? "samples" : "input",
                      upper(name), shape.channels);
  code += fmt::format("typedef struct {{\n  float window[{}];\n{}  float history[{}];\n  ditmos_stream_state state;\n}} {}_stream;\n", shape.channels * shape.width,
                      s.threshold > 0 ? fmt::format("  float magnitude[{}];\n", shape.width) : "", shape.channels * shape.history, name);
  return code + fmt::format("void {0}_stream_begin({0}_stream *stream);\nvoid {0}_stream_push({0}_stream *stream, {1}const float *row);\nint {0}_stream_next({0}_stream *stream);\n", name,
                            shape.period_us > 0 ? "uint32_t microseconds, " : "");
}

}  // namespace ditmos::compile
