#pragma once
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/json.hpp"
#include "core/random.hpp"

namespace ditmos {

/// Writes a run folder with every file that a trained and evaluated run has, figures drawn from `seed`.
inline void write_run(const std::filesystem::path& folder, std::uint64_t seed = 1, const std::string& protocol = "group") {
  Random random(seed);
  const std::vector<std::string> classes = {"StandingUpFS", "StandingUpFL", "Walking",      "Running",         "GoingUpS",    "Jumping",
                                            "GoingDownS",   "LyingDownFS",  "SittingDown",  "FallingForw",     "FallingRight", "FallingBack",
                                            "HittingObstacle", "FallingWithPS", "FallingBackSC", "Syncope",    "FallingLeft"};
  const int count = static_cast<int>(classes.size()), classifiers = 6;
  write_json(folder / "run.json", Json{{"command", "ditmos train --dataset unimib-shar --protocol " + protocol},
                                       {"version", "0.1.0"},
                                       {"seed", seed},
                                       {"dataset", "unimib-shar"},
                                       {"method", "ditmos"},
                                       {"protocol", protocol},
                                       {"host", "x86_64, 2 threads"},
                                       {"state", "finished"}});
  write_file_atomic(folder / "config.toml", "method = \"ditmos\"\nseed = " + std::to_string(seed) + "\n\n[train]\nbatch = 8\n");
  for (int epoch = 0; epoch < 50; ++epoch) {
    const double t = std::exp(-epoch / 12.0), noise = 0.02 * random.uniform(-1, 1);
    append_line(folder / "metrics.jsonl", Json{{"epoch", epoch + 1}, {"stage", "strong"}, {"stage_epoch", epoch + 1}, {"loss", 0.1 + 2.4 * t},
                                               {"learning_rate", 0.005}, {"seconds", epoch}, {"validation", {{"accuracy", 0.92 - 0.6 * t + noise}}}}.dump());
  }
  for (int epoch = 0; epoch < 40; ++epoch) {
    const double t = std::exp(-epoch / 9.0), noise = 0.015 * random.uniform(-1, 1);
    append_line(folder / "metrics.jsonl", Json{{"epoch", epoch + 51}, {"stage", "adversarial"}, {"stage_epoch", epoch + 1}, {"loss", 0.2 + 1.1 * t},
                                               {"learning_rate", 0.001}, {"seconds", 50 + epoch},
                                               {"validation", {{"accuracy", 0.83 - 0.35 * t + noise}, {"macro_accuracy", 0.76 - 0.35 * t + noise},
                                                               {"union_accuracy", 0.94 - 0.15 * t}, {"selector_accuracy", 0.9 - 0.2 * t}, {"loss", 0.4 + t}}},
                                               {"best", epoch == 39}}.dump());
  }
  Json confusion = Json::array();
  double right = 0, all = 0;
  for (int r = 0; r < count; ++r) {
    Json row = Json::array();
    for (int c = 0; c < count; ++c) {
      const int n = r == c ? 8 + static_cast<int>(random.below(30)) : static_cast<int>(random.below(10) == 0 ? random.below(5) : 0);
      row.push_back(n);
      all += n;
      if (r == c) right += n;
    }
    confusion.push_back(row);
  }
  Json cka = Json::array(), networks = Json::array();
  std::vector<double> pair(36);
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j)
      pair[static_cast<std::size_t>(i * 6 + j)] = i == j ? 1.0 : j < i ? pair[static_cast<std::size_t>(j * 6 + i)] : random.uniform(0.3, 0.7);
    cka.push_back(std::vector<double>(pair.begin() + i * 6, pair.begin() + i * 6 + 6));
    networks.push_back({{"accuracy", random.uniform(0.35, 0.6)}, {"traffic", 1.0 / classifiers}});
  }
  const Json test = {{"windows", all},        {"accuracy", right / all},   {"macro_accuracy", right / all - 0.06},
                     {"union_accuracy", 0.894}, {"selector_accuracy", 0.9}, {"classifiers", networks},
                     {"overlap", {34, 51, 60, 58, 47, 40, 30}}, {"confusion", confusion}, {"cka", cka}};
  Json validation = test;
  validation["accuracy"] = 0.83;
  write_json(folder / "evaluation.json",
             Json{{"dataset", "unimib-shar"}, {"protocol", protocol}, {"optimistic", protocol == "paper"}, {"seed", seed},
                  {"method", "ditmos"}, {"classes", classes}, {"split", {{"train", 1066}, {"validation", 188}, {"test", all}}},
                  {"parts", {{"validation", validation}, {"test", test}}},
                  {"references", {{"1-nn", {{"accuracy", 0.66}, {"macro_accuracy", 0.612}}}}}});
}

/// Writes a build folder: the plan of the paper's network in the fused schedule, and its simulation.
inline void write_build(const std::filesystem::path& folder, const std::string& run, bool simulated = true) {
  write_json(folder / "compile.json",
             Json{{"name", "ditmos_model"}, {"board", "nucleo-f767zi"}, {"core", "cortex-m7"}, {"precision", "float32"},
                  {"schedule", "fused"},
                  {"candidates",
                   {{{"schedule", "layerwise"}, {"ram", 8704}, {"flash", 171968}, {"macs", 222928}, {"fits", true}},
                    {{"schedule", "fused"}, {"ram", 7124}, {"flash", 171968}, {"macs", 222928}, {"fits", true}},
                    {{"schedule", "streaming"}, {"ram", 3172}, {"flash", 171968}, {"macs", 306750}, {"fits", true}}}},
                  {"ram", {{"arena", 7124}}}, {"flash", {{"weights", 171968}}}, {"macs", 222928},
                  {"input", {{"channels", 3}, {"height", 1}, {"width", 151}}}, {"classes", {"a", "b"}}, {"combine", "select"},
                  {"buffers",
                   {{{"name", "window"}, {"offset", 0}, {"size", 1812}, {"first", 0}, {"last", 5}},
                    {{"name", "map1"}, {"offset", 1812}, {"size", 2176}, {"first", 0}, {"last", 6}},
                    {{"name", "map2"}, {"offset", 3988}, {"size", 960}, {"first", 1}, {"last", 7}},
                    {{"name", "selector.features"}, {"offset", 4948}, {"size", 208}, {"first", 2}, {"last", 3}},
                    {{"name", "classifier.map1"}, {"offset", 4948}, {"size", 2176}, {"first", 5}, {"last", 6}},
                    {{"name", "classifier.map2"}, {"offset", 0}, {"size", 960}, {"first", 6}, {"last", 7}},
                    {{"name", "logits"}, {"offset", 960}, {"size", 68}, {"first", 8}, {"last", 9}}}},
                  {"steps",
                   {"selector.conv1", "selector.conv2", "selector.conv3", "selector.linear1", "selector.linear2", "classifier.conv1",
                    "classifier.conv2", "classifier.conv3", "classifier.linear1", "classifier.linear2"}},
                  {"bundle", nullptr}, {"run", run}});
  if (!simulated) return;
  write_json(folder / "simulation.json",
             Json{{"board", "nucleo-f767zi"}, {"core", "cortex-m7"}, {"machine", "mps2-an500"}, {"split", "test"}, {"windows", 320},
                  {"accuracy", 0.758}, {"macro_accuracy", 0.695}, {"label_mismatches", 0}, {"max_logit_error", 3.1e-6},
                  {"bit_exact", false}, {"ram", {{"arena", 7124}, {"static", 0}, {"stack", 312}, {"total", 7436}}},
                  {"flash", {{"total", 181200}, {"weights", 171968}, {"code", 9232}}},
                  {"instructions",
                   {{"mean", 366012}, {"min", 365800}, {"max", 366400}, {"per_mac", 1.642},
                    {"by_function", {{{"name", "ditmos_conv_relu_pool_f32"}, {"mean", 341200}}, {{"name", "ditmos_dense_f32"}, {"mean", 21900}},
                                     {{"name", "ditmos_model_run"}, {"mean", 2912}}}}}},
                  {"cycles_modelled", 420000}, {"ms_modelled", 1.944}, {"mj_modelled", 0.638}});
}

}  // namespace ditmos
