#include "compile/compile.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "calibration_options.hpp"
#include "compile/front_end.hpp"
#include "compile/quantize/kernel_arguments.hpp"
#include "compile/quantize/qdq.hpp"
#include "compile/schedule/nvm_cost.hpp"
#include "core/error.hpp"
#include "device/board.hpp"
#include "device/simulate.hpp"
#include "device/toolchain.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct CompileCommand {
  std::string input, board, out, precision = "float32";
  CalibrationOptions calibration;
  std::string calibration_run;
  compile::Options options;
  std::size_t ram = 0, flash = 0;
  double latency = 0;
  bool plan_only = false, json = false;
};

/// Multiply-accumulates a millisecond that the planner assumes; the simulator counts what the code takes. Cycles a MAC by core.
double macs_per_ms(const device::Board& board, bool int8) {
  if (int8) {
    const bool dsp = board.core == "cortex-m4" || board.core == "cortex-m33";
    return board.clock_mhz * 1000 / (board.core == "cortex-m7" ? 1.0 : board.core == "cortex-m55" ? 0.8 : dsp ? 1.7 : 5.0);
  }
  const bool fpu = board.core == "cortex-m4" || board.core == "cortex-m7" || board.core == "cortex-m33" || board.core == "cortex-m55";
  const double cycles = board.core == "cortex-m7" || board.core == "cortex-m55" ? 2.2 : fpu ? 2.8 : 60;
  return board.clock_mhz * 1000 / cycles;
}

struct Loaded {
  compile::Program program;
  std::shared_ptr<const frontend::FrontEnd> front_end;
  std::optional<frontend::Stream> stream;
  std::string run, bundle;  ///< folders, or empty
  std::string no_stream;    ///< why there is none, where the manifest asks for one
};

/// A run folder, a bundle folder or an ONNX file, which may be quantized already (QDQ).
Loaded load(const std::string& input, const std::string& name, compile::WeightLayout layout) {
  namespace fs = std::filesystem;
  const fs::path path(input);
  const auto bundle = [&](const fs::path& folder, const std::string& run) -> Loaded {
    const model::Bundle read = model::read_bundle(folder);
    Loaded loaded{compile::import_bundle(read, name), compile::import_front_end(read), {}, run, fs::absolute(folder).string(), {}};
    loaded.stream = compile::import_stream(read, loaded.front_end.get(), loaded.no_stream);
    return loaded;
  };
  if (!fs::exists(path)) throw Error("there is no run, bundle or ONNX file " + input, "ditmos train writes a run");
  if (!fs::is_directory(path)) {
    const model::Graph graph = model::read_onnx(path);
    return {compile::is_qdq(graph) ? compile::import_qdq(graph, name, layout) : compile::import_network(graph, name), nullptr, {}, "", "", ""};
  }
  if (fs::exists(path / "manifest.json")) return bundle(path, "");
  if (!fs::exists(path / "bundle" / "manifest.json"))
    throw Error(input + " holds no trained model", "a run whose training has finished holds bundle/manifest.json");
  return bundle(path / "bundle", fs::absolute(path).string());
}

/// Bytes of code on the core, where its compiler is installed.
std::optional<std::size_t> code_on(const std::string& core, const std::string& name, const std::vector<compile::File>& files) {
  try {
    device::find_tool("arm-none-eabi-gcc");
  } catch (const Error&) {
    return std::nullopt;
  }
  std::vector<std::pair<std::string, std::string>> named;
  for (const compile::File& file : files) named.emplace_back(file.name, file.content);
  return device::link_for(named, name, core).code();
}

void print_candidates(const std::vector<compile::Candidate>& candidates, double speed) {
  fmt::print("{:<14} {:>9} {:>9} {:>11}{}  {}\n", "schedule", "RAM B", "weights B", "MACs", speed > 0 ? "   ms modelled" : "", "");
  for (const compile::Candidate& c : candidates) {
    const std::string ms = speed > 0 ? fmt::format("   {:>11.2f}", c.work() / speed) : "";
    fmt::print("{:<14} {:>9} {:>9} {:>11}{}  {}{}\n", c.schedule, c.plan.arena_bytes, c.plan.weight_bytes, c.plan.macs, ms, c.fits ? "fits" : "does not fit", c.on_front ? ", on the Pareto front" : "");
  }
}

/// Each buffer's place and life.
void print_plan(const compile::Plan& plan) {
  fmt::print("\n{:<34} {:>8} {:>8}   steps\n", "buffer", "offset", "bytes");
  for (const compile::Buffer& buffer : plan.buffers) fmt::print("{:<34} {:>8} {:>8}   {}-{}\n", buffer.name, buffer.offset, buffer.size, buffer.first, buffer.last);
}

void run_compile(const CompileCommand& command) {
  compile::Options options = command.options;
  const bool int8 = command.precision == "int8";
  if (!int8 && command.precision != "float32") throw Error("precision \"" + command.precision + "\" is not known", "one of float32, int8");
  double speed = 0;
  std::string core;
  if (!command.board.empty()) {
    const device::Board board = device::find_board(command.board);
    options.budget.ram = board.ram_bytes;
    options.budget.flash = board.flash_bytes;
    options.budget.macs_per_ms = speed = macs_per_ms(board, int8);
    core = options.core = board.core;
    options.measure_code = [core, name = options.name](const std::vector<compile::File>& files) { return code_on(core, name, files); };
  }
  Loaded loaded = load(command.input, options.name, compile::weight_layout_for(core));
  if (command.ram) options.budget.ram = command.ram;
  if (command.flash) options.budget.flash = command.flash;
  if (command.latency > 0) options.budget.latency_ms = command.latency;
  if (int8 && !compile::is_quantized(loaded.program.networks.at(0))) {
    const std::string run = command.calibration_run.empty() ? loaded.run : command.calibration_run;
    if (run.empty()) throw Error("int8 needs training windows to calibrate with, and " + command.input + " is no run", "name one whose data to take: --calibration-run RUN");
    options.int8 = tune::int8_of(tune::read_run(run), loaded.program, command.calibration.name, command.calibration.windows, compile::weight_layout_for(core));
  }
  options.front_end = loaded.front_end;
  options.stream = loaded.stream;
  if (command.plan_only) {
    const auto candidates = compile::plan_candidates(loaded.program, options.budget, options.int8, loaded.front_end);
    print_candidates(candidates, speed);
    return;
  }
  const compile::Compilation compilation = compile::compile(loaded.program, options);
  Json record = compile::to_json(compilation, options);
  if (options.int8) record["calibration"] = compile::name_of(options.int8->options.calibration);
  record["board"] = command.board.empty() ? Json() : Json(command.board);
  record["core"] = core.empty() ? Json() : Json(core);
  record["bundle"] = loaded.bundle.empty() ? Json() : Json(loaded.bundle);
  record["stream"] = loaded.stream ? to_json(*loaded.stream) : Json();
  record["run"] = loaded.run.empty() ? Json() : Json(loaded.run);
  compile::write_build(command.out, compilation, record);
  if (command.json) {
    fmt::print("{}\n", record.dump(2));
    return;
  }
  print_candidates(compilation.candidates, speed);
  print_plan(compilation.plan);
  if (const compile::NvmCost cost = compile::nvm_cost(compilation.plan); cost.bytes > 0)
    fmt::print("\nnon-volatile memory: {} bytes written an inference ({} words, {:.1f} ms and {:.1f} ms of erasing on STM32F7, modelled); two sectors of\n128 KiB are worn out after {} inferences\n",
               cost.bytes, cost.words, cost.write_ms, cost.erase_ms, cost.inferences_until_worn);
  fmt::print("\n{}: schedule {}, RAM {} bytes (input included, stack apart), weights {} bytes ({:.1f} KiB), {} MACs an inference\n", options.name, compilation.schedule,
             compilation.plan.arena_bytes, compilation.plan.weight_bytes, static_cast<double>(compilation.plan.weight_bytes) / 1024, compilation.plan.macs);
  if (compilation.code)
    fmt::print("code {} bytes, as arm-none-eabi-gcc -O3 links it for the {}: {} bytes of flash in all\n", *compilation.code, core, compilation.plan.weight_bytes + *compilation.code);
  if (loaded.stream) fmt::print("{0}_stream_push takes rows of the sensor and {0}_stream_next gives the windows\n", options.name);
  if (!loaded.no_stream.empty()) fmt::print("no {}_stream_push: {}\n", options.name, loaded.no_stream);
  fmt::print("written to {}\n", command.out);
}

}  // namespace

void add_compile(CLI::App& app) {
  auto* verb = app.add_subcommand("compile",
                                  "Turn a trained model into C99 for a microcontroller.\n"
                                  "INPUT is a run folder, a bundle folder, or an ONNX file of one network. Every schedule is planned to the byte; the fastest\n"
                                  "that fits the board (or --ram, --flash, --latency) is written. Milliseconds here are modelled; ditmos simulate counts.");
  auto command = std::make_shared<CompileCommand>();
  verb->add_option("input", command->input, "Run folder, bundle folder or ONNX file.")->required()->type_name("INPUT");
  verb->add_option("--board", command->board, "Board whose RAM and flash are the budget (ditmos boards).")->type_name("BOARD");
  auto* out = verb->add_option("--out", command->out, "Folder for the code; a build that lies there is replaced.")->type_name("DIR");
  verb->add_option("--schedule", command->options.schedule, "auto, layerwise, fused, streaming, streaming-N (N of the selector's maps recomputed), or sliced (the selector's maps\nwait in non-volatile memory; needs two functions of yours).")->capture_default_str();
  verb->add_option("--precision", command->precision, "float32, or int8: post-training quantisation (docs/INT8.md; ditmos quantize says what it costs).")->capture_default_str();
  command->calibration.add_to(*verb, "For int8. ");
  verb->add_option("--calibration-run", command->calibration_run, "int8: run whose training windows to use, where INPUT is no run.")->type_name("RUN");
  verb->add_option("--ram", command->ram, "Most bytes of RAM: the arena, input included; the stack comes on top.")->type_name("BYTES");
  verb->add_option("--flash", command->flash, "Most bytes of flash: weights and code, as compiled for the board (without its compiler: about 12 KiB).")->type_name("BYTES");
  verb->add_option("--latency", command->latency, "Most milliseconds an inference (modelled); needs --board.")->type_name("MS");
  verb->add_option("--hop", command->options.hop, "Continuous mode: columns from one window to the next; what they share is computed once (schedule \"continuous\").")->check(CLI::Range(1, 1000000));
  verb->add_option("--sample-unit", command->options.sample_unit, "Also take a sensor's int16 samples, of which a step is this much in the model's terms.")->check(CLI::PositiveNumber);
  verb->add_option("--name", command->options.name, "C identifier: prefix of files and functions.")->capture_default_str();
  auto* plan = verb->add_flag("--plan", command->plan_only, "Only list the schedules with RAM, flash and work.");
  verb->add_flag("--json", command->json, "Print compile.json instead of the tables.");
  verb->callback([command, out, plan] {
    if (out->count() == 0 && plan->count() == 0) throw CLI::RequiredError("--out");
    run_compile(*command);
  });
}

}  // namespace ditmos::cli
