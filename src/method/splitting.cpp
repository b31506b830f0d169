#include "method/splitting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "method/kmeans.hpp"

namespace ditmos::method {
namespace {

using Subsets = std::vector<std::vector<std::uint32_t>>;

Subsets by_class(const Setup& setup, std::size_t count) {
  const auto classes = static_cast<std::size_t>(setup.classes());
  std::vector<std::vector<std::uint32_t>> rows(classes);
  for (const std::uint32_t row : setup.split.train) rows[static_cast<std::size_t>(setup.dataset.y[row])].push_back(row);
  std::vector<std::size_t> order(classes);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rows[a].size() > rows[b].size(); });
  Subsets subsets(count);
  for (const std::size_t c : order) {
    auto& smallest = *std::min_element(subsets.begin(), subsets.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    smallest.insert(smallest.end(), rows[c].begin(), rows[c].end());
  }
  return subsets;
}

}  // namespace

Subsets split_training_set(const Setup& setup, StrongModel* strong, const Random& random) {
  const auto count = static_cast<std::size_t>(setup.config.classifiers);
  const auto& train = setup.split.train;
  if (train.size() < count)
    throw Error(fmt::format("{} training windows cannot be split over {} classifiers", train.size(), count), "use fewer classifiers (--classifiers.count)");
  const std::string& kind = setup.config.splitting.kind;
  Subsets subsets(count);
  if (kind == "random") {
    std::vector<std::uint32_t> order(train.begin(), train.end());
    Random(random).shuffle(order);
    for (std::size_t i = 0; i < order.size(); ++i) subsets[i % count].push_back(order[i]);
  } else if (kind == "class") {
    subsets = by_class(setup, count);
    for (const auto& s : subsets)
      if (s.empty())
        throw Error(fmt::format("splitting by class: {} classes cannot make {} subsets", setup.classes(), count), "use fewer classifiers, or --splitting.kind kmeans");
  } else {
    std::size_t dims = 0;
    const auto features = strong->features(train, dims);
    const auto result = kmeans(features, dims,
                               {setup.config.classifiers, setup.config.splitting.n_init, setup.config.splitting.iterations, setup.threads.count()}, random);
    for (std::size_t i = 0; i < train.size(); ++i) subsets[static_cast<std::size_t>(result.assignment[i])].push_back(train[i]);
  }
  for (auto& s : subsets) std::sort(s.begin(), s.end());
  return subsets;
}

}  // namespace ditmos::method
