#include <fmt/format.h>

#include <algorithm>

#include "compile/emit_c/c_text.hpp"
#include "compile/emit_c/emit.hpp"
#include "compile/emit_c/fields.hpp"
#include "compile/ops/shapes.hpp"

namespace ditmos::compile {
namespace {

class FamilyWriter {
 public:
  FamilyWriter(const Plan& plan, const FamilyPlan& planned, std::string name, SharedLayers& shared)
      : plan_(plan), planned_(planned), graph_(planned.family.graph), name_(std::move(name)), shared_(shared) {}

  std::string run() {
    std::string body;
    for (std::size_t s = 0; s < planned_.steps.size(); ++s) {
      const Step& step = planned_.steps[s];
      std::string code = transfers(planned_.loads, static_cast<int>(s), "read");
      code += step.streamed() ? level(step, step.levels.size() - 1, "0") : block(whole(step.levels[0][0]));
      code += transfers(planned_.stores, static_cast<int>(s), "write");
      if (!code.empty()) body += fmt::format("  /* {} */\n{}", step.name, indented(code));
    }
    const std::string family = planned_.family.name;
    const bool weights = has_weights(), parks = !plan_.parked.empty();
    if (parks) body += "  return 0;\n";
    // A function that only calls others is for size: it keeps fewer addresses on the stack.
    const char* kind = only_calls_ ? "DITMOS_RARE DITMOS_SHARED" : "static";
    std::string code = fmt::format("{4} {0} {1}_{2}(unsigned char *arena{3}) {{\n", parks ? "int" : "void", name_, family, weights ? fmt::format(", const struct {}_{}_weights *w{}", name_, family, plan_.hop ? ", int slid" : "") : plan_.hop ? ", int slid" : "", kind);
    if (plan_.hop && planned_.slides.empty()) code += "  (void)slid;\n";
    if (body.find("arena") == std::string::npos) code += "  (void)arena;\n";
    if (weights && body.find("w->") == std::string::npos) code += "  (void)w;\n";
    return code + body + "}\n\n";
  }

 private:
  bool has_weights() const { return !network_fields(planned_.family, plan_.networks[at(planned_.family.members[0])]).empty(); }

  /// The declarations of the pointers named since the last call.
  std::string take_declarations() {
    std::string code;
    for (const auto& [pointer, declaration] : declared_) code += declaration;
    declared_.clear();
    return code;
  }

  /// Statements with the pointers that they name, which live no longer than they do.
  std::string block(const std::string& statements) {
    const std::string declarations = take_declarations();
    return statements.empty() ? "" : "{\n" + indented(declarations + statements) + "}\n";
  }

  std::string transfers(const std::vector<Transfer>& all, int step, const char* verb) {
    std::string code;
    for (const Transfer& transfer : all) {
      if (transfer.step != step) continue;
      const ParkedMap& map = plan_.parked[at(transfer.map)];
      code += block(fmt::format("if ({}_nvm_{}({}u, {}, {}u) != 0) return -1;\n", name_, verb, map.offset, pointer(transfer.value), map.size));
    }
    return code;
  }

  /// Prefix of a node's constants.
  std::string constants(int n) const {
    const auto selector = planned_.family.recomputed.find(n);
    if (selector == planned_.family.recomputed.end()) return "w->" + graph_.nodes[at(n)].name + "_";
    return fmt::format("{}_{}_table[0].{}_", name_, plan_.families[0].family.name, plan_.families[0].family.graph.nodes[at(selector->second)].name);
  }

  std::string local_name(ValueId id) const {
    for (const Port& port : graph_.inputs)
      if (port.value == id) return "in_" + c_identifier(port.name);
    return "v_" + c_identifier(graph_.value(id).name);
  }

  /// A local pointer to the buffer of a value, which the block that it is used in declares.
  std::string pointer(ValueId id) { return declare(local_name(id), graph_.value(id).type, planned_.buffers.at(id), id); }

  std::string declare(const std::string& wanted, Type type, int buffer, ValueId id) {
    std::string local = wanted;
    while (owner_.contains(local) && owner_[local] != id) local += "_";
    owner_[local] = id;
    declared_[local] = fmt::format("{} *const {} = {};\n", c_type(type), local, arena_pointer(type, plan_.buffers[at(buffer)].offset));
    return local;
  }

  /// A node over its whole output, or, where the last run left columns of use, over the new ones.
  std::string whole(int n) {
    const auto kept = planned_.slides.find(n);
    if (kept == planned_.slides.end()) return call(n, false, {}, {});
    const Node& node = graph_.nodes[at(n)];
    SliceGeometry g;
    slice_geometry(graph_, node, g);
    const std::string output = pointer(node.output);
    const std::size_t column = at(g.output_slice_size) * bytes_of(graph_.value(node.output).type);
    const int first = node.channel_major ? std::min(kept->second, g.output_slices - 2) : kept->second;
    std::vector<std::string> inputs;
    for (const ValueId id : node.inputs) inputs.push_back(fmt::format("{} + {}", pointer(id), first * g.step * (graph_.value(id).size() / g.input_slices)));
    std::string slid = fmt::format("ditmos_slide({}, {}, {});\n", output, at(g.output_slices - kept->second) * column, at(kept->second) * column);
    slid += call(n, false, inputs, fmt::format("{} + {}", output, first * g.output_slice_size), first);
    return fmt::format("if (slid) {{\n{}}} else {{\n{}}}\n", indented(slid), indented(call(n, false, {}, {})));
  }

  /// `inputs` and `output` are given for a slice, or for the columns from `first` on; else they are the whole values.
  std::string call(int n, bool slice, const std::vector<std::string>& inputs, const std::string& output, int first = 0) {
    const Node& node = graph_.nodes[at(n)];
    if (node.op == "reshape") return {};
    Site site{graph_, node, inputs, output, constants(n), slice, &shared_, first};
    if (inputs.empty()) {
      for (std::size_t i = 0; i < node.inputs.size(); ++i)
        site.in.push_back(graph_.value(node.inputs[i]).constant ? site.field(("input" + std::to_string(i)).c_str()) : pointer(node.inputs[i]));
      site.out = pointer(node.output);
    }
    std::string code = find_operator(node.op).emit(site);
    only_calls_ = only_calls_ && code.starts_with("DITMOS_");
    return code;
  }

  static std::string offset(const std::string& pointer, const std::string& slices, int slice_size) {
    return slice_size == 1 ? fmt::format("{} + ({})", pointer, slices) : fmt::format("{} + ({}) * {}", pointer, slices, slice_size);
  }

  /// The loop of one level. The last level runs over its whole outputs; the others fill their rings for slice `parent` of the next. Addresses
  /// are made anew in every round: one instruction each, and no place on the stack.
  std::string level(const Step& step, std::size_t index, const std::string& parent) {
    const std::vector<int>& nodes = step.levels[index];
    SliceGeometry own;
    slice_geometry(graph_, graph_.nodes[at(nodes[0])], own);
    const bool last = index + 1 == step.levels.size();
    const std::string i = fmt::format("i{}", index), r = fmt::format("r{}", index);
    std::string body = has_weights() ? "DITMOS_FRESH(arena);\nDITMOS_FRESH(w);\n" : "DITMOS_FRESH(arena);\n", head;
    if (last) {
      head = fmt::format("for (int {0} = 0; {0} < {1}; {0}++) {{\n", i, own.output_slices);
    } else {
      SliceGeometry reader;
      slice_geometry(graph_, graph_.nodes[at(reading_node(step, index))], reader);
      const int keep = reader.reach - reader.step;
      std::string slides;
      for (const int n : nodes) slides += keep > 0 ? slide(graph_.nodes[at(n)], keep, reader.step) : "";
      if (keep > 0) head += fmt::format("if ({} > 0) {{\n{}}}\n", parent, indented(take_declarations() + slides));
      const std::string first = keep > 0 ? fmt::format("{} > 0 ? {} : 0", parent, keep) : "0";
      head += fmt::format("for (int {0} = {1}; {0} < {2}; {0}++) {{\n  const int {3} = {4} * {5} + {0}{6};\n", r, first, reader.reach, i, parent, reader.step,
                          reader.pad ? fmt::format(" - {}", reader.pad) : "");
      if (reads_outside(reader, own.output_slices)) body += outside(nodes, i, r, own.output_slices);
    }
    std::string produce;
    if (index > 0) produce += level(step, index - 1, i);
    for (const int n : nodes) produce += block(fill_source_rings(n, i));
    for (const int n : nodes) produce += block(call(n, true, slice_inputs(n, i), last ? slice_output(n, i) : slice_output(n, r)));
    return head + indented(body + produce) + "}\n";
  }

  static bool reads_outside(const SliceGeometry& reader, int slices) { return reader.pad > 0 || (reader.output_slices - 1) * reader.step + reader.reach - reader.pad > slices; }

  int reading_node(const Step& step, std::size_t index) const { return graph_.consumers(graph_.nodes[at(step.levels[index][0])].output)[0]; }

  /// Slices in the padding of the next level are zeros.
  std::string outside(const std::vector<int>& nodes, const std::string& i, const std::string& r, int slices) {
    std::string zeros;
    for (const int n : nodes) zeros += zero(slice_output(n, r), graph_.value(graph_.nodes[at(n)].output), slice_size(n));
    return fmt::format("if ({0} < 0 || {0} >= {1}) {{\n{2}  continue;\n}}\n", i, slices, indented(take_declarations() + zeros));
  }

  static std::string zero(const std::string& pointer, const Value& value, int elements) {
    const int fill = value.type == Type::s8 ? value.quantization.zero_point : 0;
    return fmt::format("memset({}, {}, {});\n", pointer, fill, at(elements) * bytes_of(value.type));
  }

  int slice_size(int n) const {
    SliceGeometry g;
    slice_geometry(graph_, graph_.nodes[at(n)], g);
    return g.output_slice_size;
  }

  std::string slide(const Node& node, int keep, int drop) {
    SliceGeometry g;
    slice_geometry(graph_, node, g);
    const std::size_t slice = at(g.output_slice_size) * bytes_of(graph_.value(node.output).type), place = plan_.buffers[at(planned_.buffers.at(node.output))].offset;
    const bool words = slice * at(drop) >= 16 && (place | slice * at(drop) | slice * at(keep)) % 4 == 0;
    return fmt::format("ditmos_slide{}({}, {}, {});\n", words ? "_words" : "", pointer(node.output), at(drop) * slice, at(keep) * slice);
  }

  std::string slice_output(int n, const std::string& slice) { return offset(pointer(graph_.nodes[at(n)].output), slice, slice_size(n)); }

  std::vector<std::string> slice_inputs(int n, const std::string& i) {
    const Node& node = graph_.nodes[at(n)];
    SliceGeometry g;
    slice_geometry(graph_, node, g);
    std::vector<std::string> inputs;
    for (const ValueId id : node.inputs) {
      const int size = graph_.value(id).size() / g.input_slices;
      if (planned_.rings.contains(id)) inputs.push_back(pointer(id));
      else if (planned_.source_rings.contains(id) && needs_source_ring(graph_, node)) inputs.push_back(source_pointer(id));
      else inputs.push_back(offset(pointer(id), fmt::format("{} * {}", i, g.step), size));
    }
    return inputs;
  }

  std::string source_pointer(ValueId id) { return declare("slices_of_" + local_name(id), graph_.value(id).type, planned_.source_rings.at(id), id); }

  /// Copies what slice i reads of whole, padded inputs.
  std::string fill_source_rings(int n, const std::string& i) {
    const Node& node = graph_.nodes[at(n)];
    if (!needs_source_ring(graph_, node)) return {};
    SliceGeometry g;
    slice_geometry(graph_, node, g);
    std::string code;
    for (const ValueId id : node.inputs) {
      if (planned_.rings.contains(id)) continue;
      const Value& value = graph_.value(id);
      const int size = value.size() / g.input_slices;
      const std::string to = source_pointer(id), from = pointer(id);
      const std::string slot = offset(to, "r", size);
      code += fmt::format("for (int r = 0; r < {}; r++) {{\n  const int s = {} * {} + r - {};\n  if (s < 0 || s >= {}) {}  else memcpy({}, {}, {});\n}}\n", g.reach, i, g.step, g.pad,
                          g.input_slices, zero(slot, value, size), slot, offset(from, "s", size), at(size) * bytes_of(value.type));
    }
    return code;
  }

  const Plan& plan_;
  const FamilyPlan& planned_;
  const Graph& graph_;
  std::string name_;
  SharedLayers& shared_;
  bool only_calls_ = true;  ///< every layer so far is one of shared code
  std::map<std::string, std::string> declared_;
  std::map<std::string, ValueId> owner_;
};

}  // namespace

std::string arena_pointer(Type type, std::size_t offset, bool constant) {
  const std::string position = offset ? fmt::format("(arena + {})", offset) : "arena";
  const char* qualifier = constant ? "const " : "";
  if (type == Type::u8 && !constant) return position;
  return fmt::format("({0}{1} *)({0}void *){2}", qualifier, c_type(type), position);
}

std::string emit_family(const Plan& plan, const FamilyPlan& planned, const std::string& name, SharedLayers& shared) { return FamilyWriter(plan, planned, name, shared).run(); }

}  // namespace ditmos::compile
