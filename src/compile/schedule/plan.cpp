#include "compile/schedule/plan.hpp"

#include <algorithm>

#include "compile/emit_c/fields.hpp"
#include "compile/ops/shapes.hpp"
#include "core/error.hpp"
#include "frontend/front_end.hpp"

namespace ditmos::compile {
namespace {

/// Operators that may write over their first input, element by element.
bool works_in_place(const Graph& graph, const Node& node) {
  static const char* const kOps[] = {"clamp", "leaky_relu", "sigmoid", "tanh", "affine", "softmax"};
  if (std::any_of(std::begin(kOps), std::end(kOps), [&](const char* op) { return node.op == op; })) return true;
  const bool binary = node.op == "add" || node.op == "sub" || node.op == "mul" || node.op == "div";
  return binary && graph.value(node.inputs[0]).dims == graph.value(node.output).dims && node.inputs[0] != node.inputs[1];
}

class Planner {
 public:
  Planner(const Program& program, Plan& plan, bool park, int hop) : program_(program), plan_(plan), park_(park), hop_(hop) {}

  void run(Cut cut, const std::set<std::string>& recomputed) {
    for (Family& family : make_families(program_, recomputed, plan_.networks)) {
      FamilyPlan planned;
      planned.steps = cut_steps(family.graph, cut);
      planned.family = std::move(family);
      plan_.families.push_back(std::move(planned));
    }
    set_times();
    for (std::size_t f = 0; f < plan_.families.size(); ++f) add_inputs(plan_.families[f], static_cast<int>(f), false);
    for (std::size_t f = 0; f < plan_.families.size(); ++f) add_buffers(plan_.families[f], static_cast<int>(f));
    add_result_buffers();
    if (hop_ > 0) keep_columns();
    add_front_end();
    plan_.arena_bytes = std::max<std::size_t>(plan_offsets(plan_.buffers), kAlignment);
    count();
  }

 private:
  bool select() const { return plan_.combine == model::Combine::select; }
  bool average() const { return plan_.combine == model::Combine::average; }

  /// Alternatives share their time; everything else follows one after the other. The input is there at time 0.
  void set_times() {
    int time = 1;
    for (std::size_t f = 0; f < plan_.families.size(); ++f) {
      if (select() && f == 1) alternatives_begin_ = time;
      if (select() && f > 1) time = alternatives_begin_;
      for (Step& step : plan_.families[f].steps) {
        step.time = time++;
        plan_.steps.push_back(plan_.families[f].family.name + "." + step.name);
      }
      end_ = std::max(end_, time);
      if (average()) end_of_family_.push_back(time++);
    }
    end_ = std::max(end_, time);
  }

  int add_buffer(const std::string& name, std::size_t size, int first, int last, int lane) {
    plan_.buffers.push_back({name, size, first, last, lane, 0});
    return static_cast<int>(plan_.buffers.size()) - 1;
  }
  Buffer& buffer(int index) { return plan_.buffers[at(index)]; }
  void live_until(int index, int time) { buffer(index).last = std::max(buffer(index).last, time); }

  int last_use(const FamilyPlan& planned, ValueId id) const {
    int last = 0;
    for (const Step& step : planned.steps)
      for (const std::vector<int>& level : step.levels)
        for (const int n : level) {
          const std::vector<ValueId>& inputs = planned.family.graph.nodes[at(n)].inputs;
          if (std::find(inputs.begin(), inputs.end(), id) != inputs.end()) last = std::max(last, step.time);
        }
    return last;
  }

  /// Inputs of the program come first, for all families: nobody may overwrite what another still reads. Then the selector's maps.
  void add_inputs(FamilyPlan& planned, int family, bool maps) {
    const Graph& graph = planned.family.graph;
    for (const Port& port : graph.inputs) {
      const bool is_map = select() && family > 0 && plan_.networks[0].find_output(port.name) != nullptr;
      if (is_map != maps) continue;
      if (is_map && park_) {
        read_back(planned, port, family);
        continue;
      }
      const auto known = ports_.find(port.name);
      int index;
      if (known != ports_.end()) {
        index = known->second;
      } else {
        index = ports_[port.name] = add_buffer(port.name, graph.value(port.value).bytes(), 0, 0, -1);
      }
      planned.buffers[port.value] = index;
      live_until(index, last_use(planned, port.value));
      // Members of one family run one after the other on the same input.
      if (average()) live_until(index, end_of_family_[at(family)]);
      if (graph.is_output(port.value)) live_until(index, end_);
    }
  }

  /// A buffer for a parked map from its first reader to its last.
  void read_back(FamilyPlan& planned, const Port& port, int family) {
    const Graph& graph = planned.family.graph;
    const int map = parked_index(port.name);
    for (std::size_t s = 0; s < planned.steps.size(); ++s) {
      const Step& step = planned.steps[s];
      const std::vector<int> readers = graph.consumers(port.value);
      const bool reads = std::any_of(step.levels.begin(), step.levels.end(), [&](const std::vector<int>& level) {
        return std::any_of(level.begin(), level.end(), [&](int n) { return std::find(readers.begin(), readers.end(), n) != readers.end(); });
      });
      if (!reads) continue;
      planned.buffers[port.value] = add_buffer(planned.family.name + "." + port.name + " (read back)", graph.value(port.value).bytes(), step.time, last_use(planned, port.value), family);
      planned.loads.push_back({static_cast<int>(s), port.value, map});
      return;
    }
  }

  int parked_index(const std::string& name) const {
    for (std::size_t i = 0; i < plan_.parked.size(); ++i)
      if (plan_.parked[i].name == name) return static_cast<int>(i);
    throw Error("internal: map \"" + name + "\" is not parked");
  }

  /// The map is written as soon as the step that makes it is done.
  void park(FamilyPlan& planned, const Port& port) {
    const Value& value = planned.family.graph.value(port.value);
    const std::size_t offset = plan_.parked.empty() ? 0 : plan_.parked.back().offset + (plan_.parked.back().size + 3) / 4 * 4;
    plan_.parked.push_back({port.name, offset, value.bytes()});
    const int producer = planned.family.graph.producer(port.value);
    int made = 0;
    for (std::size_t s = 0; s < planned.steps.size(); ++s)
      for (const std::vector<int>& level : planned.steps[s].levels)
        if (std::find(level.begin(), level.end(), producer) != level.end()) made = static_cast<int>(s);
    planned.stores.push_back({made, port.value, static_cast<int>(plan_.parked.size()) - 1});
  }

  void add_buffers(FamilyPlan& planned, int family) {
    const Graph& graph = planned.family.graph;
    const int lane = select() && family > 0 ? family : -1;
    add_inputs(planned, family, true);
    for (const Step& step : planned.steps) {
      for (std::size_t level = 0; level < step.levels.size(); ++level)
        for (const int n : step.levels[level]) {
          const Node& node = graph.nodes[at(n)];
          const Value& output = graph.value(node.output);
          const bool last_level = level + 1 == step.levels.size();
          SliceGeometry reader, own;
          if (!last_level) {
            // A ring holds what one slice of its readers needs.
            if (!slice_geometry(graph, graph.nodes[at(graph.consumers(node.output)[0])], reader) || !slice_geometry(graph, node, own)) throw Error("internal: a ring without slices");
            planned.rings[node.output] = reader.reach;
            const std::size_t bytes = at(reader.reach) * at(own.output_slice_size) * bytes_of(output.type);
            planned.buffers[node.output] = add_buffer(planned.family.name + "." + node.name + " (ring)", bytes, step.time, step.time, lane);
          } else {
            place_output(planned, node, step.time, lane);
          }
          if (step.streamed()) add_source_rings(planned, node, step.time, lane);
        }
    }
    for (const Port& port : graph.outputs) {
      if (graph.value(port.value).constant) continue;
      const int index = planned.buffers.at(port.value);
      const bool map = select() && family == 0 && port.name != "logits";
      if (map && park_) park(planned, port);
      else if (map) ports_[port.name] = index;  // the classifiers say until when
      else if (average()) live_until(index, end_of_family_[at(family)]);
      else if (!(select() && family == 0)) live_until(index, end_);
    }
  }

  /// A level that pads reads its whole inputs through a ring, in which zeros stand for the padding.
  void add_source_rings(FamilyPlan& planned, const Node& node, int time, int lane) {
    SliceGeometry g;
    if (!slice_geometry(planned.family.graph, node, g)) throw Error("internal: a streamed node without slices");
    if (!needs_source_ring(planned.family.graph, node)) return;
    for (const ValueId id : node.inputs) {
      if (planned.rings.contains(id) || planned.source_rings.contains(id)) continue;
      const Value& value = planned.family.graph.value(id);
      const std::size_t bytes = at(g.reach) * value.bytes() / at(g.input_slices);
      planned.source_rings[id] = add_buffer(planned.family.name + "." + value.name + " (slices)", bytes, time, time, lane);
    }
  }

  void place_output(FamilyPlan& planned, const Node& node, int time, int lane) {
    const Graph& graph = planned.family.graph;
    const Value& output = graph.value(node.output);
    const ValueId input = node.inputs[0];
    const bool constant = graph.value(input).constant;
    const int until = std::max(time, last_use(planned, node.output));
    if (!constant && (node.op == "reshape" || works_in_place(graph, node))) {
      const int index = planned.buffers.at(input);
      // In place only where nobody reads the old content later: no other reader, no map, no output, and no second run on it.
      const Buffer& old = buffer(index);
      const bool dies = graph.consumers(input).size() == 1 && !graph.is_output(input) && old.last <= time && old.size == output.bytes() &&
                        shared_readers(planned, index) == 1 && !(average() && graph.producer(input) < 0);
      if (node.op == "reshape" || dies) {
        planned.buffers[node.output] = index;
        return live_until(index, until);
      }
    }
    planned.buffers[node.output] = add_buffer(planned.family.name + "." + node.name, output.bytes(), time, until, lane);
  }

  /// Values of the family that lie in the buffer and are still read or written by others: aliases made by reshape.
  int shared_readers(const FamilyPlan& planned, int index) const {
    int values = 0;
    for (const auto& [id, other] : planned.buffers) values += other == index;
    return values;
  }

  void add_result_buffers() {
    if (select()) plan_.choice_buffer = add_buffer("choice", 4, end_, end_, -1);
    if (average()) plan_.sum_buffer = add_buffer("probabilities", program_.classes.size() * 4, 1, end_, -1);
  }

  void keep(int index) {
    Buffer& kept = buffer(index);
    kept.first = 0;
    kept.last = end_;
    kept.lane = -1;
  }

  /// Finds the convolutions whose columns move by a whole number, and keeps their buffers and the window from run to run.
  void keep_columns() {
    std::map<std::string, int> moved = {{"window", hop_}};
    bool any = false;
    for (FamilyPlan& planned : plan_.families) {
      const Graph& graph = planned.family.graph;
      std::map<ValueId, int> columns;  // by which a value moves
      for (const Port& port : graph.inputs)
        if (moved.contains(port.name)) columns[port.value] = moved[port.name];
      for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
        const Node& node = graph.nodes[n];
        SliceGeometry g;
        if (node.op != "conv" || node.groups != 1 || !slice_geometry(graph, node, g) || needs_source_ring(graph, node) || extent_of(input_dims(graph, node)).height != 1) continue;
        const int moves = columns.contains(node.inputs[0]) ? columns[node.inputs[0]] : 0;
        const bool together = std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) { return columns.contains(id) && columns[id] == moves; });
        if (!together || moves % g.step != 0 || moves / g.step >= g.output_slices || shared_readers(planned, planned.buffers.at(node.output)) != 1) continue;
        columns[node.output] = moves / g.step;
        planned.slides[static_cast<int>(n)] = g.output_slices - moves / g.step;
        keep(planned.buffers.at(node.output));
        any = true;
      }
      for (const Port& port : graph.outputs)
        if (columns.contains(port.value)) moved[port.name] = columns[port.value];
    }
    if (!any) throw Error("no layer can reuse columns when the window moves on by " + std::to_string(hop_), "a hop that the strides and pools of the first layers divide");
    keep(ports_.at("window"));
    if (plan_.choice_buffer >= 0) keep(plan_.choice_buffer);
    plan_.state_buffer = add_buffer("state", 4, 0, end_, -1);
  }

  /// Alive together with the program's inputs, which it fills, and with nothing else.
  void add_front_end() {
    if (!plan_.front_end) return;
    plan_.front_end_bytes = plan_.front_end->table_bytes();
    plan_.front_end_multiplications = plan_.front_end->multiplications();
    if (plan_.front_end->scratch_bytes() > 0) plan_.front_end_buffer = add_buffer("front end", plan_.front_end->scratch_bytes(), 0, 0, -1);
  }

  void count() {
    std::int64_t common = 0, most = 0;
    for (std::size_t f = 0; f < plan_.families.size(); ++f) {
      const Family& family = plan_.families[f].family;
      std::int64_t macs = 0;
      for (const Node& node : family.graph.nodes) macs += find_operator(node.op).macs(family.graph, node);
      if (select() && f > 0) most = std::max(most, macs);
      else common += macs * (average() ? static_cast<std::int64_t>(family.members.size()) : 1);
      for (const int member : family.members) plan_.weight_bytes += weight_bytes(family, plan_.networks[at(member)]);
    }
    plan_.macs = common + most;
  }

  const Program& program_;
  Plan& plan_;
  const bool park_;
  const int hop_;
  std::map<std::string, int> ports_;  ///< buffers of inputs and of the selector's maps
  std::vector<int> end_of_family_;
  int alternatives_begin_ = 0, end_ = 1;
};

}  // namespace

bool needs_source_ring(const Graph& graph, const Node& node) {
  SliceGeometry g;
  if (!slice_geometry(graph, node, g)) return false;
  const int read = (g.output_slices - 1) * g.step + g.reach - g.pad;
  return g.pad > 0 || read > g.input_slices;
}

Plan make_plan(const Program& program, const std::string& schedule, Cut cut, int recomputed_maps, bool park,
               std::shared_ptr<const frontend::FrontEnd> front_end) {
  Plan plan;
  plan.front_end = std::move(front_end);
  plan.schedule = schedule;
  plan.recomputed_maps = recomputed_maps;
  plan.combine = program.combine;
  const std::vector<std::string> maps = shared_maps(program);
  Planner(program, plan, park, 0).run(cut, {maps.begin(), maps.begin() + recomputed_maps});
  return plan;
}

Plan make_continuous_plan(const Program& program, int hop) {
  if (program.height != 1 || program.channels == 0) throw Error("continuous mode takes a series, and this network takes an image");
  if (hop < 1 || hop >= program.width) throw Error("a hop of " + std::to_string(hop) + " columns is no part of a window of " + std::to_string(program.width));
  if (program.combine == model::Combine::average) throw Error("continuous mode knows no average over networks", "a bundle with a selector, or a single network");
  Plan plan;
  plan.schedule = "continuous";
  plan.combine = program.combine;
  plan.hop = hop;
  Planner(program, plan, false, hop).run(Cut::one_by_one, {});
  return plan;
}

}  // namespace ditmos::compile
