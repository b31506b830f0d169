#include "tune/assess.hpp"

#include <cmath>
#include <limits>
#include <optional>

#include "compile/interpreter.hpp"
#include "compile/quantize/reference.hpp"
#include "core/error.hpp"
#include "data/rows.hpp"
#include "method/run.hpp"

namespace ditmos::tune {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostCompared = 500;  // windows on which calibrations are compared

Json shares(const compile::Program& program, const compile::Program& quantized, const std::optional<compile::Program>& tuned, const data::Dataset& dataset,
            const std::vector<std::uint32_t>& rows) {
  const compile::Int8Reference reference(quantized), tuned_reference(tuned ? *tuned : quantized);
  double real = 0, integer = 0, same = 0, after = 0;
  for (const std::uint32_t row : rows) {
    const auto window = dataset.window(row);
    const int truth = dataset.y[row], in_float = compile::run_program(program, window).label, in_int8 = reference.run(window).label;
    real += in_float == truth;
    integer += in_int8 == truth;
    same += in_float == in_int8;
    if (tuned) after += tuned_reference.run(window).label == truth;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(rows.size(), 1));
  Json part = {{"windows", rows.size()}, {"float32", real / n}, {"int8", integer / n}, {"same_label", same / n}};
  if (tuned) part["int8_tuned"] = after / n;
  return part;
}

std::vector<std::vector<double>> answers_in_float(const compile::Program& program, const data::Dataset& dataset, const std::vector<std::uint32_t>& rows) {
  std::vector<std::vector<double>> answers;
  for (const std::uint32_t row : rows) answers.push_back(probabilities(compile::run_program(program, dataset.window(row)).logits, program.combine));
  return answers;
}

/// Mean Kullback-Leibler divergence of the integers' answers from the float network's, in nats.
double divergence_of(const compile::Program& quantized, const data::Dataset& dataset, const std::vector<std::uint32_t>& rows, const std::vector<std::vector<double>>& real) {
  const compile::Int8Reference reference(quantized);
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<double> q = probabilities(reference.run(dataset.window(rows[i])).real, quantized.combine);
    for (std::size_t c = 0; c < q.size(); ++c)
      if (real[i][c] > 0) sum += real[i][c] * std::log(real[i][c] / std::max(q[c], 1e-30));
  }
  return sum / static_cast<double>(std::max<std::size_t>(rows.size(), 1));
}

/// Fine-tunes into a new run; returns its record.
Json fine_tune(const TrainedRun& run, const TuneOptions& options, int threads, const fs::path& folder) {
  nn::Threads workers(threads);
  const method::Setup setup{run.config, run.dataset, run.split, workers};
  const auto method = method::restore_best(run.folder, setup), teacher = method::restore_best(run.folder, setup);
  const TuneResult result = tune(method->committee(), teacher->committee(), setup, options);
  Json record = {{"from", fs::absolute(run.folder).string()}, {"learning_rate", options.learning_rate}, {"calibration", compile::name_of(options.quantize.calibration)},
                 {"calibration_windows", options.calibration_windows}, {"best_epoch", result.best}, {"epochs", Json::array()}};
  for (const TunedEpoch& epoch : result.epochs)
    record["epochs"].push_back({{"loss", epoch.loss}, {"validation_accuracy", epoch.validation.accuracy}, {"validation_log_loss", epoch.validation.log_loss}});
  method::write_tuned_run(folder, run.folder, setup, method->committee(), record);
  return record;
}

}  // namespace

TrainedRun read_run(const fs::path& folder) {
  TrainedRun run{folder, method::read_run_config(folder), {}, {}};
  run.dataset = method::load_data(run.config);
  run.split = method::training_split(run.config, run.dataset);
  if (method::is_refit(run.config)) run.split.validation.clear();
  return run;
}

compile::Program program_of_run(const fs::path& folder) {
  const fs::path bundle = folder / "bundle";
  if (!fs::exists(bundle / "manifest.json")) throw Error(folder.string() + " holds no trained model", "a run whose training has finished holds bundle/manifest.json");
  compile::Program program = compile::prepare(compile::import_bundle(model::read_bundle(bundle), "model"), "fused");
  compile::lower_for_int8(program);
  return program;
}

compile::Calibration resolve_calibration(const std::string& name, const TrainedRun& run, const compile::Program& program, const TuneOptions& options) {
  if (name != kAutomatic) return compile::calibration_of(name);
  if (const fs::path record = run.folder / "run.json"; fs::exists(record)) {
    const Json json = read_json(record);
    if (json.contains("tuning")) return compile::calibration_of(json_get<std::string>(json.at("tuning"), "calibration", record.string()));
  }
  const bool has_validation = !run.split.validation.empty() && run.split.validation != run.split.test;
  const std::vector<std::uint32_t> rows = data::spread_rows(has_validation ? run.split.validation : run.split.train, kMostCompared);
  const std::vector<std::vector<double>> real = answers_in_float(program, run.dataset, rows);
  std::size_t count = 0;
  const std::vector<float> windows = spread_windows(run.dataset, run.split.train, options.calibration_windows, count);
  compile::QuantizeOptions quantize = options.quantize;
  compile::Calibration best = compile::Calibration::mse;
  double least = std::numeric_limits<double>::infinity();
  for (const compile::Calibration candidate : {compile::Calibration::mse, compile::Calibration::percentile, compile::Calibration::min_max}) {
    quantize.calibration = candidate;
    const double divergence = divergence_of(compile::quantize(program, windows, count, quantize), run.dataset, rows, real);
    if (divergence < least) least = divergence, best = candidate;
  }
  return best;
}

compile::Int8 int8_of(const TrainedRun& run, const compile::Program& imported, const std::string& calibration, std::size_t calibration_windows, compile::WeightLayout layout) {
  compile::Program program = compile::prepare(imported, "fused");
  compile::lower_for_int8(program);
  TuneOptions options;
  options.calibration_windows = calibration_windows;
  compile::Int8 int8;
  int8.options.calibration = resolve_calibration(calibration, run, program, options);
  int8.options.layout = layout;
  int8.windows = spread_windows(run.dataset, run.split.train, calibration_windows, int8.count);
  return int8;
}

Assessment assess(const TrainedRun& run, const TuneOptions& options, int threads, const fs::path& tuned_folder) {
  std::size_t count = 0;
  const std::vector<float> windows = spread_windows(run.dataset, run.split.train, options.calibration_windows, count);
  const auto quantize = [&](const compile::Program& of) { return compile::quantize(of, windows, count, options.quantize); };
  const compile::Program program = program_of_run(run.folder), quantized = quantize(program);
  Json record = {{"dataset", run.dataset.name}, {"protocol", run.split.protocol}, {"optimistic", data::is_optimistic(run.split.protocol)}, {"seed", run.config.seed},
                 {"method", run.config.method}, {"calibration", compile::name_of(options.quantize.calibration)}, {"calibration_windows", count}};
  std::optional<compile::Program> source, tuned;
  if (!tuned_folder.empty()) {
    record["tuning"] = fine_tune(run, options, threads, tuned_folder);
    source = program_of_run(tuned_folder);
    tuned = quantize(*source);
  }
  if (!run.split.validation.empty() && run.split.validation != run.split.test) record["parts"]["validation"] = shares(program, quantized, tuned, run.dataset, run.split.validation);
  record["parts"]["test"] = shares(program, quantized, tuned, run.dataset, run.split.test);
  record["layers"] = Json::array();
  for (const auto& layer : compile::quantization_noise(source ? *source : program, tuned ? *tuned : quantized, windows, count))
    record["layers"].push_back({{"network", layer.network}, {"node", layer.node}, {"sqnr_db", layer.sqnr_db}, {"scale", layer.scale}, {"zero_point", layer.zero_point}});
  return {std::move(record), tuned ? *tuned : quantized};
}

}  // namespace ditmos::tune
