// Task presets and the DS-CNN from training to emitted code.
#include "method/tasks.hpp"

#include <gtest/gtest.h>

#include "compile/compile.hpp"
#include "compile/front_end.hpp"
#include "compile/interpreter.hpp"
#include "core/random.hpp"
#include "data/front_end.hpp"
#include "device/scratch.hpp"
#include "device/simulate.hpp"
#include "method/export.hpp"
#include "method/method.hpp"

namespace ditmos::experiment {
namespace {

using method::Config;

data::Dataset noise(int channels, int height, int width, int windows, int classes) {
  Random random(3);
  data::Dataset d;
  d.name = "noise";
  d.channels = channels;
  d.height = height;
  d.width = width;
  d.x.resize(static_cast<std::size_t>(windows) * d.window_size());
  for (float& v : d.x) v = static_cast<float>(random.normal());
  for (int i = 0; i < windows; ++i) d.y.push_back(i % classes);
  for (int c = 0; c < classes; ++c) d.classes.push_back(std::string("c").append(std::to_string(c)));
  return d;
}

/// Windows of the widest data set that a task is for; sound goes through its front end.
data::Dataset windows_for(const std::string& task) {
  if (task == "motion-short") return noise(6, 1, 51, 24, 17);
  if (task.starts_with("motion")) return noise(6, 1, 151, 24, 19);
  if (task.starts_with("eeg")) return noise(1, 1, 512, 24, 5);
  if (task.starts_with("image")) return noise(3, 32, 32, 24, 10);
  data::Dataset d = noise(1, 1, 16000, 24, 12);
  for (float& v : d.x) v *= 0.1f;
  d.rate_hz = 16000;
  data::apply_front_end(d, "mfcc");
  return d;
}

data::Split split_of(const data::Dataset& d) {
  data::Split s;
  s.protocol = "window-random";
  for (std::uint32_t i = 0; i < d.size(); ++i) (i % 4 == 3 ? s.test : i % 4 == 2 ? s.validation : s.train).push_back(i);
  return s;
}

model::Bundle bundle_of(const Config& config, const data::Dataset& d, int epochs) {
  const data::Split split = split_of(d);
  nn::Threads threads(1);
  const method::Setup setup{config, d, split, threads};
  const auto m = method::find_method(config.method).make(setup);
  for (int e = 0; e < epochs; ++e) {
    Random random(static_cast<std::uint64_t>(e));
    m->stages().back().train(e, random);
  }
  return method::to_bundle(m->committee(), setup);
}

TEST(Tasks, FitTheirMemoryInInt8) {
  constexpr std::size_t kb = 1024, stack = kb;
  for (const method::Task& task : method::tasks()) {
    const data::Dataset d = windows_for(task.name);
    const bool small = task.name.find('-') != std::string::npos;
    compile::Budget budget;
    budget.ram = (small ? 16 : 128) * kb - stack;
    budget.flash = (small ? 128 : 1024) * kb;
    compile::Int8 int8;
    int8.windows.assign(d.x.begin(), d.x.end());
    int8.windows.resize(2 * d.window_size());
    int8.count = 2;
    for (const char* method : {"mixture", "ds-cnn"}) {
      Config config = method::preset("best");
      method::use_task(config, task.name);
      config.method = method;
      const model::Bundle bundle = bundle_of(config, d, 0);
      const auto candidates = compile::plan_candidates(compile::import_bundle(bundle, "model"), budget, int8, compile::import_front_end(bundle));
      ASSERT_FALSE(candidates.empty());
      EXPECT_TRUE(candidates.front().fits) << task.name << " " << method << ": " << candidates.front().plan.arena_bytes << " bytes of RAM, " << candidates.front().flash()
                                           << " of flash";
    }
  }
}

TEST(DsCnn, EmittedCodeGivesTheHostsAnswers) {
  for (const auto& [channels, height, width] : {std::tuple{1, 10, 24}, {4, 1, 40}}) {
    const data::Dataset d = noise(channels, height, width, 24, 3);
    Config config = method::preset("quick");
    config.method = "ds-cnn";
    config.ds_cnn.channels = {8, 8, 12};
    config.ds_cnn.kernels = {7, 3, 3};
    config.ds_cnn.heights = {4, 3, 3};
    const compile::Program program = compile::import_bundle(bundle_of(config, d, 2), "model");
    for (const bool integers : {false, true}) {
      compile::Options options;
      if (integers) options.int8 = compile::Int8{{d.x.begin(), d.x.end()}, d.size(), {}};
      const compile::Program whole = compile::prepare(program, "layerwise", options.int8);
      for (const compile::Candidate& candidate : compile::plan_candidates(program, {}, options.int8)) {
        options.schedule = candidate.schedule;
        const compile::Compilation compilation = compile::compile(program, options);
        const device::Scratch scratch;
        compile::write_build(scratch.path() / "build", compilation, compile::to_json(compilation, options));
        const auto results = device::run_on_host(scratch.path() / "build", d.x, d.size());
        for (std::size_t i = 0; i < d.size(); ++i)
          EXPECT_EQ(results.labels[i], compile::run_program(whole, d.window(i)).label) << height << " " << candidate.schedule << " int8 " << integers << " window " << i;
      }
    }
  }
}

}  // namespace
}  // namespace ditmos::experiment
