#pragma once
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "compile/graph.hpp"

namespace ditmos::compile {

/// The activations of all networks of a program, in disjoint sets.
class ActivationSets {
 public:
  explicit ActivationSets(const Program& program) : program_(program) {
    for (const Graph& graph : program.networks) {
      first_.push_back(static_cast<int>(parent_.size()));
      parent_.resize(parent_.size() + graph.values.size());
    }
    std::iota(parent_.begin(), parent_.end(), 0);
    used_.assign(parent_.size(), 0);
  }
  std::size_t size() const { return parent_.size(); }
  int id(std::size_t network, ValueId value) const { return first_[network] + value; }
  void unite(int a, int b) { parent_[index(find(a))] = find(b); }
  void use(int id) { used_[index(id)] = 1; }
  /// An input or output of a network: those of one name are one.
  void meet(int id, const std::string& name) {
    use(id);
    const auto [place, is_new] = by_name_.emplace(name, id);
    if (!is_new) unite(id, place->second);
  }

  /// Sets numbered from 0 in the order of the networks and their values; -1: a constant, or what nothing uses.
  std::vector<std::vector<int>> numbers() {
    std::map<int, int> number;
    std::vector<std::vector<int>> numbers;
    for (std::size_t n = 0; n < program_.networks.size(); ++n) {
      const Graph& graph = program_.networks[n];
      auto& mine = numbers.emplace_back();
      for (ValueId value = 0; value < static_cast<ValueId>(graph.values.size()); ++value) {
        const bool counts = used_[index(id(n, value))] && !graph.value(value).constant;
        mine.push_back(counts ? number.emplace(find(id(n, value)), static_cast<int>(number.size())).first->second : -1);
      }
    }
    return numbers;
  }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  int find(int i) {
    while (parent_[index(i)] != i) i = parent_[index(i)] = parent_[index(parent_[index(i)])];
    return i;
  }

  const Program& program_;
  std::vector<int> first_, parent_;
  std::vector<char> used_;
  std::map<std::string, int> by_name_;
};

}  // namespace ditmos::compile
