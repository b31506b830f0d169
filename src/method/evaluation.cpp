#include "method/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "method/cka.hpp"
#include "nn/kernels/distances.hpp"
#include "nn/threads.hpp"

namespace ditmos::method {
namespace {

std::span<const float> row(const std::vector<float>& values, int index, int width) {
  return std::span(values).subspan(static_cast<std::size_t>(index) * static_cast<std::size_t>(width), static_cast<std::size_t>(width));
}

/// Probabilities of the classes as the whole model gives them.
void probabilities(const Predictions& p, int window, std::vector<double>& out) {
  const auto classes = static_cast<std::size_t>(p.classes);
  out.assign(classes, 0);
  if (p.combine != model::Combine::average) {
    softmax(row(p.logits[static_cast<std::size_t>(p.choice(window))], window, p.classes), out);
    return;
  }
  std::vector<double> one(classes);
  for (const auto& logits : p.logits) {
    softmax(row(logits, window, p.classes), one);
    for (std::size_t c = 0; c < classes; ++c) out[c] += one[c] / static_cast<double>(p.logits.size());
  }
}

}  // namespace

int argmax(std::span<const float> values) {
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

void softmax(std::span<const float> logits, std::span<double> out) {
  const double most = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  double sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c) sum += out[c] = std::exp(static_cast<double>(logits[c]) - most);
  for (std::size_t c = 0; c < logits.size(); ++c) out[c] /= sum;
}

int Predictions::choice(int window) const {
  return combine == model::Combine::select ? argmax(row(selector, window, classifiers)) : 0;
}

int Predictions::answer(int classifier, int window) const {
  return argmax(row(logits[static_cast<std::size_t>(classifier)], window, classes));
}

int Predictions::label(int window) const {
  if (combine != model::Combine::average) return answer(choice(window), window);
  std::vector<double> p;
  probabilities(*this, window, p);
  return static_cast<int>(std::max_element(p.begin(), p.end()) - p.begin());
}

Metrics measure(const Predictions& p, std::span<const std::int32_t> labels, bool with_cka) {
  Metrics m;
  m.windows = p.windows;
  const auto classes = static_cast<std::size_t>(p.classes), count = static_cast<std::size_t>(p.classifiers);
  m.classifiers.resize(count);
  m.overlap.resize(count + 1);
  m.confusion.assign(classes, std::vector<std::int64_t>(classes));
  if (!p.windows) return m;
  const double n = p.windows;
  std::vector<double> q;
  std::int64_t right = 0, choosable = 0, chosen_right = 0;
  std::vector<std::int64_t> own_right(count), traffic(count);
  for (int i = 0; i < p.windows; ++i) {
    const int truth = labels[static_cast<std::size_t>(i)], said = p.label(i);
    ++m.confusion[static_cast<std::size_t>(truth)][static_cast<std::size_t>(said)];
    right += said == truth;
    std::size_t rights = 0;
    for (std::size_t k = 0; k < count; ++k)
      if (p.answer(static_cast<int>(k), i) == truth) {
        ++rights;
        ++own_right[k];
      }
    ++m.overlap[rights];
    const auto choice = static_cast<std::size_t>(p.choice(i));
    if (p.combine == model::Combine::average)
      for (auto& t : traffic) ++t;
    else
      ++traffic[choice];
    if (rights) {
      ++choosable;
      chosen_right += said == truth;
    }
    probabilities(p, i, q);
    m.loss -= std::log(std::max(q[static_cast<std::size_t>(truth)], 1e-30)) / n;
  }
  m.accuracy = static_cast<double>(right) / n;
  m.union_accuracy = static_cast<double>(choosable) / n;
  m.selector_accuracy = choosable ? static_cast<double>(chosen_right) / static_cast<double>(choosable) : 0;
  for (std::size_t k = 0; k < count; ++k)
    m.classifiers[k] = {static_cast<double>(own_right[k]) / n, static_cast<double>(traffic[k]) / n};
  int present = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    std::int64_t all = 0;
    for (const std::int64_t v : m.confusion[c]) all += v;
    if (!all) continue;
    ++present;
    m.macro_accuracy += static_cast<double>(m.confusion[c][c]) / static_cast<double>(all);
  }
  m.macro_accuracy /= std::max(present, 1);
  if (!with_cka || p.features.size() != count) return m;
  m.cka.assign(count, std::vector<double>(count, 1));
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = a + 1; b < count; ++b)
      m.cka[a][b] = m.cka[b][a] = linear_cka(p.features[a], p.feature_dims, p.features[b], p.feature_dims);
  return m;
}

Json to_json(const Metrics& m) {
  Json out = {{"windows", m.windows},
              {"accuracy", m.accuracy},
              {"macro_accuracy", m.macro_accuracy},
              {"union_accuracy", m.union_accuracy},
              {"selector_accuracy", m.selector_accuracy},
              {"loss", m.loss}};
  out["classifiers"] = Json::array();
  for (const auto& c : m.classifiers) out["classifiers"].push_back({{"accuracy", c.accuracy}, {"traffic", c.traffic}});
  out["overlap"] = m.overlap;
  out["confusion"] = m.confusion;
  out["cka"] = m.cka;
  return out;
}

std::vector<std::int32_t> nearest_neighbour(std::span<const float> known, std::span<const std::int32_t> known_labels,
                                            std::span<const float> queries, std::size_t dims, int threads) {
  const std::size_t n = known_labels.size();
  const std::size_t m = dims ? queries.size() / dims : 0;
  std::vector<std::int32_t> said(m);
  // Known windows pass through the cache once for a block of queries, not once for each.
  constexpr std::size_t block = 128, rows = 32;
  nn::Threads pool(std::max(threads, 1));
  nn::parallel_for(&pool, static_cast<int>((m + block - 1) / block), [&](int index) {
    const std::size_t start = static_cast<std::size_t>(index) * block, end = std::min(start + block, m);
    float best[block], distances[rows];
    std::fill(std::begin(best), std::end(best), std::numeric_limits<float>::max());
    for (std::size_t first = 0; first < n; first += rows) {
      const std::size_t count = std::min(rows, n - first);
      for (std::size_t q = start; q < end; ++q) {
        nn::squared_distances(queries.data() + q * dims, known.data() + first * dims, count, dims, distances);
        for (std::size_t i = 0; i < count; ++i)
          if (distances[i] < best[q - start]) {
            best[q - start] = distances[i];
            said[q] = known_labels[first + i];
          }
      }
    }
  });
  return said;
}

Accuracy accuracy_of(std::span<const std::int32_t> said, std::span<const std::int32_t> labels, int classes) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(classes)), right(all.size());
  Accuracy out;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++all[static_cast<std::size_t>(labels[i])];
    right[static_cast<std::size_t>(labels[i])] += said[i] == labels[i];
    out.accuracy += said[i] == labels[i];
  }
  out.accuracy /= static_cast<double>(std::max<std::size_t>(labels.size(), 1));
  int present = 0;
  for (std::size_t c = 0; c < all.size(); ++c)
    if (all[c]) {
      ++present;
      out.macro_accuracy += static_cast<double>(right[c]) / static_cast<double>(all[c]);
    }
  out.macro_accuracy /= std::max(present, 1);
  return out;
}

}  // namespace ditmos::method
