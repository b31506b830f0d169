#pragma once
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "compile/graph.hpp"

namespace ditmos::compile {

struct PassRecord {
  std::string name;
  double milliseconds = 0;
  int nodes_before = 0, nodes_after = 0;
};

/// Runs named passes over one graph: each is timed, can be skipped by name, and is followed by verify().
class PassRunner {
 public:
  explicit PassRunner(Graph& graph, std::set<std::string> skip = {}) : graph_(graph), skip_(std::move(skip)) {}
  void run_pass(const std::string& name, const std::function<void(Graph&)>& pass);
  const std::vector<PassRecord>& records() const { return records_; }

 private:
  Graph& graph_;
  std::set<std::string> skip_;
  std::vector<PassRecord> records_;
};

/// All passes in their order. `level` picks how far: `layerwise` keeps pools and concatenations as steps of their own.
enum class FusionLevel { layerwise, fused };
std::vector<PassRecord> optimize(Graph& graph, FusionLevel level, const std::set<std::string>& skip = {});

}  // namespace ditmos::compile
