#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "compile/import.hpp"
#include "compile/interpreter.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "core/random.hpp"
#include "device/simulate.hpp"
#include "frontend/front_end.hpp"
#include "method/evaluation.hpp"
#include "method/run.hpp"
#include "model/bundle.hpp"
#include "tune/chip_input.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {
namespace fs = std::filesystem;

struct Options {
  std::string build, board, split = "test";
  std::size_t limit = 0, random = 0;
  double timeout_s = 600;
  device::SimulationOptions simulation;
  bool json = false, features = false;
};

/// Windows to run, and the protocol that they are of (empty: they are random).
struct Input : tune::ChipInput {
  std::string protocol;
};

/// A path of compile.json: as written, or beside the build folder.
fs::path recorded_path(const Json& record, const char* key, const fs::path& build) {
  if (!record.contains(key) || !record.at(key).is_string()) return {};
  const fs::path path = record.at(key).get<std::string>();
  if (path.empty()) return {};
  return fs::exists(path) || path.is_absolute() ? path : build / path;
}

const std::vector<std::uint32_t>& part_of(const data::Split& split, const std::string& name) {
  if (name == "train") return split.train;
  return name == "validation" ? split.validation : split.test;
}

Input read_split(const fs::path& run, const Options& options, const frontend::FrontEnd* front_end) {
  const method::Config config = method::read_run_config(run);
  const data::Dataset dataset = method::load_data(config);
  const data::Split split = method::split_data(config, dataset);
  std::vector<std::uint32_t> rows = part_of(split, options.split);
  if (rows.empty()) throw Error("the " + options.split + " part of the run's split is empty", "choose another --split");
  if (options.limit != 0) rows.resize(std::min(options.limit, rows.size()));
  return {tune::chip_input(config, dataset, rows, front_end), split.protocol};
}

/// Of continuous mode: each window is the one before, a hop further on.
Input random_windows(const Json& record, const std::string& file, std::size_t n) {
  const Json shape = json_get<Json>(record, "input", file);
  const std::size_t values = json_get<std::size_t>(shape, "channels", file) * json_get<std::size_t>(shape, "height", file) *
                             json_get<std::size_t>(shape, "width", file);
  if (values == 0 || values > 1u << 24) throw Error(file + ": \"input\" has no sensible size");
  Input input;
  input.n = n;
  input.windows.resize(n * values);
  Random random(1);
  for (float& value : input.windows) value = static_cast<float>(random.normal());
  const auto hop = record.contains("hop") ? json_get<std::size_t>(record, "hop", file) : 0, width = json_get<std::size_t>(shape, "width", file);
  for (std::size_t i = values; hop > 0 && i < input.windows.size(); ++i)
    if (i % width + hop < width) input.windows[i] = input.windows[i - values + hop];
  return input;
}

/// Largest difference of two rows of logits, relative to the largest of the second.
double relative_error(std::span<const float> a, std::span<const float> b) {
  double largest = 0, scale = 1e-6;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    scale = std::max(scale, std::abs(static_cast<double>(b[i])));
  }
  return largest / scale;
}

/// The float reference's labels and logits, window by window.
struct Reference {
  std::vector<std::int32_t> labels;
  std::vector<float> logits;
};

Reference interpret(const fs::path& bundle, const Input& input) {
  const compile::Program program =
      bundle.extension() == ".onnx"
          ? compile::import_network(model::read_onnx(bundle), "reference")
          : compile::import_bundle(model::read_bundle(bundle), "reference");
  Reference out;
  Progress progress("float reference", static_cast<std::int64_t>(input.n));
  const std::size_t size = input.windows.size() / input.n;
  for (std::size_t i = 0; i < input.n; ++i) {
    const auto result = compile::run_program(program, std::span(input.windows).subspan(i * size, size));
    out.labels.push_back(result.label);
    out.logits.insert(out.logits.end(), result.logits.begin(), result.logits.end());
    progress.update(static_cast<std::int64_t>(i + 1));
  }
  progress.finish();
  return out;
}

template <class T>
std::size_t differences(const std::vector<T>& a, const std::vector<T>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) count += a[i] != b[i];
  return count + std::max(a.size(), b.size()) - std::min(a.size(), b.size());
}

double largest_error(const std::vector<float>& a, const std::vector<float>& b, std::size_t classes) {
  double largest = 0;
  if (a.size() != b.size() || classes == 0) throw Error("the chip's and the reference's outputs differ in size");
  for (std::size_t i = 0; i + classes <= a.size(); i += classes)
    largest = std::max(largest, relative_error(std::span(a).subspan(i, classes), std::span(b).subspan(i, classes)));
  return largest;
}

std::string crc_of(const std::vector<float>& values) {
  return fmt::format("{:08x}", crc32(std::as_bytes(std::span(values))));
}

Json to_json(const device::SimulationResult& chip, const device::Board& board, const Options& options, const Input& input,
             double macs) {
  double mean = 0, cycles = 0;
  for (std::size_t i = 0; i < input.n; ++i) {
    mean += static_cast<double>(chip.instructions[i]) / static_cast<double>(input.n);
    cycles += chip.cycles_modelled[i] / static_cast<double>(input.n);
  }
  Json functions = Json::array();
  for (const auto& function : chip.by_function)
    functions.push_back({{"name", function.name}, {"mean", function.mean_instructions},
                         {"cycles_modelled", function.mean_cycles_modelled}});
  Json out = {{"board", board.name}, {"core", chip.core}, {"machine", chip.machine}};
  out["split"] = options.random ? "random" : options.split;
  out["protocol"] = input.protocol.empty() ? Json() : Json(input.protocol);
  out["windows"] = input.n;
  if (!input.labels.empty()) {
    const method::Accuracy share = method::accuracy_of(chip.outputs.labels, input.labels, static_cast<int>(input.classes));
    out["accuracy"] = share.accuracy;
    out["macro_accuracy"] = share.macro_accuracy;
  }
  out["self_test"] = chip.outputs.self_test == 0;
  out["inputs_crc32"] = crc_of(input.windows);
  out["outputs_crc32"] = crc_of(chip.outputs.logits);
  out["ram"] = {{"arena", chip.ram_arena}, {"static", chip.ram_static}, {"stack", chip.ram_stack}, {"total", chip.ram_total()}};
  const device::FlashUse& flash = chip.flash;
  out["flash"] = {{"total", flash.total()},     {"weights", flash.weights}, {"code", flash.code()},      {"constants", flash.constants},
                  {"kernels", flash.kernels},   {"library", flash.library}, {"harness", flash.harness}};
  if (chip.nvm_bytes > 0) out["nvm"] = {{"bytes", chip.nvm_bytes}, {"instructions", chip.nvm_instructions}};
  const auto [low, high] = std::minmax_element(chip.instructions.begin(), chip.instructions.end());
  out["instructions"] = {{"mean", mean}, {"min", *low}, {"max", *high}, {"per_mac", macs > 0 ? Json(mean / macs) : Json()},
                         {"by_function", functions}};
  out["cycles_modelled"] = cycles;
  out["ms_modelled"] = chip.ms_modelled;
  out["mj_modelled"] = chip.mj_modelled;
  return out;
}

/// The front end alone on some windows, and what that leaves for the networks. Its work hardly depends on the samples.
void add_front_end(Json& result, device::EmittedModel model, const device::Board& board, const Options& options, const Input& input, double macs,
                   const Json& record) {
  const std::size_t n = std::min<std::size_t>(input.n, 8), size = input.samples.size() / input.n;
  model.entry = device::Entry::front_end;
  const auto chip = device::simulate(model, board, std::span(input.samples).subspan(0, n * size), n, options.simulation);
  double mean = 0, cycles = 0;
  for (std::size_t i = 0; i < n; ++i) {
    mean += static_cast<double>(chip.instructions[i]) / static_cast<double>(n);
    cycles += chip.cycles_modelled[i] / static_cast<double>(n);
  }
  const double whole = result["instructions"]["mean"].get<double>();
  result["front_end"] = {{"kind", record.at("kind")}, {"windows", n}, {"instructions", mean}, {"cycles_modelled", cycles}, {"ms_modelled", chip.ms_modelled},
                         {"mj_modelled", chip.mj_modelled}, {"ram", record.value("ram", 0)}, {"flash", record.value("flash", 0)}};
  result["networks"] = {{"instructions", whole - mean}, {"cycles_modelled", result["cycles_modelled"].get<double>() - cycles},
                        {"ms_modelled", result["ms_modelled"].get<double>() - chip.ms_modelled}};
  result["instructions"]["per_mac"] = macs > 0 ? Json((whole - mean) / macs) : Json();
}

void print(const Json& r) {
  fmt::print("{} ({}, emulated as {}), {} windows of {}{}\n", r["board"].get<std::string>(), r["core"].get<std::string>(),
             r["machine"].get<std::string>(), r["windows"].get<std::size_t>(), r["split"].get<std::string>(),
             r["protocol"].is_null() ? "" : ", protocol " + r["protocol"].get<std::string>());
  if (r.contains("accuracy"))
    fmt::print("  accuracy       {:.2f} %, macro {:.2f} %\n", 100 * r["accuracy"].get<double>(),
               100 * r["macro_accuracy"].get<double>());
  fmt::print("  against host   {} of {} labels differ, logits {}\n", r["label_mismatches"].get<std::size_t>(),
             r["windows"].get<std::size_t>(), r["bit_exact"].get<bool>() ? "the same bit for bit" : "differ in rounding");
  if (!r["max_logit_error"].is_null())
    fmt::print("  float model    {} labels differ, largest relative error of logits {:.1e}\n",
               r["reference_label_mismatches"].get<std::size_t>(), r["max_logit_error"].get<double>());
  const Json& i = r["instructions"];
  fmt::print("measured in the emulator, one inference\n  instructions   {:.0f} mean, {} to {}{}\n", i["mean"].get<double>(),
             i["min"].get<std::uint64_t>(), i["max"].get<std::uint64_t>(),
             i["per_mac"].is_null() ? "" : fmt::format("; {:.2f} a multiply-accumulate", i["per_mac"].get<double>()));
  if (r.contains("front_end")) {
    const Json& f = r["front_end"];
    fmt::print("  of these       front end {} {:.0f}, networks {:.0f}\n", f["kind"].get<std::string>(), f["instructions"].get<double>(),
               r["networks"]["instructions"].get<double>());
  }
  const Json &ram = r["ram"], &flash = r["flash"];
  fmt::print("  RAM            {} bytes: arena {}, static {}, stack {}\n", ram["total"].get<int>(), ram["arena"].get<int>(),
             ram["static"].get<int>(), ram["stack"].get<int>());
  fmt::print("  flash          {} bytes: weights {}, functions {}, constants {}, C library {}; the harness, {} bytes, is not in it\n",
             flash["total"].get<int>(), flash["weights"].get<int>(), flash["kernels"].get<int>(), flash["constants"].get<int>(),
             flash["library"].get<int>(), flash["harness"].get<int>());
  if (r.contains("nvm"))
    fmt::print("  non-volatile   {} bytes, simulated in an array that is not in the RAM above; {:.0f} of the instructions copy\n",
               r["nvm"]["bytes"].get<int>(), r["nvm"]["instructions"].get<double>());
  fmt::print("modelled (docs/CYCLES.md)\n  cycles         {:.0f}\n  latency        {:.3f} ms\n  energy         {:.3f} mJ\n",
             r["cycles_modelled"].get<double>(), r["ms_modelled"].get<double>(), r["mj_modelled"].get<double>());
  if (r.contains("front_end"))
    fmt::print("  of these       front end {:.3f} ms, {:.3f} mJ\n", r["front_end"]["ms_modelled"].get<double>(), r["front_end"]["mj_modelled"].get<double>());
}

void run(Options options) {
  const fs::path build = options.build;
  const fs::path file = build / "compile.json";
  if (!fs::exists(file))
    throw Error(build.string() + " is no build folder: it holds no compile.json",
                "make one with: ditmos compile RUN --out " + build.string());
  const Json record = read_json(file);
  if (!record.is_object()) throw Error(file.string() + " is no JSON object");
  if (!record.contains("input") || !record.at("input").is_object())
    throw Error(build.string() + " holds a network without a window and logits, and only a classifier of windows can be simulated",
                "call its functions from a program of your own; the header declares them");
  if (options.board.empty()) {
    if (!record.contains("board") || !record.at("board").is_string())
      throw Error(file.string() + " names no board", "name one with --board; ditmos boards lists them");
    options.board = record.at("board").get<std::string>();
  }
  const device::Board board = device::find_board(options.board);
  const fs::path run_folder = recorded_path(record, "run", build), bundle = recorded_path(record, "bundle", build);
  if (run_folder.empty() && options.random == 0)
    throw Error(file.string() + " names no run, so there is no data set to take windows from",
                "simulate random windows with --random 16");
  const bool has_front_end = record.contains("front_end") && record.at("front_end").is_object();
  std::optional<frontend::FrontEnd> front_end;
  if (has_front_end && !options.features && options.random == 0) front_end.emplace(frontend::parse_settings(record.at("front_end"), file.string() + ": front end"));
  const Input input = options.random ? random_windows(record, file.string(), options.random) : read_split(run_folder, options, front_end ? &*front_end : nullptr);
  const double macs = record.contains("macs") && record.at("macs").is_number() ? record.at("macs").get<double>() : 0;

  options.simulation.timeout_s = options.timeout_s;
  options.simulation.sliding = options.random > 0 && record.contains("hop");
  device::EmittedModel model = device::find_emitted_model(build);
  model.entry = front_end ? device::Entry::samples : device::Entry::window;
  const auto chip = device::simulate(model, board, input.fed(), input.n, options.simulation);
  if (chip.outputs.self_test != 0)
    throw Error("the model's self-test fails on the emulated " + chip.core, "compile the model again");
  const auto host = device::run_on_host(model, input.fed(), input.n, options.timeout_s, options.simulation.sliding);
  Json result = to_json(chip, board, options, input, macs);
  if (front_end) add_front_end(result, model, board, options, input, macs, record.at("front_end"));
  result["label_mismatches"] = differences(chip.outputs.labels, host.labels);
  result["bit_exact"] = differences(chip.outputs.logits, host.logits) == 0 && chip.outputs.labels == host.labels;
  result["max_logit_error"] = Json();
  if (!bundle.empty() && fs::exists(bundle)) {
    const Reference reference = interpret(bundle, input);
    result["reference_label_mismatches"] = differences(chip.outputs.labels, reference.labels);
    result["max_logit_error"] = largest_error(chip.outputs.logits, reference.logits, chip.outputs.classes);
  }
  write_json(build / "simulation.json", result);
  if (options.json)
    fmt::print("{}\n", result.dump(2));
  else
    print(result);
}

}  // namespace

void add_simulate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* verb = app.add_subcommand(
      "simulate", "Run a build folder's C code on the emulated chip, on every window of a split, and measure it.\n"
                  "Instructions, RAM, flash and stack are measured; cycles, milliseconds and millijoules are modelled.\n"
                  "Writes simulation.json into the build folder.");
  verb->add_option("build", options->build, "Build folder of ditmos compile.")->required();
  verb->add_option("--board", options->board, "Board (default: the one it was compiled for); see ditmos boards.");
  verb->add_option("--split", options->split, "Part of the run's data to run.")
      ->check(CLI::IsMember({"test", "validation", "train"}))
      ->capture_default_str();
  verb->add_option("--limit", options->limit, "Run at most so many windows (0: all).")->capture_default_str();
  verb->add_flag("--features", options->features, "Start from the features, without the front end.");
  verb->add_option("--random", options->random, "Run so many random windows instead of a data set's (of continuous mode: each a hop further on).");
  verb->add_option("--optimize", options->simulation.optimize, "The C compiler's level for the emitted code.")
      ->check(CLI::IsMember({"-O1", "-O2", "-O3", "-Os"}))
      ->capture_default_str();
  verb->add_option("--timeout", options->timeout_s, "Seconds after which the emulation is stopped.")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_flag("--json", options->json, "Print simulation.json instead of the table.");
  verb->callback([options] { run(*options); });
}

}  // namespace ditmos::cli
