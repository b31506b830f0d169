#pragma once
#include <cstddef>
#include <numeric>
#include <vector>

namespace ditmos::compile {

/// Disjoint sets of 0 .. n - 1.
class UnionFind {
 public:
  explicit UnionFind(int n) : parent_(static_cast<std::size_t>(n)) { std::iota(parent_.begin(), parent_.end(), 0); }
  int find(int i) {
    while (parent_[index(i)] != i) i = parent_[index(i)] = parent_[index(parent_[index(i)])];
    return i;
  }
  void unite(int a, int b) { parent_[index(find(a))] = find(b); }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  std::vector<int> parent_;
};

}  // namespace ditmos::compile
