// The emitted front end, compiled with gcc under the strictest flags, writes the same input as set_input does with the host's features.
#include <gtest/gtest.h>

#include "compile/front_end.hpp"
#include "core/error.hpp"
#include "emitted.hpp"
#include "networks.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {
namespace {

using frontend::FrontEnd;
using frontend::Kind;
using frontend::Sample;
using frontend::Settings;

/// One convolution and a linear layer on windows of the front end's shape.
model::Bundle bundle_of(const FrontEnd& f) {
  const bool series = f.height() == 1;
  NetworkWriter w("network", 7);
  std::vector<std::int64_t> dims = {1, f.channels(), f.height(), f.width()};
  if (series) dims.erase(dims.begin() + 2);
  w.input("window", dims);
  const std::int64_t positions = (series ? 1 : f.height() - 2) * (f.width() - 2);
  NetworkWriter::Ints kernel(series ? 1 : 2, 3), weights = {4, f.channels()};
  weights.insert(weights.end(), kernel.begin(), kernel.end());
  const std::string x = w.node("Conv", {"window", w.constant(weights, 0.2), w.constant({4}, 0.1)}, {{"kernel_shape", kernel}});
  w.head(w.node("Relu", {x}), 4 * positions, 8, 3);
  model::Bundle bundle;
  bundle.method = "single";
  bundle.channels = f.channels();
  bundle.height = f.height();
  bundle.width = f.width();
  bundle.classes = {"a", "b", "c"};
  bundle.networks = {w.take()};
  bundle.front_end = to_json(f.settings());
  return bundle;
}

Settings settings_of(Kind kind) {
  Settings s;
  s.kind = kind;
  if (kind == Kind::mfcc || kind == Kind::log_mel) {
    s.samples = 3200;
    s.mels = 20;
    s.coefficients = kind == Kind::mfcc ? 10 : 0;
    return s;
  }
  s.sample = Sample::f32;
  if (kind == Kind::compand) s.factor = 20;
  s.channels = 2;
  s.samples = 600;
  s.rate_hz = 128;
  return s;
}

std::vector<float> window_of(const FrontEnd& f, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> x(f.sample_count());
  for (float& v : x) v = static_cast<float>(f.settings().sample == Sample::u8 ? std::floor(random.uniform(0, 256)) : 0.2 * random.normal());
  return x;
}

/// Fills one arena from samples and one from the host's features, and compares all of the input; then the answers.
std::string driver(std::size_t offset, std::size_t bytes) {
  return "#include <stdio.h>\n#include <string.h>\n#include \"net.h\"\nstatic union { unsigned char bytes[NET_ARENA_BYTES]; double align; } a, b;\n"
         "static net_sample samples[NET_SAMPLE_CHANNELS * NET_SAMPLES];\nstatic float features[NET_CHANNELS * NET_HEIGHT * NET_WIDTH];\n"
         "int main(void) {\n  if (net_self_test(a.bytes) != 0) return 2;\n"
         "  while (fread(samples, sizeof samples, 1, stdin) == 1 && fread(features, sizeof features, 1, stdin) == 1) {\n"
         "    net_set_samples(a.bytes, samples);\n    net_set_input(b.bytes, features);\n    if (memcmp(a.bytes + " +
         std::to_string(offset) + ", b.bytes + " + std::to_string(offset) + ", " + std::to_string(bytes) +
         ") != 0) return 3;\n    if (net_run(a.bytes) != net_run(b.bytes)) return 4;\n    puts(\"window\");\n  }\n  return 0;\n}\n";
}

template <class T>
void append(std::string& to, const std::vector<float>& values) {
  const std::vector<T> converted(values.begin(), values.end());
  to.append(reinterpret_cast<const char*>(converted.data()), converted.size() * sizeof(T));
}

void expect_same_input(const Settings& settings, bool int8) {
  const FrontEnd f(settings);
  const model::Bundle bundle = bundle_of(f);
  const Program program = import_bundle(bundle, "net");
  Options options;
  options.front_end = import_front_end(bundle);
  options.name = "net";
  std::string input;
  Int8 quantize;
  for (std::uint64_t w = 0; w < 10; ++w) {
    const std::vector<float> window = window_of(f, w);
    std::vector<float> samples(window.size()), features(f.feature_count());
    f.to_samples(window, samples);
    f.compute(window, features);
    if (settings.sample == Sample::s16) append<std::int16_t>(input, samples);
    else if (settings.sample == Sample::u8) append<std::uint8_t>(input, samples);
    else append<float>(input, samples);
    append<float>(input, features);
    quantize.windows.insert(quantize.windows.end(), features.begin(), features.end());
    ++quantize.count;
  }
  if (int8) options.int8 = quantize;
  const Compilation compilation = compile(program, options);
  const TempFolder folder;
  write_files(folder.path(), compilation.files);
  const auto window = std::find_if(compilation.plan.buffers.begin(), compilation.plan.buffers.end(), [](const Buffer& b) { return b.name == "window"; });
  ASSERT_NE(window, compilation.plan.buffers.end());
  write_file_atomic(folder.path() / "main.c", driver(window->offset, window->size));
  write_file_atomic(folder.path() / "input", input);
  const std::string at_folder = "cd " + folder.path().string() + " && ";
  const Shell built = shell(at_folder + "gcc " + kStrictFlags + " -O0 main.c net.c -lm -o run");
  ASSERT_EQ(built.code, 0) << built.output;
  const Shell ran = shell(at_folder + "./run < input | wc -l");
  const Shell code = shell(at_folder + "./run < input > /dev/null");
  EXPECT_EQ(code.code, 0);
  EXPECT_EQ(std::stoi(ran.output), 10) << ran.output;
}

class EmittedFrontEnd : public testing::TestWithParam<Kind> {};

TEST_P(EmittedFrontEnd, GivesTheHostsFeaturesBitForBit) {
  expect_same_input(settings_of(GetParam()), false);
  expect_same_input(settings_of(GetParam()), true);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EmittedFrontEnd, testing::Values(Kind::mfcc, Kind::log_mel, Kind::band_power, Kind::map, Kind::magnitude, Kind::normalize, Kind::compand),
                         [](const auto& test) {
                           std::string name = name_of(test.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(FrontEndPlan, FixedPoint) {
  for (const Kind kind : {Kind::mfcc, Kind::log_mel}) {
    Settings s = settings_of(kind);
    s.fixed = true;
    expect_same_input(s, false);
    expect_same_input(s, true);
  }
}

TEST(FrontEndPlan, ImagesOfMelAndBytes) {
  Settings mel = settings_of(Kind::log_mel);
  mel.image = true;
  expect_same_input(mel, true);
  Settings image = settings_of(Kind::map);
  image.sample = Sample::u8;
  image.channels = 3;
  image.height = 8;
  image.samples = 12;
  image.factor = 1.0 / 255;
  expect_same_input(image, true);
}

TEST(FrontEndPlan, ItsMemoryIsInTheArenaAndItsTablesAreInTheFlash) {
  const FrontEnd f(settings_of(Kind::mfcc));
  const model::Bundle bundle = bundle_of(f);
  const Program program = import_bundle(bundle, "net");
  const auto front_end = import_front_end(bundle);
  const auto with = plan_candidates(program, {}, {}, front_end), without = plan_candidates(program, {});
  ASSERT_EQ(with.size(), without.size());
  for (std::size_t i = 0; i < with.size(); ++i) {
    EXPECT_GE(with[i].plan.arena_bytes, f.scratch_bytes() + 4 * f.feature_count());
    EXPECT_EQ(with[i].flash(), without[i].flash() + f.table_bytes());
    EXPECT_GT(with[i].work(), without[i].work());
  }
  Budget budget;
  budget.flash = with[0].flash() - 1;
  for (const Candidate& c : plan_candidates(program, budget, {}, front_end)) EXPECT_FALSE(c.fits);
}

TEST(FrontEndPlan, AManifestThatDoesNotFitItsNetworksIsRefused) {
  model::Bundle bundle = bundle_of(FrontEnd(settings_of(Kind::mfcc)));
  bundle.front_end["samples"] = 16000;
  try {
    import_front_end(bundle);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("gives 10 x 1 x 49, its input has 10 x 1 x 9"), std::string::npos) << e.what();
  }
  bundle.front_end = "mfcc";
  EXPECT_THROW(import_front_end(bundle), Error);
}

}  // namespace
}  // namespace ditmos::compile
