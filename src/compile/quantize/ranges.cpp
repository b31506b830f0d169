#include "compile/quantize/ranges.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "compile/interpreter.hpp"
#include "core/error.hpp"

namespace ditmos::compile {
namespace {

/// Sum of squared errors of the sample when 255 steps cover [low, high].
double error_of(const std::vector<float>& sample, float low, float high) {
  const double scale = (static_cast<double>(high) - low) / 255;
  if (!(scale > 0)) return 0;
  double sum = 0;
  for (const float x : sample) {
    const double clipped = std::clamp<double>(x, low, high);
    const double rounded = low + std::round((clipped - low) / scale) * scale;
    sum += (x - rounded) * (x - rounded);
  }
  return sum;
}

Range quantiles(std::vector<float> sample, double percentile) {
  if (sample.empty()) return {};
  const auto last = static_cast<double>(sample.size() - 1);
  const double tail = (100 - percentile) / 200;
  const auto at = [&](double share) {
    const auto place = sample.begin() + static_cast<std::ptrdiff_t>(std::llround(share * last));
    std::nth_element(sample.begin(), place, sample.end());
    return *place;
  };
  const float low = at(tail), high = at(1 - tail);
  return {std::min(low, 0.0f), std::max(high, 0.0f)};
}

std::vector<std::vector<float>> run(const Graph& graph, const std::map<std::string, std::vector<float>>& inputs) {
  std::vector<std::vector<float>> values;
  for (auto& array : run_graph(graph, inputs)) values.push_back(std::move(array.data));
  return values;
}

}  // namespace

void Observed::add(float value, std::size_t stride) {
  if (!std::isfinite(value)) throw Error("calibration meets a value that is not finite", "look for NaN in the calibration windows");
  low = std::min(low, value);
  high = std::max(high, value);
  if (count++ % stride == 0) sample.push_back(value);
}

void Observed::merge(const Observed& other, float gain) {
  low = std::min(low, other.low * gain);
  high = std::max(high, other.high * gain);
  for (const float value : other.sample) sample.push_back(value * gain);
  count += other.count;
}

Range choose_range(const Observed& seen, const QuantizeOptions& options) {
  if (options.calibration == Calibration::min_max) return {seen.low, seen.high};
  if (options.calibration == Calibration::percentile) return quantiles(seen.sample, options.percentile);
  Range best{seen.low, seen.high};
  double least = error_of(seen.sample, best.low, best.high);
  for (const bool upper : {true, false, true}) {  // one end at a time: they may differ in their tails
    const Range from = best;
    for (int percent = 98; percent >= 20; percent -= 2) {
      const float share = static_cast<float>(percent) / 100;
      const Range range{upper ? from.low : from.low * share, upper ? from.high * share : from.high};
      const double error = error_of(seen.sample, range.low, range.high);
      if (error < least) least = error, best = range;
    }
  }
  return best;
}

void run_calibration(const Program& program, std::span<const float> windows, std::size_t count, std::size_t fewest,
                     const std::function<void(std::size_t, const std::vector<std::vector<float>>&)>& visit) {
  if (program.networks.empty()) throw Error("the program has no network");
  const Graph& first = program.networks.front();
  if (first.inputs.size() != 1) {
    throw Error(fmt::format("network \"{}\" has {} inputs; int8 calibration takes networks with one", first.name, first.inputs.size()),
                "compile it as float32");
  }
  const std::string input = first.inputs.front().name;
  const auto size = static_cast<std::size_t>(first.values.at(static_cast<std::size_t>(first.inputs.front().value)).size());
  if (count == 0) throw Error("the calibration set is empty", "give training windows");
  if (windows.size() != count * size) {
    throw Error(fmt::format("calibration windows have {} values each, the network expects {}", windows.size() / count, size),
                "calibrate with windows of the data set the network was trained on");
  }
  const bool select = program.combine == model::Combine::select;
  std::vector<std::size_t> answered(program.networks.size(), 0);
  const auto run_on = [&](std::size_t w, int only) {
    std::map<std::string, std::vector<float>> inputs;
    const auto window = windows.subspan(w * size, size);
    inputs[input].assign(window.begin(), window.end());
    if (!select) {
      for (std::size_t n = 0; n < program.networks.size(); ++n) visit(n, run(program.networks[n], inputs));
      return;
    }
    const std::vector<std::vector<float>> selected = run(first, inputs);
    const Port* logits = first.find_output("logits");
    if (!logits) throw Error("the selector has no output \"logits\"");
    for (const Port& port : first.outputs) {
      const auto& value = selected[static_cast<std::size_t>(port.value)];
      if (&port != logits) inputs[port.name] = to_outside(port, {first.value(port.value).dims, value});
    }
    const auto& scores = selected[static_cast<std::size_t>(logits->value)];
    const auto choice = static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin()) + 1;
    const std::size_t network = only < 0 ? choice : static_cast<std::size_t>(only);
    if (network >= program.networks.size()) throw Error("the selector has more logits than there are classifiers");
    ++answered[network];
    if (only < 0) visit(0, selected);
    visit(network, run(program.networks[network], inputs));
  };
  for (std::size_t w = 0; w < count; ++w) run_on(w, -1);
  for (std::size_t n = 1; select && n < program.networks.size(); ++n) {
    for (std::size_t w = 0; answered[n] < fewest && w < std::min(count, fewest); ++w) run_on(w, static_cast<int>(n));
  }
}

}  // namespace ditmos::compile
