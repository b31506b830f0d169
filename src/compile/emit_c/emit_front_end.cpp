#include <fmt/format.h>

#include <algorithm>

#include "compile/emit_c/c_text.hpp"
#include "compile/emit_c/emit.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

using frontend::FrontEnd;
using frontend::Kind;

const char* sample_type(frontend::Sample sample) {
  return sample == frontend::Sample::s16 ? "int16_t" : sample == frontend::Sample::u8 ? "uint8_t" : "float";
}

template <class T>
std::string table(const std::string& name, const char* type, const char* what, const std::vector<T>& values) {
  return c_table(type, name + "_front_end_" + what, values);
}

std::string fft_tables(const std::string& name, const frontend::FftTables& t) {
  return table(name, "uint8_t", "reversed", t.reversed) + table(name, "float", "window", t.window) + table(name, "float", "twiddle", t.twiddle);
}

std::string fft_fields(const std::string& name, const frontend::FftTables& t) {
  return fmt::format("{{{1}, {2}, {3}, {0}_front_end_reversed, {0}_front_end_window, {0}_front_end_twiddle}}", name, t.frame, t.half, t.low_bits);
}

/// How far apart in the input the features of consecutive rows, and of consecutive columns of a row, lie.
struct Strides {
  std::size_t row = 0, column = 0;
};

Strides strides_of_rows(const std::vector<std::size_t>& element, std::size_t columns) {
  const std::size_t rows = element.size() / columns;
  const Strides s{rows > 1 ? element[columns] : 0, columns > 1 ? element[1] : 0};
  for (std::size_t n = 0; n < element.size(); ++n)
    if (element[n] != n / columns * s.row + n % columns * s.column) throw Error("internal: the input's layout has no two strides");
  return s;
}

class Writer {
 public:
  Writer(const FrontEnd& front_end, const Plan& plan, const std::string& name, const FrontEndTarget& target)
      : f_(front_end), s_(front_end.settings()), plan_(plan), name_(name), target_(target) {}

  std::string run() const { return f_.frames() > 0 ? framed() : whole(); }

 private:
  std::string open(const std::string& arguments) const {
    return fmt::format("(void *arena_memory, {}const {} *samples) {{\n  unsigned char *const arena = (unsigned char *)arena_memory;\n", arguments, sample_type(s_.sample));
  }
  /// Of feature v of a frame of microphone `channel`: features are channels of a series, or the height of a map.
  std::string channel_of_feature() const {
    const std::size_t values = static_cast<std::size_t>(f_.frame_values()), rows = values * static_cast<std::size_t>(s_.channels) / target_.channels;
    return rows == 1 ? fmt::format("channel * {} + v", values) : fmt::format("(channel * {} + v) / {}", values, rows);
  }
  std::string input() const { return fmt::format("({} *)(void *)(arena + {})", target_.type, target_.offset); }

  /// One frame at a time: its samples can wait in the microphone's buffer, and are gone when the next ones come.
  std::string framed() const {
    const auto values = static_cast<std::size_t>(f_.frame_values()), frames = static_cast<std::size_t>(f_.frames());
    const Strides s = strides_of_rows(target_.element, frames);
    std::string code, call;
    if (const frontend::MelTables16* q = f_.fixed()) {
      code = table(name_, "uint8_t", "reversed", q->reversed) + table(name_, "int16_t", "window", q->window) + table(name_, "int16_t", "twiddle", q->twiddle) +
             table(name_, "uint16_t", "edges", q->edges) + table(name_, "int16_t", "bins", q->bins) + table(name_, "uint16_t", "logarithm", q->logarithm);
      if (!q->dct.empty()) code += table(name_, "int16_t", "dct", q->dct);
      code += fmt::format(
          "static const ditmos_mel_s16 {0}_front_end = {{{{{1}, {2}, {3}, {0}_front_end_reversed, {0}_front_end_window, {0}_front_end_twiddle}}, {4}, {5}, {0}_front_end_edges, {0}_front_end_bins, {6}, "
          "{0}_front_end_logarithm}};\n\n",
          name_, q->frame, q->half, q->low_bits, s_.mels, s_.coefficients, q->dct.empty() ? "0" : name_ + "_front_end_dct");
      call = "ditmos_mel_frame_s16";
    } else if (const frontend::MelTables* t = f_.mel()) {
      code = fft_tables(name_, t->fft) + table(name_, "uint16_t", "edges", t->edges) + table(name_, "float", "bins", t->bins);
      if (!t->dct.empty()) code += table(name_, "float", "dct", t->dct);
      code += fmt::format("static const ditmos_mel_f32 {0}_front_end = {{{1}, {2}, {3}, {0}_front_end_edges, {0}_front_end_bins, {4}}};\n\n", name_, fft_fields(name_, t->fft), s_.mels,
                          s_.coefficients, t->dct.empty() ? "0" : name_ + "_front_end_dct");
      call = "ditmos_mel_frame_f32";
    } else if (const frontend::BandTables* b = f_.band()) {
      code = fft_tables(name_, b->fft) + table(name_, "uint16_t", "edges", b->edges) + table(name_, "float", "turns", b->turns);
      code += fmt::format("static const ditmos_band_power_f32 {0}_front_end = {{{1}, {2}, {0}_front_end_edges, {0}_front_end_turns}};\n\n", name_, fft_fields(name_, b->fft), values);
      call = "ditmos_band_power_frame_f32";
    }
    code += fmt::format("void {}_set_frame{}", name_, open("int channel, int frame, "));
    const std::size_t offset = plan_.buffers[static_cast<std::size_t>(plan_.front_end_buffer)].offset;
    const char* const memory = f_.fixed() ? "int16_t" : "float";
    const char* const result = f_.fixed() ? "int32_t" : "float";
    code += fmt::format("  {0} *const scratch = ({0} *)(void *)(arena + {1});\n  {2} *const values = ({2} *)(void *)(arena + {3});\n", memory, offset, result, offset + f_.values_offset());
    code += fmt::format("  {} *const to = {} + channel * {} + frame * {};\n", target_.type, input(), values * s.row, s.column);
    code += fmt::format("  {}({}_front_end, samples, scratch, values);\n  for (int v = 0; v < {}; v++) to[v * {}] = {};\n}}\n\n", call, name_, values, s.row, target_.convert(f_.fixed() ? "(float)values[v] * 0.0009765625f" : "values[v]", channel_of_feature()));
    code += fmt::format("void {}_set_samples(void *arena_memory, const {} *samples) {{\n", name_, sample_type(s_.sample));
    return code + fmt::format("  for (int c = 0; c < {0}; c++) {{\n    for (int f = 0; f < {1}; f++) {2}_set_frame(arena_memory, c, f, samples + c * {3} + f * {4});\n  }}\n}}\n\n", s_.channels, frames, name_,
                              s_.samples, f_.hop_samples());
  }

  std::string whole() const {
    const auto length = static_cast<std::size_t>(s_.height) * static_cast<std::size_t>(s_.samples);
    const Strides s = strides_of_rows(target_.element, length);
    const auto channels = static_cast<std::size_t>(s_.channels);
    std::string code = fmt::format("void {}_set_samples{}", name_, open(""));
    code += fmt::format("  {} *const to = {};\n  for (int c = 0; c < {}; c++) {{\n", target_.type, input(), channels);
    std::string value = "(float)samples[c * " + std::to_string(length) + " + i]";
    if (s_.kind == Kind::map) value += " * " + c_float(static_cast<float>(s_.factor));
    if (s_.kind == Kind::normalize) {
      code += fmt::format("    float mean, inverse;\n    ditmos_moments_f32({0}, samples + c * {0}, &mean, &inverse);\n", length);
      value = "(samples[c * " + std::to_string(length) + " + i] - mean) * inverse";
    }
    if (s_.kind == Kind::magnitude) value = "samples[c * " + std::to_string(length) + " + i]";
    if (s_.kind == Kind::compand) value = fmt::format("ditmos_compand_f32(samples[c * {} + i], {})", length, c_float(static_cast<float>(s_.factor)));
    code += fmt::format("    for (int i = 0; i < {}; i++) to[c * {} + i * {}] = {};\n  }}\n", length, s.row, s.column, target_.convert(value, "c"));
    if (s_.kind == Kind::magnitude)
      code += fmt::format("  for (int i = 0; i < {}; i++) to[{} + i * {}] = {};\n", length, channels * s.row, s.column,
                          target_.convert(fmt::format("ditmos_magnitude_f32({}, {}, samples + i)", channels, length), std::to_string(channels)));
    return code + "}\n\n";
  }

  const FrontEnd& f_;
  const frontend::Settings& s_;
  const Plan& plan_;
  const std::string& name_;
  const FrontEndTarget& target_;
};

}  // namespace

std::string emit_front_end(const FrontEnd& front_end, const Plan& plan, const std::string& name, const FrontEndTarget& target) {
  return Writer(front_end, plan, name, target).run();
}

std::string emit_front_end_header(const FrontEnd& front_end, const std::string& name) {
  const frontend::Settings& s = front_end.settings();
  const std::string big = upper(name);
  const char* type = sample_type(s.sample);
  std::string code = fmt::format(
      "\n/* Front end {0}{1}. Instead of set_input: from samples, [SAMPLE_CHANNELS][SAMPLES]. */\n#define {2}_SAMPLE_CHANNELS {3}\n#define {2}_SAMPLES {4}\ntypedef {5} {6}_sample;\n"
      "void {6}_set_samples(void *arena, const {5} *samples);\n",
      name_of(s.kind), s.rate_hz > 0 ? fmt::format(" at {:g} Hz", s.rate_hz) : "", big, s.channels, s.height * s.samples, type, name);
  if (front_end.frames() > 0)
    code += fmt::format(
        "/* The same as the samples come: FRAME_SAMPLES of them a frame, HOP_SAMPLES from one frame to the next. All FRAMES of each channel must\n   be set before a run, and nothing else may use the arena between the "
        "first of them and the run. */\n#define {0}_FRAMES {1}\n#define {0}_FRAME_SAMPLES {2}\n#define {0}_HOP_SAMPLES {3}\nvoid {4}_set_frame(void *arena, int channel, int frame, const {5} *samples);\n",
        big, front_end.frames(), front_end.frame_samples(), front_end.hop_samples(), name, type);
  return code;
}

}  // namespace ditmos::compile
