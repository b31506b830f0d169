#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compile/emit_c/c_text.hpp"
#include "compile/emit_c/emit.hpp"
#include "compile/emit_c/fields.hpp"
#include "compile/ops/shapes.hpp"
#include "compile/quantize/sample_scale.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

struct Place {
  const Port* port;
  const Value* value;
  std::size_t offset;
};

/// Where a port's value lies. The port of the first family that has it stands for all.
Place place_of(const Plan& plan, const FamilyPlan& planned, const Port& port) {
  const Value& value = planned.family.graph.value(port.value);
  return {&port, &value, value.constant ? 0 : plan.buffers[at(planned.buffers.at(port.value))].offset};
}

std::vector<Place> input_places(const Plan& plan) {
  std::vector<Place> places;
  for (const FamilyPlan& planned : plan.families)
    for (const Port& port : planned.family.graph.inputs) {
      const bool known = std::any_of(places.begin(), places.end(), [&](const Place& place) { return place.port->name == port.name; });
      const bool map = plan.combine == model::Combine::select && plan.networks[0].find_output(port.name);
      if (!known && !map) places.push_back(place_of(plan, planned, port));
    }
  return places;
}

bool is_quantized(const Value& value) { return value.type == Type::s8 && !value.quantization.scale.empty(); }

/// Loops from the outside order of a port to the inside order, or back. The body gets the index outside and inside, and the channel where
/// the value's channels have gains.
template <class Body>
std::string port_loops(const Place& place, Body body) {
  const std::vector<int> inside = strides_of(place.value->dims), outside = strides_of(place.port->dims);
  std::vector<int> strides, channel;
  for (std::size_t d = 0; d < outside.size(); ++d) {
    const std::size_t within = place.port->order.empty() ? d : at(place.port->order[d]);
    strides.push_back(place.port->order.empty() ? outside[d] : inside[within]);
    channel.push_back(within + 1 == inside.size() ? 1 : 0);
  }
  std::vector<std::vector<int>> walks = {outside, strides};
  if (!place.value->quantization.gain.empty()) walks.push_back(channel);
  return emit_loops(place.port->dims, walks, {}, [&](const std::vector<std::string>& i) { return body(i[0], i[1], i.size() > 2 ? i[2] : std::string()); });
}

std::string steps_of(const std::string& name, const Place& place) { return fmt::format("{}_{}_inverse_step", name, c_identifier(place.port->name)); }

/// What the input's channels are multiplied by, where each has its own.
std::string emit_steps(const std::string& name, const Place& place) {
  const Quantization& q = place.value->quantization;
  if (q.gain.empty()) return "";
  std::vector<float> steps(q.gain.size());
  for (std::size_t c = 0; c < steps.size(); ++c) steps[c] = q.inverse_step(c);
  return c_table("float", steps_of(name, place), steps) + "\n";
}

/// A float32 expression as the input stores it; `channel`: an expression too.
std::string stored(const std::string& name, const Place& place, const std::string& value, const std::string& channel) {
  if (!is_quantized(*place.value)) return value;
  const Quantization& q = place.value->quantization;
  return fmt::format("ditmos_quantize_value({}, {}, {})", value, q.gain.empty() ? c_float(q.inverse_step(0)) : fmt::format("{}[{}]", steps_of(name, place), channel), q.zero_point);
}

std::string arena_of(const Place& place) {
  return fmt::format("  unsigned char *const arena = (unsigned char *)arena_memory;\n  {} *const to = {};\n", c_type(place.value->type), arena_pointer(place.value->type, place.offset));
}

/// How far apart two channels and two columns of a series lie inside.
std::pair<int, int> series_strides(const Place& place) {
  const std::vector<int> inside = strides_of(place.value->dims);
  const std::size_t last = place.port->dims.size() - 1, channel = place.port->dims.size() == 2 ? 0 : 1;
  const auto stride = [&](std::size_t d) { return place.port->order.empty() ? strides_of(place.port->dims)[d] : inside[at(place.port->order[d])]; };
  return {stride(channel), stride(last)};
}

/// Moves a series on by `hop` columns.
std::string emit_push(const std::string& name, const Place& place, const Plan& plan, int channels, int width) {
  const auto [channel, column] = series_strides(place);
  if (channel != 1 || column != channels) throw Error("continuous mode needs a network that begins with a layer along time");
  const std::size_t bytes = at(channels) * bytes_of(place.value->type);
  const std::string converted = stored(name, place, fmt::format("columns[c * {} + i]", plan.hop), "c");
  return fmt::format(
      "void {0}_push(void *arena_memory, const float *columns) {{\n{1}  int32_t *const state = {2};\n  ditmos_slide(to, {3}, {4});\n  for (int i = 0; i < {5}; i++) {{\n    for (int c = 0; c < {6}; c++) to[({7} + i) * {6} + c] = {8};\n  }}\n"
      "  *state = *state == 1 ? 2 : 0; /* two pushes without a run between them leave nothing to reuse */\n}}\n\n",
      name, arena_of(place), arena_pointer(Type::s32, plan.buffers[at(plan.state_buffer)].offset), at(plan.hop) * bytes, at(width - plan.hop) * bytes, plan.hop, channels, width - plan.hop, converted);
}

/// The input from a sensor's samples, channels side by side. `unit`: what a step of a sample is in the model's terms.
std::string emit_samples(const std::string& name, const Place& place, float unit, int channels, int width, const std::string& reset) {
  const auto [channel, column] = series_strides(place);
  if (channel != 1 || column != channels) throw Error("samples side by side need a network that begins with a layer along time");
  std::string code = fmt::format("void {}_set_samples(void *arena_memory, const int16_t *samples) {{\n{}", name, arena_of(place)) + reset;
  if (!is_quantized(*place.value)) return code + fmt::format("  for (int i = 0; i < {}; i++) to[i] = (float)samples[i] * {};\n}}\n\n", channels * width, c_float(unit));
  const SampleScale s = sample_scale(unit, place.value->quantization);
  if (s.multipliers.size() == 1) return code + fmt::format("  ditmos_quantize_s16({}, {}, {}, {}, samples, to);\n}}\n\n", channels * width, s.multipliers[0], s.offset, s.shift);
  code += fmt::format("  static const int32_t multipliers[{}] = {{{}}};\n", channels, fmt::join(s.multipliers, ", "));
  return code + fmt::format("  ditmos_quantize_channels_s16({}, {}, multipliers, {}, {}, samples, to);\n}}\n\n", width, channels, s.offset, s.shift);
}

std::string emit_setter(const std::string& name, const std::string& function, const Place& place, const std::string& reset = {}) {
  const char* outside = is_quantized(*place.value) ? "float" : c_type(place.value->type);
  std::string code = fmt::format("void {}(void *arena_memory, const {} *window) {{\n", function, outside) + arena_of(place) + reset;
  return code + indented(port_loops(place, [&](const std::string& from, const std::string& to, const std::string& channel) {
           return fmt::format("to[{}] = {};", to, stored(name, place, fmt::format("window[{}]", from), channel));
         })) +
         "}\n\n";
}

std::string emit_getter(const std::string& function, const Place& place, const std::string& constant) {
  const bool quantized = is_quantized(*place.value);
  const char* outside = quantized ? "float" : c_type(place.value->type);
  std::string code = fmt::format("DITMOS_RARE void {}(const void *arena_memory, {} *values) {{\n", function, outside);
  if (constant.empty()) {
    code += "  const unsigned char *const arena = (const unsigned char *)arena_memory;\n";
    code += fmt::format("  const {} *const from = {};\n", c_type(place.value->type), arena_pointer(place.value->type, place.offset, true));
  } else {
    code += fmt::format("  const {} *const from = {};\n  (void)arena_memory;\n", c_type(place.value->type), constant);
  }
  return code + indented(port_loops(place, [&](const std::string& to, const std::string& from, const std::string&) {
           if (!quantized) return fmt::format("values[{}] = from[{}];", to, from);
           const Quantization& q = place.value->quantization;
           return fmt::format("values[{}] = (float)(from[{}] - {}) * {};", to, from, q.zero_point, c_float(q.scale[0]));
         })) +
         "}\n\n";
}

class SourceWriter {
 public:
  SourceWriter(const Program& program, const Plan& plan, std::string name) : program_(program), plan_(plan), name_(std::move(name)) {}

  std::string run() {
    std::string code, families;
    SharedLayers shared(name_);
    for (const FamilyPlan& planned : plan_.families) code += emit_weights(plan_, planned, name_);
    for (const FamilyPlan& planned : plan_.families) families += emit_family(plan_, planned, name_, shared);
    code += shared.code() + families + interface();
    std::string head;
    for (const std::string& define : plan_.defines) head += "#define " + define + "\n";
    head += fmt::format("#include \"{}.h\"\n\n#include <math.h>\n#include <string.h>\n\n", name_);
    if (plan_.front_end) head += "#include \"ditmos/front_end.h\"\n";
    head += fmt::format("#include \"ditmos/ditmos.h\"\n#include \"{}_self_test.h\"\n\n", name_);
    if (code.find("clamped(") != std::string::npos)
      head += "#ifndef DITMOS_CLAMPED\n#define DITMOS_CLAMPED\nstatic inline float clamped(float x, float low, float high) { return x < low ? low : x > high ? high : x; }\n#endif\n\n";
    return head + code;
  }

 private:
  bool has_weights(const FamilyPlan& planned) const { return !network_fields(planned.family, plan_.networks[at(planned.family.members[0])]).empty(); }
  std::string call(const FamilyPlan& planned, const std::string& member) const {
    const std::string weights = has_weights(planned) ? fmt::format(", &{}_{}_table[{}]", name_, planned.family.name, member) : "";
    const std::string slid = plan_.hop == 0 ? "" : plan_.combine == model::Combine::select && &planned != &plan_.families[0] ? ", slid && choice == *last_choice" : ", slid";
    const std::string function = fmt::format("{0}_{1}(arena{2}{3})", name_, planned.family.name, weights, slid);
    return plan_.parked.empty() ? function + ";\n" : "if (" + function + " != 0) return -1;\n";
  }

  Place logits_place(std::size_t family) const {
    const FamilyPlan& planned = plan_.families[family];
    return place_of(plan_, planned, *planned.family.graph.find_output("logits"));
  }

  static std::string argmax(const Place& place) {
    return fmt::format("ditmos_argmax_{}({}, {})", place.value->type == Type::s8 ? "s8" : "f32", place.value->size(), arena_pointer(place.value->type, place.offset));
  }

  std::string run_single() const {
    std::string code = call(plan_.families[0], "0");
    return code + (has_window_interface(program_) ? "return " + argmax(logits_place(0)) + ";\n" : "return 0;\n");
  }

  /// Classifier `choice` is member `choice` of its family where there is one family, else a switch finds it.
  std::string run_select() const {
    std::string code = call(plan_.families[0], "0") + fmt::format("const int choice = {};\nint label;\n", argmax(logits_place(0)));
    const auto finish = [&](std::size_t f, const std::string& member) { return call(plan_.families[f], member) + fmt::format("label = {};\n", argmax(logits_place(f))); };
    if (plan_.families.size() == 2) {
      code += finish(1, "choice");
    } else {
      code += "switch (choice) {\n";
      for (std::size_t f = 1; f < plan_.families.size(); ++f)
        for (std::size_t m = 0; m < plan_.families[f].family.members.size(); ++m) {
          const bool last = f + 1 == plan_.families.size() && m + 1 == plan_.families[f].family.members.size();
          code += last ? "  default:\n" : fmt::format("  case {}:\n", plan_.families[f].family.members[m] - 1);
          code += indented(indented(finish(f, std::to_string(m)) + "break;\n"));
        }
      code += "}\n";
    }
    const std::size_t offset = plan_.buffers[at(plan_.choice_buffer)].offset;
    return code + fmt::format("*{} = choice;\nreturn label;\n", arena_pointer(Type::s32, offset));
  }

  std::string run_average() const {
    const std::size_t classes = program_.classes.size();
    std::string code = fmt::format("float *const sum = {};\n", arena_pointer(Type::f32, plan_.buffers[at(plan_.sum_buffer)].offset));
    code += fmt::format("for (int i = 0; i < {}; i++) sum[i] = 0.0f;\n", classes);
    for (std::size_t f = 0; f < plan_.families.size(); ++f) {
      const Place logits = logits_place(f);
      code += fmt::format("for (int m = 0; m < {}; m++) {{\n", plan_.families[f].family.members.size());
      code += "  " + call(plan_.families[f], "m");
      const std::string x = arena_pointer(logits.value->type, logits.offset);
      code += is_quantized(*logits.value) ? fmt::format("  ditmos_add_softmax_s8({}, {}, {}, sum);\n}}\n", classes, c_float(logits.value->quantization.scale[0]), x)
                                          : fmt::format("  ditmos_add_softmax_f32({}, {}, sum);\n}}\n", classes, x);
    }
    code += fmt::format("for (int i = 0; i < {}; i++) sum[i] /= {};\n", classes, c_float(static_cast<float>(plan_.networks.size())));
    return code + fmt::format("return ditmos_argmax_f32({}, sum);\n", classes);
  }

  /// The front end writes into the input, element by element.
  std::string front_end() const {
    if (!plan_.front_end || !has_window_interface(program_)) return "";
    const Place input = input_places(plan_)[0];
    FrontEndTarget target{c_type(input.value->type), input.offset, {}, at(program_.channels), [this, input](const std::string& value, const std::string& channel) { return stored(name_, input, value, channel); }};
    const std::vector<int> inside = strides_of(input.value->dims), outside = strides_of(input.port->dims);
    for (int n = 0; n < product(input.port->dims); ++n) {
      std::size_t element = 0;
      for (std::size_t d = 0; d < outside.size(); ++d)
        element += at(n / outside[d] % input.port->dims[d]) * at(input.port->order.empty() ? outside[d] : inside[at(input.port->order[d])]);
      target.element.push_back(element);
    }
    return emit_front_end(*plan_.front_end, plan_, name_, target);
  }

  std::string interface() const {
    std::string code;
    const bool window = has_window_interface(program_);
    const std::string reset = plan_.hop ? "  *" + state() + " = 0;\n" : "";
    for (const Place& place : input_places(plan_)) code += emit_steps(name_, place) + emit_setter(name_, window ? name_ + "_set_input" : name_ + "_set_" + c_identifier(place.port->name), place, reset);
    if (plan_.hop) code += emit_push(name_, input_places(plan_)[0], plan_, program_.channels, program_.width);
    if (plan_.sample_unit > 0) code += emit_samples(name_, input_places(plan_)[0], plan_.sample_unit, program_.channels, program_.width, reset);
    code += front_end();
    if (plan_.stream && window) code += emit_stream(*plan_.stream, name_);
    const bool select = plan_.combine == model::Combine::select, average = plan_.combine == model::Combine::average;
    code += fmt::format("int {}_run(void *arena_memory) {{\n  unsigned char *const arena = (unsigned char *)arena_memory;\n", name_);
    if (plan_.hop) {
      code += fmt::format("  int32_t *const state = {};\n  const int slid = *state == 2;\n", state());
      if (select) code += fmt::format("  const int32_t *const last_choice = {};\n", arena_pointer(Type::s32, plan_.buffers[at(plan_.choice_buffer)].offset));
      code += "  *state = 1;\n";
    }
    code += indented(select ? run_select() : average ? run_average() : run_single()) + "}\n\n";
    if (window) {
      if (select)
        code += fmt::format("int {}_choice(const void *arena_memory) {{\n  const unsigned char *const arena = (const unsigned char *)arena_memory;\n  return *{};\n}}\n\n", name_,
                            arena_pointer(Type::s32, plan_.buffers[at(plan_.choice_buffer)].offset, true));
      else
        code += fmt::format("int {}_choice(const void *arena_memory) {{\n  (void)arena_memory;\n  return -1;\n}}\n\n", name_);
      code += logits_getter(select, average);
    } else {
      const FamilyPlan& planned = plan_.families[0];
      for (std::size_t i = 0; i < planned.family.graph.outputs.size(); ++i) {
        const Port& port = planned.family.graph.outputs[i];
        const bool constant = planned.family.graph.value(port.value).constant;
        code += emit_getter(name_ + "_get_" + c_identifier(port.name), place_of(plan_, planned, port), constant ? fmt::format("{}_{}_table[0].output{}", name_, planned.family.name, i) : "");
      }
    }
    return code + check_function();
  }

  /// The word that says what the buffers hold in continuous mode: 0 nothing, 1 a window and its maps, 2 a window moved on by a hop since then.
  std::string state() const { return arena_pointer(Type::s32, plan_.buffers[at(plan_.state_buffer)].offset); }

  std::string logits_getter(bool select, bool average) const {
    const std::string function = name_ + "_get_logits";
    if (average) {
      return fmt::format("void {}(const void *arena_memory, float *values) {{\n  const unsigned char *const arena = (const unsigned char *)arena_memory;\n  memcpy(values, arena + {}, {});\n}}\n\n", function,
                         plan_.buffers[at(plan_.sum_buffer)].offset, program_.classes.size() * 4);
    }
    if (!select) return emit_getter(function, logits_place(0), "");
    if (plan_.families.size() == 2) return emit_getter(function, logits_place(1), "");
    std::string code, cases;
    for (std::size_t f = 1; f < plan_.families.size(); ++f) {
      const std::string part = fmt::format("{}_{}", function, plan_.families[f].family.name);
      code += "static " + emit_getter(part, logits_place(f), "");
      for (const int member : plan_.families[f].family.members) cases += fmt::format("  if ({}_choice(arena_memory) == {}) {}(arena_memory, values);\n", name_, member - 1, part);
    }
    return code + fmt::format("void {}(const void *arena_memory, float *values) {{\n{}}}\n\n", function, cases);
  }

  /// CRC-32 of every table, then the vectors of NAME_self_test.h.
  std::string check_function() const {
    std::string code = fmt::format(
        "DITMOS_RARE static uint32_t {0}_crc(const void *data, size_t size) {{\n  const unsigned char *p = (const unsigned char *)data;\n  uint32_t crc = 0xFFFFFFFFu;\n  while (size-- > 0) {{\n    crc ^= *p++;\n"
        "    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1u)));\n  }}\n  return ~crc;\n}}\n\n",
        name_);
    std::string body;
    bool weights = false;
    for (const FamilyPlan& planned : plan_.families) {
      if (!has_weights(planned)) continue;
      weights = true;
      body += fmt::format("if ({0}_crc({0}_{1}_table, sizeof {0}_{1}_table) != {2}_CRC) return 1;\n", name_, planned.family.name, upper(name_ + "_" + planned.family.name));
    }
    if (!weights) code.clear();
    code += fmt::format("DITMOS_RARE int {}_self_test(void *arena_memory) {{\n", name_);
    if (!has_window_interface(program_)) return code + indented(body) + "  (void)arena_memory;\n  return 0;\n}\n";
    const std::string big = upper(name_);
    body += fmt::format(
        "unsigned char *const arena = (unsigned char *)arena_memory;\n"
        "for (int test = 0; test < {0}_TESTS; test++) {{\n"
        "  uint32_t state = {1}_test_seed[test];\n{2}",
        big, name_, plan_.hop ? "  *" + this->state() + " = 0;\n" : "");
    const Place input = input_places(plan_)[0];
    body += fmt::format("  {} *const to = {};\n", c_type(input.value->type), arena_pointer(input.value->type, input.offset));
    body += indented(port_loops(input, [&](const std::string&, const std::string& to, const std::string& channel) {
      const std::string next = "state = state * 1664525u + 1013904223u;\n";
      return next + fmt::format("to[{}] = {};", to, stored(name_, input, "(float)(int32_t)(state >> 8) * 1.1920929e-7f - 1.0f", channel));
    }));
    body += fmt::format("  if ({0}_run(arena_memory) != {0}_test_label[test] || {0}_choice(arena_memory) != {0}_test_choice[test]) return 2;\n}}\nreturn 0;\n", name_);
    return code + indented(body) + "}\n";
  }

  const Program& program_;
  const Plan& plan_;
  std::string name_;
};

}  // namespace

bool has_window_interface(const Program& program) {
  if (program.channels == 0) return false;
  for (const Graph& network : program.networks)
    if (!network.find_output("logits")) return false;
  return !program.networks.empty();
}

std::string emit_source(const Program& program, const Plan& plan, const std::string& name) { return SourceWriter(program, plan, name).run(); }

std::string emit_header(const Program& program, const Plan& plan, const std::string& name) {
  const std::string big = upper(name);
  const bool window = has_window_interface(program), quantized = plan.networks[0].inputs.empty() ? false : is_quantized(plan.networks[0].value(plan.networks[0].inputs[0].value));
  std::string front_end;
  std::string code = fmt::format(
      "/* A classifier compiled by ditmos: schedule {}, {}. The caller gives {}_ARENA_BYTES bytes of memory aligned to 8; the code\n   keeps nothing elsewhere, so that several arenas can be in use at once. */\n"
      "#ifndef {}_H\n#define {}_H\n\n#include <stddef.h>\n#include <stdint.h>\n{}\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n#define {}_ARENA_BYTES {}\n",
      plan.schedule, quantized ? "int8" : "float32", big, big, big, plan.stream && window ? "\n#include \"ditmos/stream.h\"\n" : "", big, plan.arena_bytes);
  const auto define = [&](const char* suffix, long value) { code += fmt::format("#define {}_{} {}\n", big, suffix, value); };
  define("INT8", quantized ? 1 : 0);
  if (window) {
    define("CHANNELS", program.channels);
    define("HEIGHT", program.height);
    define("WIDTH", program.width);
    define("CLASSES", static_cast<long>(program.classes.size()));
    if (plan.front_end) front_end = emit_front_end_header(*plan.front_end, name);
    if (plan.stream) front_end += emit_stream_header(*plan.stream, name, plan.front_end != nullptr);
    define("CLASSIFIERS", plan.combine == model::Combine::select ? static_cast<long>(plan.networks.size()) - 1 : 0);
    code += fmt::format(
        "\n/* window: [CHANNELS][HEIGHT][WIDTH]. Must be called before each run: a run overwrites its input. */\nvoid {0}_set_input(void *arena, const float *window);\n"
        "/* Returns the class, 0 .. CLASSES - 1. */\nint {0}_run(void *arena);\n/* After a run: the classifier that answered, or -1 where there is no selector. */\nint {0}_choice(const void *arena);\n"
        "/* After a run: {1}. */\nvoid {0}_get_logits(const void *arena, float *logits);\n",
        name, plan.combine == model::Combine::average ? "the averaged probabilities of the classes" : "the logits of the classes");
    code += front_end;
  } else {
    code += "\n";
    for (const Place& place : input_places(plan))
      code += fmt::format("/* {} elements. */\nvoid {}_set_{}(void *arena, const {} *window);\n", place.value->size(), name, c_identifier(place.port->name), c_type(place.value->type));
    code += fmt::format("/* Computes all outputs; returns 0. Inputs must be set before each run. */\nint {}_run(void *arena);\n", name);
    for (const Port& port : plan.families[0].family.graph.outputs)
      code += fmt::format("/* {} elements. */\nvoid {}_get_{}(const void *arena, {} *values);\n", product(port.dims), name, c_identifier(port.name), c_type(plan.families[0].family.graph.value(port.value).type));
  }
  if (plan.hop > 0)
    code += fmt::format(
        "/* Moves the window on: columns [CHANNELS][HOP] follow what it held, and its first HOP columns are forgotten. The next run then computes\n   only what is new, and gives the same bits as for the whole window. After {0}_set_input and a run. */\n"
        "#define {1}_HOP {2}\nvoid {0}_push(void *arena, const float *columns);\n",
        name, big, plan.hop);
  if (plan.sample_unit > 0)
    code += fmt::format("/* In place of {0}_set_input: a sensor's samples [WIDTH][CHANNELS], of which a step is {1}. */\nvoid {0}_set_samples(void *arena, const int16_t *samples);\n", name, c_float(plan.sample_unit));
  if (!plan.parked.empty()) {
    const ParkedMap& last = plan.parked.back();
    code += fmt::format(
        "/* You provide these two: {0} bytes of non-volatile memory, addressed from 0, written anew in every run. They return 0, or another\n   number on failure, which makes the run return -1. For flash of STM32F7: firmware/nvm/flash_ring.h. */\n"
        "#define {1}_NVM_BYTES {0}\nint {2}_nvm_write(uint32_t offset, const void *data, uint32_t size);\nint {2}_nvm_read(uint32_t offset, void *data, uint32_t size);\n",
        last.offset + last.size, big, name);
  }
  code += fmt::format(
      "/* 0: the weights are intact and the built-in test vectors give what they should. 1: the weights are damaged. 2: a wrong answer.\n   Overwrites the arena. */\nint {}_self_test(void *arena);\n"
      "\n#ifdef __cplusplus\n}}\n#endif\n\n#endif\n",
      name);
  return code;
}

}  // namespace ditmos::compile
