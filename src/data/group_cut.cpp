#include "data/group_cut.hpp"

#include <map>

namespace ditmos::data {
namespace {

/// How far a cut is from the wanted share, class by class and in total. A class that would vanish from
/// either part costs more than any imbalance does; vanishing from the kept part costs most.
class Balance {
 public:
  Balance(std::vector<std::size_t> count, double share) : count_(std::move(count)), cut_(count_.size()), share_(share) {
    for (const std::size_t n : count_) total_ += n;
  }

  double cost() const {
    double sum = 0;
    std::size_t all = 0;
    for (std::size_t c = 0; c < count_.size(); ++c) {
      all += cut_[c];
      sum += class_cost(c);
    }
    const double off = static_cast<double>(all) / static_cast<double>(total_) - share_;
    return sum + static_cast<double>(count_.size()) * off * off;
  }

  /// Moves a group's windows (class, number) into the cut, or back.
  void move(const std::vector<std::pair<std::size_t, std::size_t>>& group, bool into_cut) {
    for (const auto& [c, n] : group) cut_[c] = into_cut ? cut_[c] + n : cut_[c] - n;
  }

 private:
  double class_cost(std::size_t c) const {
    if (count_[c] == 0) return 0;
    const double off = static_cast<double>(cut_[c]) / static_cast<double>(count_[c]) - share_;
    const double lost = cut_[c] == count_[c] ? 1e6 : cut_[c] == 0 ? 1.0 : 0.0;
    return off * off + lost;
  }

  std::vector<std::size_t> count_, cut_;
  double share_;
  std::size_t total_ = 0;
};

}  // namespace

std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> cut_groups(const Dataset& d,
                                                                             const std::vector<std::uint32_t>& from,
                                                                             double share, Random random) {
  if (share <= 0 || from.empty()) return {from, {}};
  struct Group {
    std::vector<std::uint32_t> windows;
    std::vector<std::pair<std::size_t, std::size_t>> classes;  // class, number of windows
    bool cut = false;
  };
  std::map<std::int32_t, Group> of_id;
  std::vector<std::size_t> count(d.classes.size());
  for (const std::uint32_t i : from) {
    of_id[d.group[i]].windows.push_back(i);
    ++count[static_cast<std::size_t>(d.y[i])];
  }
  std::vector<Group*> groups;
  for (auto& [id, group] : of_id) {
    std::map<std::size_t, std::size_t> classes;
    for (const std::uint32_t i : group.windows) ++classes[static_cast<std::size_t>(d.y[i])];
    group.classes.assign(classes.begin(), classes.end());
    groups.push_back(&group);
  }
  random.shuffle(groups);

  // Local search from "nothing cut": a group changes sides whenever that lowers the cost. It ends, since
  // the cost falls with each move; the bound is for speed alone.
  Balance balance(count, share);
  double cost = balance.cost();
  bool changed = true;
  for (int pass = 0; changed && pass < 50; ++pass) {
    changed = false;
    for (Group* group : groups) {
      balance.move(group->classes, !group->cut);
      const double moved = balance.cost();
      if (moved < cost - 1e-12) {
        group->cut = !group->cut;
        cost = moved;
        changed = true;
      } else {
        balance.move(group->classes, group->cut);
      }
    }
  }
  std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> parts;
  for (const auto& [id, group] : of_id) {
    auto& part = group.cut ? parts.second : parts.first;
    part.insert(part.end(), group.windows.begin(), group.windows.end());
  }
  return parts;
}

}  // namespace ditmos::data
