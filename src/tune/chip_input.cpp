#include "tune/chip_input.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "data/rows.hpp"
#include "method/run.hpp"

namespace ditmos::tune {

ChipInput chip_input(const method::Config& config, const data::Dataset& dataset, std::span<const std::uint32_t> rows, const frontend::FrontEnd* front_end) {
  ChipInput input;
  input.n = rows.size();
  input.classes = dataset.classes.size();
  input.windows = data::windows_of(dataset, rows);
  for (const std::uint32_t row : rows) input.labels.push_back(dataset.y[row]);
  if (!front_end) return input;
  method::Config before = config;
  before.front_end = "none";
  const data::Dataset raw = method::load_data(before);
  const std::size_t size = raw.window_size();
  if (size != front_end->sample_count())
    throw Error(fmt::format("windows before the front end have {} values, and it takes {}", size, front_end->sample_count()), "start from the features with --features");
  input.samples.resize(input.n * size);
  for (std::size_t i = 0; i < input.n; ++i) front_end->to_samples(raw.window(rows[i]), std::span(input.samples).subspan(i * size, size));
  return input;
}

Accuracy accuracy_of(std::span<const std::int32_t> found, const ChipInput& input) {
  std::vector<double> right(input.classes), all(input.classes);
  double hits = 0;
  for (std::size_t i = 0; i < input.labels.size(); ++i) {
    const auto c = static_cast<std::size_t>(input.labels[i]);
    all[c] += 1;
    if (found[i] == input.labels[i]) right[c] += 1, hits += 1;
  }
  Accuracy out{hits / static_cast<double>(input.labels.size()), 0};
  double present = 0;
  for (std::size_t c = 0; c < input.classes; ++c)
    if (all[c] > 0) out.macro += right[c] / all[c], present += 1;
  out.macro /= present;
  return out;
}

}  // namespace ditmos::tune
