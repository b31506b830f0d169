// A model with a front end, fed with samples on emulated chips: the same labels as on the host, logits within 1e-4 relative.
#include <gtest/gtest.h>

#include "../compile/networks.hpp"
#include "compile/compile.hpp"
#include "compile/front_end.hpp"
#include "core/error.hpp"
#include "device/board.hpp"
#include "device/simulate.hpp"
#include "device/toolchain.hpp"
#include "temp_folder.hpp"

namespace ditmos::device {
namespace {

using compile::NetworkWriter;

frontend::FrontEnd sound(bool fixed) {
  frontend::Settings s;
  s.samples = 2240;
  s.mels = 20;
  s.fixed = fixed;
  return frontend::FrontEnd(s);
}

/// MFCC of 2,240 samples in 6 frames, and one linear layer over them.
model::Bundle bundle_of(const frontend::FrontEnd& f) {
  NetworkWriter w("network", 3);
  w.input("window", {1, f.channels(), f.width()});
  w.head("window", f.channels() * f.width(), 8, 4);
  model::Bundle bundle;
  bundle.method = "single";
  bundle.channels = f.channels();
  bundle.width = f.width();
  bundle.classes = {"a", "b", "c", "d"};
  bundle.networks = {w.take()};
  bundle.front_end = to_json(f.settings());
  return bundle;
}

std::vector<float> samples_of(const frontend::FrontEnd& f, std::size_t n) {
  Random random(8);
  std::vector<float> samples;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<float> window(f.sample_count()), own(f.sample_count());
    const double loudness = std::pow(10.0, -static_cast<double>(i % 5));
    for (std::size_t k = 0; k < window.size(); ++k)
      window[k] = static_cast<float>(loudness * (0.3 * random.normal() + 0.5 * std::sin(0.1 * static_cast<double>(i * k))));
    f.to_samples(window, own);
    samples.insert(samples.end(), own.begin(), own.end());
  }
  return samples;
}

void expect_same_answers(const std::string& core, bool fixed) {
  const frontend::FrontEnd f = sound(fixed);
  const model::Bundle bundle = bundle_of(f);
  compile::Options options;
  options.front_end = compile::import_front_end(bundle);
  const compile::Compilation compilation = compile::compile(compile::import_bundle(bundle, "net"), options);
  const TempFolder folder;
  compile::write_build(folder.path(), compilation, compile::to_json(compilation, options));
  EmittedModel model = find_emitted_model(folder.path());
  ASSERT_EQ(model.sample, "int16");
  Board board = find_board("nucleo-f767zi");
  board.core = core;
  const std::size_t n = 5;
  const std::vector<float> samples = samples_of(f, n);
  model.entry = Entry::samples;
  const HarnessResults host = run_on_host(model, samples, n);
  const SimulationResult chip = simulate(model, board, samples, n);
  EXPECT_EQ(chip.outputs.labels, host.labels);
  // The float network after it rounds in another order on the chip; tests of emitted code compare features bit by bit.
  ASSERT_EQ(chip.outputs.logits.size(), host.logits.size());
  for (std::size_t i = 0; i < host.logits.size(); ++i) EXPECT_NEAR(chip.outputs.logits[i], host.logits[i], 1e-4 * (1 + std::abs(host.logits[i]))) << core;
  EXPECT_EQ(chip.ram_static, 0u);
  model.entry = Entry::front_end;
  const SimulationResult alone = simulate(model, board, std::span(samples).subspan(0, f.sample_count()), 1);
  EXPECT_GT(alone.instructions[0], 1000u);
  EXPECT_LT(alone.instructions[0], chip.instructions[0]);
}

class FrontEndOnChip : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    try {
      find_tool("arm-none-eabi-gcc");
      find_tool("qemu-system-arm");
    } catch (const Error& e) {
      GTEST_SKIP() << e.what() << " (" << e.hint() << ")";
    }
  }
};

TEST_P(FrontEndOnChip, FixedPointGivesTheHostsAnswers) { expect_same_answers(GetParam(), true); }
TEST_P(FrontEndOnChip, FloatsGiveTheHostsAnswers) { expect_same_answers(GetParam(), false); }

INSTANTIATE_TEST_SUITE_P(Cores, FrontEndOnChip, testing::Values("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m55"), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(FrontEndOfSamples, AModelWithoutOneTakesNone) {
  const TempFolder folder;
  model::Bundle bundle = bundle_of(sound(false));
  bundle.front_end = Json();
  const compile::Compilation compilation = compile::compile(compile::import_bundle(bundle, "net"), {});
  compile::write_build(folder.path(), compilation, compile::to_json(compilation, {}));
  EmittedModel model = find_emitted_model(folder.path());
  EXPECT_EQ(model.sample, "");
  model.entry = Entry::samples;
  EXPECT_THROW(run_on_host(model, std::vector<float>(60), 1), Error);
}

}  // namespace
}  // namespace ditmos::device
