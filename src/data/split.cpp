#include "data/split.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"
#include "core/random.hpp"
#include "data/group_cut.hpp"

namespace ditmos::data {
namespace {

using Indices = std::vector<std::uint32_t>;

/// Cuts `share` of each class off `from`, at least one window of a class that has three or more, and never
/// a class's last. Returns {kept, cut}.
std::pair<Indices, Indices> cut_windows(const Dataset& d, const Indices& from, double share, Random random) {
  std::vector<Indices> of_class(d.classes.size());
  for (const std::uint32_t i : from) of_class[static_cast<std::size_t>(d.y[i])].push_back(i);
  Indices kept, cut;
  for (Indices& windows : of_class) {
    random.shuffle(windows);
    std::size_t n = static_cast<std::size_t>(std::lround(share * static_cast<double>(windows.size())));
    if (share > 0 && n == 0 && windows.size() >= 3) n = 1;
    if (!windows.empty()) n = std::min(n, windows.size() - 1);
    cut.insert(cut.end(), windows.begin(), windows.begin() + static_cast<std::ptrdiff_t>(n));
    kept.insert(kept.end(), windows.begin() + static_cast<std::ptrdiff_t>(n), windows.end());
  }
  return {kept, cut};
}

void require_groups(const Dataset& d, const SplitOptions& options, std::size_t needed) {
  if (d.group.empty())
    throw Error("protocol " + options.protocol + " needs groups, and " + d.name + " has none",
                "give a group (subject, trial, recording) for every window, or use --protocol window-random");
  Indices ids(d.group.begin(), d.group.end());
  std::sort(ids.begin(), ids.end());
  const auto count = static_cast<std::size_t>(std::unique(ids.begin(), ids.end()) - ids.begin());
  if (count < needed)
    throw Error("protocol " + options.protocol + " needs at least " + std::to_string(needed) + " groups, and " + d.name +
                    " has " + std::to_string(count),
                "record more " + (d.group_meaning.empty() ? std::string("groups") : "units of \"" + d.group_meaning + "\"") +
                    ", or use --protocol window-random");
}

Indices everything(const Dataset& d) {
  Indices all(d.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
  return all;
}

void split_windows(const Dataset& d, const SplitOptions& o, const Random& random, Split& split) {
  Indices rest;
  std::tie(rest, split.test) = cut_windows(d, everything(d), o.test_share, random.fork(1));
  if (o.protocol == "paper") {
    split.train = rest;
    split.validation = split.test;
  } else {
    std::tie(split.train, split.validation) = cut_windows(d, rest, o.validation_share, random.fork(2));
  }
}

void split_groups(const Dataset& d, const SplitOptions& o, const Random& random, Split& split) {
  require_groups(d, o, o.validation_share > 0 ? 3 : 2);
  Indices rest;
  std::tie(rest, split.test) = cut_groups(d, everything(d), o.test_share, random.fork(1));
  std::tie(split.train, split.validation) = cut_groups(d, rest, o.validation_share, random.fork(2));
}

void split_one_group_out(const Dataset& d, const SplitOptions& o, const Random& random, Split& split) {
  require_groups(d, o, o.validation_share > 0 ? 3 : 2);
  std::map<std::int32_t, Indices> of_group;
  for (std::size_t i = 0; i < d.size(); ++i) of_group[d.group[i]].push_back(static_cast<std::uint32_t>(i));
  if (o.held_out < 0 || static_cast<std::size_t>(o.held_out) >= of_group.size())
    throw Error("leave-one-group-out holds out group " + std::to_string(o.held_out) + ", and " + d.name + " has groups 0 to " +
                std::to_string(of_group.size() - 1));
  Indices rest;
  int position = 0;
  for (const auto& [id, windows] : of_group) {
    Indices& part = position++ == o.held_out ? split.test : rest;
    part.insert(part.end(), windows.begin(), windows.end());
  }
  std::tie(split.train, split.validation) = cut_groups(d, rest, o.validation_share, random.fork(2));
}

void split_official(const Dataset& d, const SplitOptions& o, const Random& random, Split& split) {
  if (d.official.empty())
    throw Error("protocol official needs the publisher's split, and " + d.name + " has none",
                "use --protocol group or window-random");
  if (d.folds > 0 && (o.held_out < 0 || o.held_out >= d.folds))
    throw Error("protocol official tests fold " + std::to_string(o.held_out) + ", and " + d.name + " has folds 0 to " + std::to_string(d.folds - 1),
                "choose one with --held_out");
  const int tested = d.folds > 0 ? o.held_out : 1;
  Indices rest;
  for (std::size_t i = 0; i < d.size(); ++i) (d.official[i] == tested ? split.test : rest).push_back(static_cast<std::uint32_t>(i));
  const bool grouped = !d.group.empty() && std::any_of(rest.begin(), rest.end(), [&](std::uint32_t i) {
    return d.group[i] != d.group[rest.front()];
  });
  std::tie(split.train, split.validation) = grouped ? cut_groups(d, rest, o.validation_share, random.fork(2))
                                                    : cut_windows(d, rest, o.validation_share, random.fork(2));
}

void check_share(double share, const char* name) {
  if (!(share >= 0 && share < 1))
    throw Error(std::string(name) + " is " + std::to_string(share) + ", expected 0 to below 1");
}

void require_part(const Dataset& d, const Split& split, const Indices& part, const char* name, const std::string& why) {
  if (part.empty())
    throw Error("protocol " + split.protocol + " leaves no " + name + " part of " + d.name + "'s " +
                    std::to_string(d.size()) + " windows",
                why);
}

}  // namespace

const std::vector<std::string>& protocol_names() {
  static const std::vector<std::string> names = {"window-random", "group", "leave-one-group-out", "official", "paper"};
  return names;
}

bool is_optimistic(const std::string& protocol) { return protocol == "paper"; }

Split make_split(const Dataset& d, const SplitOptions& options) {
  check_share(options.test_share, "test share");
  check_share(options.validation_share, "validation share");
  Split split;
  split.protocol = options.protocol;
  const Random random(options.seed);
  if (options.protocol == "window-random" || options.protocol == "paper") {
    split_windows(d, options, random, split);
  } else if (options.protocol == "group") {
    split_groups(d, options, random, split);
  } else if (options.protocol == "leave-one-group-out") {
    split_one_group_out(d, options, random, split);
  } else if (options.protocol == "official") {
    split_official(d, options, random, split);
  } else {
    throw Error("unknown protocol \"" + options.protocol + "\"", name_hint(options.protocol, protocol_names()));
  }
  const std::string grouped = "each class needs windows from several groups; try --protocol window-random";
  const std::string few = "more windows are needed";
  const std::string& why = options.protocol == "group" || options.protocol == "leave-one-group-out" ? grouped : few;
  require_part(d, split, split.train, "training", why);
  if (options.test_share > 0 || options.protocol == "official") require_part(d, split, split.test, "test", why);
  if (options.validation_share > 0) require_part(d, split, split.validation, "validation", why);
  for (Indices* part : {&split.train, &split.validation, &split.test}) std::sort(part->begin(), part->end());
  return split;
}

}  // namespace ditmos::data
