#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "calibration.hpp"
#include "compile/interpreter.hpp"
#include "compile/quantize/qdq.hpp"
#include "compile/quantize/reference.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "method/run.hpp"
#include "tune/tune.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct QuantizeCommand {
  std::string run, calibration = "mse", qdq, out;
  tune::TuneOptions tune;
  bool fine_tune = false, json = false;
  int threads = 1;
};

/// Of float32, int8 and fine-tuned int8 on one part of the split.
struct Accuracy {
  std::string part;
  std::size_t windows = 0, real = 0, integer = 0, same = 0, tuned = 0;
  double share(std::size_t n) const { return windows == 0 ? 0 : static_cast<double>(n) / static_cast<double>(windows); }
};

/// tuned: may be null.
Accuracy measure(const compile::Program& program, const compile::Program& quantized, const compile::Program* tuned, const data::Dataset& dataset,
                 const std::vector<std::uint32_t>& rows, const std::string& part) {
  const compile::Int8Reference reference(quantized), tuned_reference(tuned ? *tuned : quantized);
  Accuracy accuracy{part};
  for (const std::uint32_t row : rows) {
    const int real = compile::run_program(program, dataset.window(row)).label, integer = reference.run(dataset.window(row)).label;
    accuracy.windows += 1;
    accuracy.real += real == dataset.y[row];
    accuracy.integer += integer == dataset.y[row];
    accuracy.same += real == integer;
    if (tuned) accuracy.tuned += tuned_reference.run(dataset.window(row)).label == dataset.y[row];
  }
  return accuracy;
}

/// Fine-tunes the run's networks into a new run folder; returns what it did for the record.
Json fine_tune(const QuantizeCommand& command, tune::TuneOptions options, const RunData& run) {
  const method::Config config = method::read_run_config(command.run);
  nn::Threads threads(command.threads);
  const method::Setup setup{config, run.dataset, run.split, threads};
  const auto method = method::restore_best(command.run, setup), teacher = method::restore_best(command.run, setup);
  Progress progress("fine-tuning", options.epochs);
  options.on_epoch = [&](int epoch) { progress.update(epoch); };
  const tune::TuneResult result = tune::tune(method->committee(), teacher->committee(), setup, options);
  progress.finish();
  Json record = {{"from", std::filesystem::absolute(command.run).string()}, {"learning_rate", options.learning_rate}, {"calibration", command.calibration},
                 {"calibration_windows", options.calibration_windows}, {"best_epoch", result.best}, {"epochs", Json::array()}};
  for (const tune::TunedEpoch& epoch : result.epochs)
    record["epochs"].push_back({{"loss", epoch.loss}, {"validation_accuracy", epoch.accuracy}, {"validation_log_loss", epoch.log_loss}});
  method::write_tuned_run(command.out, command.run, setup, method->committee(), record);
  return record;
}

void print(const QuantizeCommand& command, const RunData& run, std::size_t windows, const std::vector<Accuracy>& parts, const std::vector<compile::LayerNoise>& layers,
           const Json& tuning) {
  fmt::print("{}, protocol {}{}, int8, calibration {} on {} training windows\n\n{:<12} {:>8} {:>10} {:>8} {:>12}{}\n", run.dataset.name, run.split.protocol,
             data::is_optimistic(run.split.protocol) ? " (optimistic)" : "", command.calibration, windows, "part", "windows", "float32 %", "int8 %", "same label %",
             command.fine_tune ? "   fine-tuned int8 %" : "");
  for (const Accuracy& a : parts) {
    fmt::print("{:<12} {:>8} {:>10.2f} {:>8.2f} {:>12.2f}", a.part, a.windows, 100 * a.share(a.real), 100 * a.share(a.integer), 100 * a.share(a.same));
    fmt::print("{}\n", command.fine_tune ? fmt::format(" {:>19.2f}", 100 * a.share(a.tuned)) : "");
  }
  if (command.fine_tune)
    fmt::print("\nfine-tuned: epoch {} of {} is best on the validation part; the run is in {}\n", tuning.at("best_epoch").get<int>(), command.tune.epochs, command.out);
  fmt::print("\n{:<16} {:<20} {:>8} {:>12} {:>11}\n", "network", "node", "SQNR dB", "scale", "zero point");
  for (const auto& layer : layers) fmt::print("{:<16} {:<20} {:>8.1f} {:>12.5g} {:>11}\n", layer.network, layer.node, layer.sqnr_db, layer.scale, layer.zero_point);
}

void run_quantize(const QuantizeCommand& command) {
  namespace fs = std::filesystem;
  const fs::path bundle = fs::path(command.run) / "bundle";
  if (!fs::exists(bundle / "manifest.json")) throw Error(command.run + " holds no trained model", "a run whose training has finished holds bundle/manifest.json");
  tune::TuneOptions options = command.tune;
  options.quantize.calibration = compile::calibration_of(command.calibration);
  const RunData run = load_run_data(command.run);
  const auto program_of = [](const fs::path& at) {
    compile::Program program = compile::prepare(compile::import_bundle(model::read_bundle(at), "model"), "fused");
    compile::lower_for_int8(program);
    return program;
  };
  const compile::Program program = program_of(bundle);
  const compile::Int8 int8 = calibrate_with(run, options.calibration_windows, options.quantize);
  const auto quantize = [&](const compile::Program& of) { return compile::quantize(of, int8.windows, int8.count, options.quantize); };
  compile::Program quantized = quantize(program), source = program;
  Json tuning;
  std::optional<compile::Program> tuned;
  if (command.fine_tune) {
    tuning = fine_tune(command, options, run);
    source = program_of(fs::path(command.out) / "bundle");
    tuned = quantize(source);
  }
  std::vector<Accuracy> parts;
  const auto add = [&](const char* part, const std::vector<std::uint32_t>& rows) {
    parts.push_back(measure(program, quantized, tuned ? &*tuned : nullptr, run.dataset, rows, part));
  };
  if (run.split.validation != run.split.test) add("validation", run.split.validation);
  add("test", run.split.test);
  const compile::Program& last = tuned ? *tuned : quantized;
  if (!command.qdq.empty()) {
    make_output_folder(command.qdq, "selector.onnx", false);
    for (const compile::Graph& network : last.networks) model::write_onnx(fs::path(command.qdq) / (network.name + ".onnx"), compile::export_qdq(network));
  }
  const auto layers = compile::quantization_noise(source, last, int8.windows, int8.count);
  if (!command.json) {
    print(command, run, int8.count, parts, layers, tuning);
    return;
  }
  Json record = {{"dataset", run.dataset.name}, {"protocol", run.split.protocol}, {"optimistic", data::is_optimistic(run.split.protocol)},
                 {"calibration", command.calibration}, {"calibration_windows", int8.count}};
  for (const Accuracy& a : parts) {
    Json& part = record["parts"][a.part];
    part = {{"windows", a.windows}, {"float32", a.share(a.real)}, {"int8", a.share(a.integer)}, {"same_label", a.share(a.same)}};
    if (tuned) part["int8_tuned"] = a.share(a.tuned);
  }
  if (tuned) record["tuning"] = tuning;
  record["layers"] = Json::array();
  for (const auto& layer : layers)
    record["layers"].push_back({{"network", layer.network}, {"node", layer.node}, {"sqnr_db", layer.sqnr_db}, {"scale", layer.scale}, {"zero_point", layer.zero_point}});
  fmt::print("{}\n", record.dump(2));
}

}  // namespace

void add_quantize(CLI::App& app) {
  auto* verb = app.add_subcommand("quantize",
                                  "What int8 costs a trained run: accuracy of float32 and int8 on its split, and the noise that each layer adds. The int8\n"
                                  "network is the one that ditmos compile --precision int8 writes, bit for bit (docs/INT8.md). With --qat the weights are first\n"
                                  "fine-tuned for integers, and --out becomes a run like any other, for compile, simulate and report.");
  auto command = std::make_shared<QuantizeCommand>();
  verb->add_option("run", command->run, "Run folder.")->required()->type_name("RUN");
  verb->add_option("--calibration", command->calibration, "How ranges are taken from training windows: min-max, percentile, mse.")->capture_default_str();
  verb->add_option("--percentile", command->tune.quantize.percentile, "Share of values that percentile keeps.")->check(CLI::Range(50.0, 100.0))->capture_default_str();
  verb->add_option("--calibration-windows", command->tune.calibration_windows, "Most training windows to calibrate with.")->check(CLI::Range(1, 1000000))->capture_default_str();
  auto* out = verb->add_option("--out", command->out, "New run folder for the fine-tuned networks.")->type_name("DIR");
  auto* qat = verb->add_flag("--qat", command->fine_tune, "Fine-tune first, with rounded weights and activations; the best epoch is chosen on the validation part.")->needs(out);
  out->needs(qat);
  verb->add_option("--epochs", command->tune.epochs, "Epochs of fine-tuning.")->check(CLI::Range(1, 10000))->capture_default_str()->needs(qat);
  verb->add_option("--learning-rate", command->tune.learning_rate, "First learning rate of fine-tuning (AdamW).")->check(CLI::Range(1e-9, 1.0))->capture_default_str()->needs(qat);
  verb->add_option("--threads", command->threads, "Threads of fine-tuning (0: all cores).")->check(CLI::Range(0, 1024))->capture_default_str();
  verb->add_option("--qdq", command->qdq, "Also write the int8 networks as ONNX in QDQ form into this new folder.")->type_name("DIR");
  verb->add_flag("--json", command->json, "Print JSON instead of the tables.");
  verb->callback([command] { run_quantize(*command); });
}

}  // namespace ditmos::cli
