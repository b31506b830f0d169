#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "calibration_options.hpp"
#include "compile/quantize/qdq.hpp"
#include "core/file.hpp"
#include "core/progress.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct QuantizeCommand {
  std::string run, qdq, out;
  CalibrationOptions calibration;
  tune::TuneOptions tune;
  bool fine_tune = false, json = false;
  int threads = 1;
};

void print(const QuantizeCommand& command, const Json& record) {
  fmt::print("{}, protocol {}{}, int8, calibration {} on {} training windows\n\n{:<12} {:>8} {:>10} {:>8} {:>12}{}\n", record.at("dataset").get<std::string>(),
             record.at("protocol").get<std::string>(), record.at("optimistic").get<bool>() ? " (optimistic)" : "", record.at("calibration").get<std::string>(),
             record.at("calibration_windows").get<std::size_t>(), "part", "windows", "float32 %", "int8 %", "same label %", command.fine_tune ? "   fine-tuned int8 %" : "");
  for (const char* name : {"validation", "test"}) {
    if (!record.at("parts").contains(name)) continue;
    const Json& part = record.at("parts").at(name);
    const auto percent = [&](const char* what) { return 100 * part.at(what).get<double>(); };
    fmt::print("{:<12} {:>8} {:>10.2f} {:>8.2f} {:>12.2f}", name, part.at("windows").get<std::size_t>(), percent("float32"), percent("int8"), percent("same_label"));
    fmt::print("{}\n", command.fine_tune ? fmt::format(" {:>19.2f}", percent("int8_tuned")) : "");
  }
  if (command.fine_tune)
    fmt::print("\nfine-tuned: epoch {} of {}{}; the run is in {}\n", record.at("tuning").at("best_epoch").get<int>(), command.tune.epochs,
               record.at("parts").contains("validation") ? " is best on the validation part" : " (the last: the run was trained on its validation part)", command.out);
  fmt::print("\n{:<16} {:<20} {:>8} {:>12} {:>11}\n", "network", "node", "SQNR dB", "scale", "zero point");
  for (const Json& layer : record.at("layers"))
    fmt::print("{:<16} {:<20} {:>8.1f} {:>12.5g} {:>11}\n", layer.at("network").get<std::string>(), layer.at("node").get<std::string>(), layer.at("sqnr_db").get<double>(),
               layer.at("scale").get<double>(), layer.at("zero_point").get<int>());
}

void run_quantize(const QuantizeCommand& command) {
  namespace fs = std::filesystem;
  tune::TuneOptions options = command.tune;
  options.calibration_windows = command.calibration.windows;
  const compile::Program program = tune::program_of_run(command.run);
  const tune::TrainedRun run = tune::read_run(command.run);
  options.quantize.calibration = tune::resolve_calibration(command.calibration.name, run, program, options);
  std::optional<Progress> progress;
  if (command.fine_tune) {
    progress.emplace("fine-tuning", options.epochs);
    options.on_epoch = [&](int epoch) { progress->update(epoch); };
  }
  const tune::Assessment assessment = tune::assess(run, options, command.threads, command.out);
  if (progress) progress->finish();
  if (!command.qdq.empty()) {
    make_output_folder(command.qdq, "selector.onnx", false);
    for (const compile::Graph& network : assessment.quantized.networks)
      model::write_onnx(fs::path(command.qdq) / (network.name + ".onnx"), compile::export_qdq(network));
  }
  if (command.json)
    fmt::print("{}\n", assessment.record.dump(2));
  else
    print(command, assessment.record);
}

}  // namespace

void add_quantize(CLI::App& app) {
  auto* verb = app.add_subcommand("quantize",
                                  "What int8 costs a trained run: accuracy of float32 and int8 on its split, and the noise that each layer adds. The int8\n"
                                  "network is the one that ditmos compile --precision int8 writes, bit for bit (docs/INT8.md). With --qat the weights are first\n"
                                  "fine-tuned for integers, and --out becomes a run like any other, for compile, simulate and report.");
  auto command = std::make_shared<QuantizeCommand>();
  verb->add_option("run", command->run, "Run folder.")->required()->type_name("RUN");
  command->calibration.add_to(*verb);
  verb->add_option("--percentile", command->tune.quantize.percentile, "Share of values that percentile keeps.")->check(CLI::Range(50.0, 100.0))->capture_default_str();
  auto* out = verb->add_option("--out", command->out, "New run folder for the fine-tuned networks.")->type_name("DIR");
  auto* qat = verb->add_flag("--qat", command->fine_tune, "Fine-tune first, with rounded weights and activations; the best epoch on the validation part is kept, or the last where the run was trained on that too.")->needs(out);
  out->needs(qat);
  verb->add_option("--epochs", command->tune.epochs, "Epochs of fine-tuning.")->check(CLI::Range(1, 10000))->capture_default_str()->needs(qat);
  verb->add_option("--learning-rate", command->tune.learning_rate, "First learning rate of fine-tuning (AdamW).")->check(CLI::Range(1e-9, 1.0))->capture_default_str()->needs(qat);
  verb->add_option("--threads", command->threads, "Threads of fine-tuning (0: all cores).")->check(CLI::Range(0, 1024))->capture_default_str();
  verb->add_option("--qdq", command->qdq, "Also write the int8 networks as ONNX in QDQ form into this new folder.")->type_name("DIR");
  verb->add_flag("--json", command->json, "Print JSON instead of the tables.");
  verb->callback([command] { run_quantize(*command); });
}

}  // namespace ditmos::cli
