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

}  // namespace ditmos::tune
