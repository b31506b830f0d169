#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compile/graph.hpp"
#include "compile/schedule/memory_plan.hpp"
#include "frontend/stream.hpp"

namespace ditmos::frontend {
class FrontEnd;
}

namespace ditmos::compile {

/// Networks of one shape: one function on the chip, switched by a table of weights.
struct Family {
  std::string name;              ///< C identifier: "selector", "classifier", "network", "member"
  std::vector<int> members;      ///< indices into Program::networks
  Graph graph;                   ///< the first member's, with what it recomputes of the selector
  std::map<int, int> recomputed; ///< node of `graph` -> node of the selector's graph whose weights it uses
};

/// What one call on the chip does. An ordinary step has one level of one node. A streamed step runs depth-first: each slice of the
/// last level's outputs pulls the slices it needs through the levels before it, whose outputs are rings of a few slices.
struct Step {
  std::string name;  ///< "selector.conv1"
  int time = 0;
  std::vector<std::vector<int>> levels;
  bool streamed() const { return levels.size() > 1; }
};

/// A map of the selector that waits in non-volatile memory until the classifier reads it back (schedule `sliced`).
struct ParkedMap {
  std::string name;
  std::size_t offset = 0, size = 0;  ///< bytes there
};

/// A parked map is written after, or read back before, a step of a family.
struct Transfer {
  int step = 0;  ///< index into FamilyPlan::steps
  ValueId value = kNone;
  int map = 0;   ///< index into Plan::parked
};

struct FamilyPlan {
  std::vector<Transfer> stores, loads;
  Family family;
  std::vector<Step> steps;
  std::map<ValueId, int> buffers;        ///< value -> Plan::buffers; several values may share one
  std::map<ValueId, int> rings;          ///< value -> slices held, for values that are never whole
  std::map<ValueId, int> source_rings;   ///< whole value that a padded level reads -> buffer of its slices
  std::map<int, int> slides;             ///< continuous mode: convolution -> columns of its output that the last window's run leaves
};

/// A schedule of a program with every byte placed.
struct Plan {
  std::string schedule;        ///< "fused", "streaming", ...
  int recomputed_maps = 0;     ///< of the selector's, in the classifier's pass
  model::Combine combine = model::Combine::single;
  std::vector<Graph> networks; ///< of the program, made ready: constants of every member
  std::vector<FamilyPlan> families;
  std::vector<Buffer> buffers; ///< all of the arena
  int choice_buffer = -1, sum_buffer = -1;  ///< classifier picked (select); summed probabilities (average)
  int hop = 0, state_buffer = -1;           ///< continuous mode: new columns of a window; what the buffers hold
  float sample_unit = 0;                    ///< of int16 samples as input; 0: none
  std::vector<ParkedMap> parked;
  std::shared_ptr<const frontend::FrontEnd> front_end;  ///< what makes the window of samples; null: samples are the window
  std::optional<frontend::Stream> stream;  ///< what makes windows of samples from rows of the sensor
  int front_end_buffer = -1;   ///< working memory of the front end, which runs before all steps
  std::size_t arena_bytes = 0;
  std::size_t weight_bytes = 0; ///< of all networks
  std::size_t front_end_bytes = 0;             ///< tables of the front end
  std::int64_t front_end_multiplications = 0;  ///< of one inference
  std::int64_t macs = 0;        ///< of one inference; of the costliest classifier
  std::vector<std::string> steps;
  std::vector<std::string> defines;  ///< macros that choose kernels of the runtime (runtime/include/ditmos/base.h)
};

/// How a graph is cut into steps: a node each, or depth-first runs of nodes.
enum class Cut { one_by_one, streamed };
std::vector<Step> cut_steps(const Graph& graph, Cut cut);

/// Families of a program whose networks were optimised (passes/passes.hpp): names nodes, gives every convolution and linear layer a bias,
/// brings ports of one name to one layout (all that into `networks`), and groups equal shapes. The selector's maps named in
/// `recomputed` become part of the classifiers.
std::vector<Family> make_families(const Program& program, const std::set<std::string>& recomputed, std::vector<Graph>& networks);

/// Maps that the selector hands to a classifier, in the order of its outputs.
std::vector<std::string> shared_maps(const Program& program);

/// The plan of one schedule, with room for the front end; `park`: the selector's maps wait in non-volatile memory. Throws Error only for programs that no schedule can run.
Plan make_plan(const Program& program, const std::string& schedule, Cut cut, int recomputed_maps, bool park = false,
               std::shared_ptr<const frontend::FrontEnd> front_end = nullptr);

/// The plan for windows that overlap, each `hop` columns further on than the one before: every map whose columns move by a whole number
/// stays, and only its new columns are computed (FamilyPlan::slides). A classifier's maps are of use only when it ran last. Throws Error:
/// no series, a hop that is no part of the window, an average over networks, or nothing to reuse.
Plan make_continuous_plan(const Program& program, int hop);

/// Geometry of a node along its slice axis (width of a series, height of an image). reach: input slices one output slice reads;
/// step: from one output slice to the next.
struct SliceGeometry {
  int input_slices = 0, output_slices = 0;
  int reach = 0, step = 0, pad = 0;
  int input_slice_size = 0, output_slice_size = 0;  ///< elements; input: of the first input
};
/// Whether the node can make its output slice by slice, and how.
bool slice_geometry(const Graph& graph, const Node& node, SliceGeometry& geometry);
/// Whether a streamed node reads beyond its whole inputs, that is, pads along the slice axis.
bool needs_source_ring(const Graph& graph, const Node& node);

}  // namespace ditmos::compile
