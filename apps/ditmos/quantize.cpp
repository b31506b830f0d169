#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "calibration.hpp"
#include "compile/interpreter.hpp"
#include "compile/quantize/qdq.hpp"
#include "compile/quantize/reference.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct QuantizeCommand {
  std::string run, calibration = "mse", qdq;
  compile::QuantizeOptions options;
  std::size_t windows = 256;
  bool json = false;
};

/// Of float32 and int8 on one part of the split.
struct Accuracy {
  std::string part;
  std::size_t windows = 0, real = 0, integer = 0, same = 0;
  static double share(std::size_t n, std::size_t of) { return of == 0 ? 0 : 100.0 * static_cast<double>(n) / static_cast<double>(of); }
};

Accuracy measure(const compile::Program& program, const compile::Int8Reference& reference, const data::Dataset& dataset,
                 const std::vector<std::uint32_t>& rows, const std::string& part) {
  Accuracy accuracy{part};
  for (const std::uint32_t row : rows) {
    const int real = compile::run_program(program, dataset.window(row)).label, integer = reference.run(dataset.window(row)).label;
    accuracy.windows += 1;
    accuracy.real += real == dataset.y[row];
    accuracy.integer += integer == dataset.y[row];
    accuracy.same += real == integer;
  }
  return accuracy;
}

void run_quantize(const QuantizeCommand& command) {
  namespace fs = std::filesystem;
  const fs::path bundle = fs::path(command.run) / "bundle";
  if (!fs::exists(bundle / "manifest.json")) throw Error(command.run + " holds no trained model", "a run whose training has finished holds bundle/manifest.json");
  compile::QuantizeOptions options = command.options;
  options.calibration = compile::calibration_of(command.calibration);
  const RunData run = load_run_data(command.run);
  const compile::Program program = compile::prepare(compile::import_bundle(model::read_bundle(bundle), "model"), "fused");
  const compile::Int8 int8 = calibrate_with(run, command.windows, options);
  const compile::Program quantized = compile::quantize(program, int8.windows, int8.count, options);
  const compile::Int8Reference reference(quantized);
  std::vector<Accuracy> parts;
  if (run.split.validation != run.split.test) parts.push_back(measure(program, reference, run.dataset, run.split.validation, "validation"));
  parts.push_back(measure(program, reference, run.dataset, run.split.test, "test"));
  if (!command.qdq.empty()) {
    make_output_folder(command.qdq, "selector.onnx", false);
    for (std::size_t n = 0; n < quantized.networks.size(); ++n) {
      model::write_onnx(fs::path(command.qdq) / (quantized.networks[n].name + ".onnx"), compile::export_qdq(quantized.networks[n]));
    }
  }
  const auto layers = compile::quantization_noise(program, quantized, int8.windows, int8.count);
  if (command.json) {
    Json record = {{"dataset", run.dataset.name}, {"protocol", run.split.protocol}, {"optimistic", data::is_optimistic(run.split.protocol)},
                   {"calibration", command.calibration}, {"calibration_windows", int8.count}};
    for (const Accuracy& a : parts) {
      record["parts"][a.part] = {{"windows", a.windows}, {"float32", Accuracy::share(a.real, a.windows) / 100}, {"int8", Accuracy::share(a.integer, a.windows) / 100},
                                 {"same_label", Accuracy::share(a.same, a.windows) / 100}};
    }
    record["layers"] = Json::array();
    for (const auto& layer : layers) {
      record["layers"].push_back({{"network", layer.network}, {"node", layer.node}, {"sqnr_db", layer.sqnr_db}, {"scale", layer.scale}, {"zero_point", layer.zero_point}});
    }
    fmt::print("{}\n", record.dump(2));
    return;
  }
  fmt::print("{}, protocol {}{}, post-training int8, calibration {} on {} training windows\n\n{:<12} {:>8} {:>10} {:>8} {:>12}\n", run.dataset.name, run.split.protocol,
             data::is_optimistic(run.split.protocol) ? " (optimistic)" : "", command.calibration, int8.count, "part", "windows", "float32 %", "int8 %", "same label %");
  for (const Accuracy& a : parts) {
    fmt::print("{:<12} {:>8} {:>10.2f} {:>8.2f} {:>12.2f}\n", a.part, a.windows, Accuracy::share(a.real, a.windows), Accuracy::share(a.integer, a.windows), Accuracy::share(a.same, a.windows));
  }
  fmt::print("\n{:<16} {:<20} {:>8} {:>12} {:>11}\n", "network", "node", "SQNR dB", "scale", "zero point");
  for (const auto& layer : layers) fmt::print("{:<16} {:<20} {:>8.1f} {:>12.5g} {:>11}\n", layer.network, layer.node, layer.sqnr_db, layer.scale, layer.zero_point);
}

}  // namespace

void add_quantize(CLI::App& app) {
  auto* verb = app.add_subcommand("quantize",
                                  "What int8 costs a trained run: accuracy of float32 and int8 on its split, and the noise that each layer adds.\n"
                                  "The int8 network is the one that ditmos compile --precision int8 writes, bit for bit (docs/INT8.md).");
  auto command = std::make_shared<QuantizeCommand>();
  verb->add_option("run", command->run, "Run folder.")->required()->type_name("RUN");
  verb->add_option("--calibration", command->calibration, "How ranges are taken from training windows: min-max, percentile, mse.")->capture_default_str();
  verb->add_option("--percentile", command->options.percentile, "Share of values that percentile keeps.")->check(CLI::Range(50.0, 100.0))->capture_default_str();
  verb->add_option("--calibration-windows", command->windows, "Most training windows to calibrate with.")->check(CLI::Range(1, 1000000))->capture_default_str();
  verb->add_option("--qdq", command->qdq, "Also write the int8 networks as ONNX in QDQ form into this new folder.")->type_name("DIR");
  verb->add_flag("--json", command->json, "Print JSON instead of the tables.");
  verb->callback([command] { run_quantize(*command); });
}

}  // namespace ditmos::cli
