#include "compile/passes/passes.hpp"

#include <chrono>

#include "compile/passes/list.hpp"
#include "core/error.hpp"

namespace ditmos::compile {

void PassRunner::run_pass(const std::string& name, const std::function<void(Graph&)>& pass) {
  if (skip_.contains(name)) return;
  PassRecord record;
  record.name = name;
  record.nodes_before = static_cast<int>(graph_.nodes.size());
  const auto start = std::chrono::steady_clock::now();
  pass(graph_);
  record.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  record.nodes_after = static_cast<int>(graph_.nodes.size());
  try {
    verify(graph_);
  } catch (const Error& error) {
    throw Error("after pass \"" + name + "\": " + error.what(), error.hint());
  }
  records_.push_back(std::move(record));
}

std::vector<PassRecord> optimize(Graph& graph, FusionLevel level, const std::set<std::string>& skip) {
  PassRunner runner(graph, skip);
  runner.run_pass("remove_dead_nodes", remove_dead_nodes);
  runner.run_pass("fold_constants", fold_constants);
  runner.run_pass("take_inputs_channel_last", take_inputs_channel_last);
  runner.run_pass("move_transposes", move_transposes);
  runner.run_pass("absorb_into_ports", absorb_into_ports);
  runner.run_pass("reshape_for_transpose", reshape_for_transpose);
  runner.run_pass("absorb_into_ports_again", absorb_into_ports);
  runner.run_pass("absorb_into_linear", absorb_into_linear);
  runner.run_pass("fold_affine", fold_affine);
  runner.run_pass("fuse_clamp", fuse_clamp);
  if (level == FusionLevel::fused) {
    runner.run_pass("fuse_max_pool", fuse_max_pool);
    runner.run_pass("fuse_clamp_again", fuse_clamp);
    runner.run_pass("fuse_concat", fuse_concat);
  }
  runner.run_pass("drop_unused_values", drop_unused_values);
  return runner.records();
}

}  // namespace ditmos::compile
