// Cutting a graph into steps. For streaming, a value becomes a ring of slices when everything that reads it advances in lockstep; rings
// that would break an order or a pace are given up one by one, so that what is left always works.
#include <algorithm>
#include <numeric>

#include "compile/ops/shapes.hpp"
#include "compile/schedule/plan.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

/// Index in Window of the slice axis: width (1) of a series, height (0) of an image.
int slice_axis(const std::vector<int>& dims) { return dims.size() == 3 || (dims.size() == 4 && dims[1] == 1) ? 1 : 0; }

}  // namespace

bool slice_geometry(const Graph& graph, const Node& node, SliceGeometry& g) {
  if (node.op != "conv" && node.op != "max_pool" && node.op != "average_pool") return false;
  const std::vector<int>&in = input_dims(graph, node), &out = graph.value(node.output).dims;
  const int axis = slice_axis(in);
  const Window& w = node.window;
  if (w.dilation[0] != 1 || w.dilation[1] != 1) return false;
  if (axis == 1 && (w.kernel[0] != 1 || w.pad_before[0] + w.pad_after[0] != 0)) return false;
  if (node.op == "conv" && node.groups != 1 && (node.groups != extent_of(in).channels || node.groups != extent_of(out).channels)) return false;
  if (node.op != "conv" && w.pad_before[axis] + w.pad_after[axis] != 0) return false;  // padding is not zero there
  const Extent from = extent_of(in), to = extent_of(out);
  g.input_slices = axis == 1 ? from.width : from.height;
  g.output_slices = axis == 1 ? to.width : to.height;
  g.input_slice_size = product(in) / g.input_slices;
  g.output_slice_size = product(out) / g.output_slices;
  const int pool = node.pool.kernel[axis];
  g.reach = (pool - 1) * w.stride[axis] + w.kernel[axis];
  g.step = w.stride[axis] * (node.pool.is_identity() ? 1 : node.pool.stride[axis]);
  g.pad = w.pad_before[axis];
  return g.step <= g.reach;
}

namespace {

class Streamer {
 public:
  explicit Streamer(const Graph& graph) : graph_(graph), geometry_(graph.nodes.size()), sliced_(graph.nodes.size()), ring_(graph.values.size(), false) {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) sliced_[n] = slice_geometry(graph, graph.nodes[n], geometry_[n]);
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      const ValueId id = graph.nodes[n].output;
      const std::vector<int> readers = graph.consumers(id);
      ring_[at(id)] = sliced_[n] && !graph.is_output(id) && !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](int r) { return sliced_[at(r)]; });
    }
  }

  std::vector<Step> run() {
    std::vector<Step> steps;
    while (!try_steps(steps)) {
    }
    return steps;
  }

 private:
  int group(int node) {
    while (parent_[at(node)] != node) node = parent_[at(node)] = parent_[at(parent_[at(node)])];
    return node;
  }
  void unite(int a, int b) { parent_[at(group(a))] = group(b); }
  bool give_up(ValueId id) {
    ring_[at(id)] = false;
    return false;
  }
  bool is_ring(ValueId id) const { return ring_[at(id)]; }

  /// Nodes that advance together: readers of one ring, writers of the rings of one reader, until nothing changes.
  void find_levels() {
    parent_.resize(graph_.nodes.size());
    std::iota(parent_.begin(), parent_.end(), 0);
    for (bool changed = true; changed;) {
      changed = false;
      std::map<int, int> reader_of, writer_of;  // group of writers -> a reader; group of readers -> a writer
      for (std::size_t n = 0; n < graph_.nodes.size(); ++n)
        for (const ValueId id : graph_.nodes[n].inputs) {
          if (!is_ring(id)) continue;
          const int reader = static_cast<int>(n), writer = graph_.producer(id);
          const int other_reader = reader_of.insert({group(writer), reader}).first->second;
          const int other_writer = writer_of.insert({group(reader), writer}).first->second;
          for (const auto& [a, b] : {std::pair{reader, other_reader}, std::pair{writer, other_writer}})
            if (group(a) != group(b)) unite(a, b), changed = true;
        }
    }
  }

  /// False after giving up a ring that breaks a rule.
  bool try_steps(std::vector<Step>& steps) {
    find_levels();
    const int count = static_cast<int>(graph_.nodes.size());
    for (int n = 0; n < count; ++n) {
      const Node& node = graph_.nodes[at(n)];
      for (const ValueId id : node.inputs) {
        if (!is_ring(id)) continue;
        const int writer = graph_.producer(id);
        if (group(writer) == group(n)) return give_up(id);  // a level cannot read itself
      }
      // One pace: all readers of rings in a level agree, and either all or none of its outputs are rings.
      for (int m = 0; m < n; ++m) {
        if (group(m) != group(n)) continue;
        const Node& other = graph_.nodes[at(m)];
        const SliceGeometry &a = geometry_[at(n)], &b = geometry_[at(m)];
        const auto ring_input = [&](const Node& candidate) {
          const auto found = std::find_if(candidate.inputs.begin(), candidate.inputs.end(), [&](ValueId id) { return is_ring(id); });
          return found == candidate.inputs.end() ? kNone : *found;
        };
        const ValueId x = ring_input(node), y = ring_input(other);
        const bool same_pace = a.reach == b.reach && a.step == b.step && a.pad == b.pad;
        if (x != kNone && y != kNone && !same_pace) return give_up(std::max(x, y));
        if (a.output_slices != b.output_slices || is_ring(node.output) != is_ring(other.output)) {
          for (const ValueId id : {node.output, other.output, x, y})
            if (id != kNone && is_ring(id)) return give_up(id);
        }
      }
    }
    return order(steps);
  }

  /// Chains of levels become steps; steps are sorted so that whole values are written before they are read.
  bool order(std::vector<Step>& steps) {
    const int count = static_cast<int>(graph_.nodes.size());
    std::map<int, std::vector<int>> levels;
    for (int n = 0; n < count; ++n) levels[group(n)].push_back(n);
    std::map<int, int> next, before;  // level -> level that reads its rings, and back
    for (int n = 0; n < count; ++n)
      for (const ValueId id : graph_.nodes[at(n)].inputs)
        if (is_ring(id)) next[group(graph_.producer(id))] = group(n), before[group(n)] = group(graph_.producer(id));
    steps.clear();
    std::vector<int> step_of(at(count), -1);
    for (const auto& [level, nodes] : levels) {
      if (next.contains(level)) continue;  // not the last of its chain
      Step step;
      int at_level = level, length = 0;
      while (true) {
        step.levels.insert(step.levels.begin(), levels[at_level]);
        for (const int n : levels[at_level]) step_of[at(n)] = static_cast<int>(steps.size());
        if (!before.contains(at_level)) break;
        at_level = before[at_level];
        if (++length > count) throw Error("internal: levels form a circle");
      }
      steps.push_back(std::move(step));
    }
    for (int n = 0; n < count; ++n)
      if (step_of[at(n)] < 0) return give_up(first_ring());  // a circle of levels
    // Kahn's algorithm; ties by the lowest node, so that the order of the graph is kept.
    std::vector<std::set<int>> waits(steps.size());
    for (int n = 0; n < count; ++n)
      for (const ValueId id : graph_.nodes[at(n)].inputs) {
        const int producer = graph_.producer(id);
        if (producer < 0 || is_ring(id)) continue;
        if (step_of[at(producer)] == step_of[at(n)]) return give_up(ring_of(steps[at(step_of[at(n)])]));
        waits[at(step_of[at(n)])].insert(step_of[at(producer)]);
      }
    std::vector<Step> sorted;
    std::vector<bool> done(steps.size(), false);
    while (sorted.size() < steps.size()) {
      int best = -1;
      for (std::size_t s = 0; s < steps.size(); ++s) {
        const bool ready = !done[s] && std::all_of(waits[s].begin(), waits[s].end(), [&](int w) { return done[at(w)]; });
        if (ready && (best < 0 || steps[s].levels.back()[0] < steps[at(best)].levels.back()[0])) best = static_cast<int>(s);
      }
      if (best < 0) return give_up(first_ring());
      done[at(best)] = true;
      sorted.push_back(steps[at(best)]);
    }
    steps = std::move(sorted);
    return true;
  }

  ValueId first_ring() const {
    for (std::size_t id = 0; id < ring_.size(); ++id)
      if (ring_[id]) return static_cast<ValueId>(id);
    throw Error("internal: the nodes of \"" + graph_.name + "\" have no order");
  }
  ValueId ring_of(const Step& step) const {
    for (const std::vector<int>& level : step.levels)
      for (const int n : level)
        if (is_ring(graph_.nodes[at(n)].output)) return graph_.nodes[at(n)].output;
    return first_ring();
  }

  const Graph& graph_;
  std::vector<SliceGeometry> geometry_;
  std::vector<bool> sliced_, ring_;
  std::vector<int> parent_;
};

}  // namespace

std::vector<Step> cut_steps(const Graph& graph, Cut cut) {
  std::vector<Step> steps;
  if (cut == Cut::streamed) {
    steps = Streamer(graph).run();
  } else {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) steps.push_back({"", 0, {{static_cast<int>(n)}}});
  }
  for (Step& step : steps)
    for (const std::vector<int>& level : step.levels)
      for (const int n : level) step.name += (step.name.empty() ? "" : "+") + graph.nodes[at(n)].name;
  return steps;
}

}  // namespace ditmos::compile
