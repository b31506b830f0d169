// Instructions, modelled cycles and memory of our emitted C and of its peers, in the emulator: one table.
//   bench_device [--cmsis-nn CHECKOUT] [--nnom CHECKOUT] [--onnx2c PROGRAM --bundle BUNDLE] [--build BUILD_FOLDER ...]
// Peers are measured from what the user names; only the glue in bench/peers and here is ours. Each row is run on the host as
// well, and says whether all outputs agree.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "core/source_dir.hpp"
#include "device/process.hpp"
#include "device/scratch.hpp"
#include "device/simulate.hpp"
#include "model/bundle.hpp"

namespace {
namespace fs = std::filesystem;
using namespace ditmos;
using namespace ditmos::device;

struct Network {
  const char* name;
  const char* glue;  ///< in bench/peers
  int channels, height, width, classes, classifiers, arena_bytes;
  std::vector<int> weights, filters;  ///< of w0, w1, ... and b0, b1, ...
  double macs;
};

std::string array(const char* type, const std::string& name, int n, Random& random, int low, int high) {
  std::string out = fmt::format("static const {} {}[{}] = {{", type, name, n);
  for (int i = 0; i < n; ++i)
    out += fmt::format("{},", low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1))));
  return out + "};\n";
}

/// The header of a peer's network: the interface of our emitted code.
void write_header(const fs::path& folder, const Network& network) {
  const auto macro = [](const char* name, int value) { return fmt::format("#define DITMOS_MODEL_{} {}\n", name, value); };
  write_file_atomic(folder / "ditmos_model.h",
                    macro("ARENA_BYTES", network.arena_bytes) + macro("CHANNELS", network.channels) +
                        macro("HEIGHT", network.height) + macro("WIDTH", network.width) + macro("CLASSES", network.classes) +
                        macro("CLASSIFIERS", network.classifiers) +
                        "void ditmos_model_set_input(void *arena, const float *window);\nint ditmos_model_run(void *arena);\n"
                        "int ditmos_model_choice(const void *arena);\n"
                        "void ditmos_model_get_logits(const void *arena, float *logits);\n"
                        "int ditmos_model_self_test(void *arena);\n");
}

/// With random weights.
void write_network(const fs::path& folder, const Network& network) {
  write_header(folder, network);
  Random random(1);
  std::string text = "#include <stdint.h>\n" + array("int32_t", "multiplier", 64, random, 1 << 30, (1 << 30) + 1000) +
                     array("int32_t", "shift", 64, random, -8, -8);
  for (std::size_t i = 0; i < network.weights.size(); ++i)
    text += array("int8_t", fmt::format("w{}", i), network.weights[i], random, -127, 127) +
            array("int32_t", fmt::format("b{}", i), network.filters[i], random, -500, 500);
  write_file_atomic(folder / "peer_weights.h", text);
}

const Network kws = {"MLPerf Tiny keyword spotting", "kws.c", 1, 49, 10, 12, 1, 40000,
                     {2560, 576, 4096, 576, 4096, 576, 4096, 576, 4096, 768}, {64, 64, 64, 64, 64, 64, 64, 64, 64, 12}, 2656768};
const Network paper = {"paper's network", "paper.c", 3, 1, 151, 17, 6, 12000,
                       {360, 576, 160, 3328, 384, 360, 1152, 320, 3328, 1088}, {8, 8, 4, 64, 6, 8, 8, 4, 64, 17}, 222928};

/// Random windows and what the host makes of them.
struct Reference {
  std::vector<float> windows;
  HarnessResults host;
};

Reference reference(const EmittedModel& model, std::size_t n) {
  Reference out;
  out.windows.resize(n * run_on_host(model, {}, 0).window_values);
  Random random(2);
  for (float& value : out.windows) value = static_cast<float>(random.uniform(-1, 1));
  out.host = run_on_host(model, out.windows, n);
  return out;
}

void row(const std::string& what, const EmittedModel& model, const Reference& expected, const std::string& board_name,
         const std::string& optimize, double macs) {
  const Board board = find_board(board_name);
  const std::size_t n = expected.host.labels.size();
  SimulationOptions options;
  options.optimize = optimize;
  const SimulationResult chip = simulate(model, board, expected.windows, n, options);
  const HarnessResults& host = expected.host;
  double instructions = 0, cycles = 0;
  for (std::size_t i = 0; i < n; ++i) {
    instructions += static_cast<double>(chip.instructions[i]) / static_cast<double>(n);
    cycles += chip.cycles_modelled[i] / static_cast<double>(n);
  }
  const bool same = chip.outputs.labels == host.labels && chip.outputs.logits == host.logits;
  const auto per_mac = [&](double count) { return macs > 0 ? fmt::format("{:.2f}", count / macs) : "-"; };
  fmt::print("{:<38} {:<16} {:<4} {:>10.0f} {:>7} {:>11.0f} {:>7} {:>8.3f} {:>7} {:>6} {:>7}  {}\n", what, board.name,
             optimize, instructions, per_mac(instructions), cycles, per_mac(cycles), chip.ms_modelled,
             chip.ram_total(), chip.ram_stack, chip.flash.total(), same ? "= host" : "differs from host");
  std::fflush(stdout);
}

/// A network of bench/peers on a library: its C sources, and the peer_*.h that calls it.
EmittedModel library_model(const Network& network, const fs::path& folder, const std::string& peer, std::vector<fs::path> sources, const std::vector<fs::path>& includes) {
  write_network(folder, network);
  EmittedModel model;
  model.folder = folder;
  const fs::path peers = fs::path(DITMOS_SOURCE_DIR) / "bench" / "peers";
  model.sources = std::move(sources);
  model.sources.insert(model.sources.begin(), peers / network.glue);
  model.flags = {"-I" + peers.string(), "-DDITMOS_PEER=\"" + peer + "\"", "-std=gnu11", "-w"};
  for (const fs::path& include : includes) model.flags.push_back("-I" + fs::absolute(include).string());
  return model;
}

EmittedModel cmsis_nn(const fs::path& checkout, const Network& network, const fs::path& folder) {
  if (!fs::exists(checkout / "Include" / "arm_nnfunctions.h"))
    throw Error(checkout.string() + " is no checkout of CMSIS-NN", "it holds Include/arm_nnfunctions.h");
  std::vector<fs::path> sources;
  for (const char* part : {"ConvolutionFunctions", "FullyConnectedFunctions", "PoolingFunctions", "NNSupportFunctions",
                           "TransposeFunctions"})
    for (const auto& entry : fs::directory_iterator(checkout / "Source" / part)) {
      const std::string name = entry.path().filename().string();
      bool used = entry.path().extension() == ".c";  // not for other networks and other types
      for (const char* other : {"lstm", "svdf", "transpose_conv", "batch", "transpose_s16", "_s4", "_f32", "_f16", "fast_s16", "wrapper_s16", "get_buffer_sizes_s16"})
        used = used && name.find(other) == std::string::npos;
      if (used) sources.push_back(entry.path());
    }
  return library_model(network, folder, "peer_cmsis_nn.h", sources, {checkout / "Include"});
}

EmittedModel nnom(const fs::path& checkout, const Network& network, const fs::path& folder) {
  const fs::path kernels = checkout / "src" / "backends" / "nnom_local.c";
  if (!fs::exists(kernels)) throw Error(checkout.string() + " is no checkout of NNoM", "it holds src/backends/nnom_local.c");
  return library_model(network, folder, "peer_nnom.h", {kernels}, {checkout / "inc", checkout / "port"});
}

int size_of(const model::ValueInfo& value) {
  std::int64_t size = 1;
  for (const std::int64_t dim : value.dims) size *= dim;
  return static_cast<int>(size);
}

/// The selector and the first classifier of a bundle as onnx2c writes them, each with one function `entry` of its inputs, then its outputs.
EmittedModel onnx2c(const fs::path& program, const fs::path& bundle, const fs::path& folder) {
  const model::Bundle read = model::read_bundle(bundle);
  if (read.combine != model::Combine::select || read.networks.size() < 2) throw Error(bundle.string() + " holds no selector with classifiers");
  EmittedModel model;
  model.folder = folder;
  model.flags = {"-w"};
  std::string members, calls, prototypes, clear;
  const char* const part_names[] = {"selector", "classifier"};
  for (std::size_t part = 0; part < 2; ++part) {
    const std::string name = part_names[part];
    const model::Graph& graph = read.networks[part];
    const fs::path onnx = folder / (name + ".onnx"), source = folder / (name + ".c");
    model::write_onnx(onnx, graph);
    ProcessOptions options;
    options.most_output = std::size_t{1} << 26;
    write_file_atomic(source, fmt::format("#define entry peer_{}\n", name) + run_checked({fs::absolute(program).string(), onnx.string()}, "translate " + name + ".onnx with onnx2c", options).out);
    model.sources.push_back(source);
    std::string parameters, arguments;
    const auto add = [&](const model::ValueInfo& value, bool input) {
      const std::string member = value.name == "logits" ? name + "_logits" : value.name;
      if (!input || value.name == "window")
        if (const std::string declaration = fmt::format("  float {}[{}];\n", member, size_of(value)); members.find(declaration) == std::string::npos) members += declaration;
      parameters += std::string(parameters.empty() ? "" : ", ") + (input ? "const float *" : "float *") + member;
      arguments += (arguments.empty() ? "s->" : ", s->") + member;
    };
    for (const auto& value : graph.inputs) add(value, true);
    for (const auto& value : graph.outputs) add(value, false);
    prototypes += fmt::format("void peer_{}({});\n", name, parameters);
    calls += fmt::format("  peer_{}({});\n", name, arguments);
  }
  int floats = 0;
  for (std::size_t part = 0; part < 2; ++part)
    for (const auto& value : read.networks[part].outputs) floats += size_of(value);
  const int window = size_of(read.networks[0].inputs.at(0)), classes = static_cast<int>(read.classes.size());
  const auto& shape = read.networks[0].inputs[0].dims;
  if (shape.size() != 3) throw Error("the bundle's windows are no series");
  write_header(folder, {"", "", static_cast<int>(shape[1]), 1, static_cast<int>(shape[2]), classes, static_cast<int>(read.networks.size()) - 1, 4 * (window + floats), {}, {}, 0});
  write_file_atomic(folder / "glue.c",
                    "#include \"ditmos_model.h\"\n#include <string.h>\n" + prototypes + "struct state {\n" + members +
                        fmt::format("}};\nstatic int argmax(const float *x, int n) {{\n  int best = 0;\n  for (int i = 1; i < n; ++i)\n    if (x[i] > x[best]) best = i;\n  return best;\n}}\n"
                                    "void ditmos_model_set_input(void *arena, const float *window) {{ memcpy(((struct state *)arena)->window, window, {0}); }}\n"
                                    "int ditmos_model_run(void *arena) {{\n  struct state *s = arena;\n{1}  return argmax(s->classifier_logits, {2});\n}}\n"
                                    "int ditmos_model_choice(const void *arena) {{ (void)arena; return -1; }}\n"
                                    "void ditmos_model_get_logits(const void *arena, float *logits) {{ memcpy(logits, ((const struct state *)arena)->classifier_logits, {3}); }}\n"
                                    "int ditmos_model_self_test(void *arena) {{ (void)arena; return 0; }}\n",
                                    4 * window, calls, classes, 4 * classes));
  model.sources.push_back(folder / "glue.c");
  return model;
}

/// Multiply-accumulates of one inference, as the compiler recorded them; 0 when it did not.
double macs_of(const fs::path& build) {
  if (!fs::exists(build / "compile.json")) return 0;
  const Json record = read_json(build / "compile.json");
  return record.value("macs", 0.0);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Instructions, modelled cycles and memory beside those of peers, in the emulator."};
  std::string checkout, nnom_checkout, onnx2c_program, bundle;
  std::vector<std::string> builds, boards = {"nucleo-l4r5zi", "nucleo-f746zg"};
  std::string optimize = "-O3";
  std::size_t windows = 4;
  app.add_option("--cmsis-nn", checkout, "Checkout of CMSIS-NN to measure.");
  app.add_option("--nnom", nnom_checkout, "Checkout of NNoM to measure, with its own kernels.");
  auto* with_bundle = app.add_option("--bundle", bundle, "Bundle that onnx2c translates.");
  app.add_option("--onnx2c", onnx2c_program, "Built onnx2c to measure.")->needs(with_bundle);
  app.add_option("--build", builds, "Our own build folders to measure.");
  app.add_option("--board", boards, "Boards.");
  app.add_option("--optimize", optimize, "Level of the C compiler.");
  app.add_option("--windows", windows, "Random windows a row.")->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  try {
    fmt::print("{:<38} {:<16} {:<4} {:>10} {:>7} {:>11} {:>7} {:>8} {:>7} {:>6} {:>7}\n", "", "board", "gcc", "instr.", "/MAC",
               "cycles*", "/MAC", "ms*", "RAM", "stack", "flash");
    const auto rows = [&](const std::string& what, double macs, const auto& make) {
      const Scratch scratch;
      const EmittedModel model = make(scratch.path());
      const Reference expected = reference(model, windows);
      for (const auto& board : boards) row(what, model, expected, board, optimize, macs);
    };
    for (const Network* network : {&kws, &paper}) {
      if (!checkout.empty())
        rows(fmt::format("CMSIS-NN, {}", network->name), network->macs, [&](const fs::path& folder) { return cmsis_nn(checkout, *network, folder); });
      if (!nnom_checkout.empty())
        rows(fmt::format("NNoM, {}", network->name), network->macs, [&](const fs::path& folder) { return nnom(nnom_checkout, *network, folder); });
    }
    if (!onnx2c_program.empty())
      rows("onnx2c, selector and a classifier", 0, [&](const fs::path& folder) { return onnx2c(onnx2c_program, bundle, folder); });
    for (const auto& build : builds) {
      const EmittedModel model = find_emitted_model(build);
      const Reference expected = reference(model, windows);
      for (const auto& board : boards) row("ours, " + build, model, expected, board, optimize, macs_of(build));
    }
    fmt::print("* modelled (docs/CYCLES.md)\n");
  } catch (const Error& e) {
    fmt::print(stderr, "error: {}\n", e.what());
    if (!e.hint().empty()) fmt::print(stderr, "hint: {}\n", e.hint());
    return 1;
  }
  return 0;
}
