// Windows that overlap: what continuous mode answers for each is, bit for bit, what a run on the whole window answers.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "compile/compile.hpp"
#include "core/error.hpp"
#include "emitted.hpp"
#include "networks.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {
namespace {

Int8 int8_of(const Program& program) {
  Int8 int8;
  int8.count = 8;
  int8.windows = random_window(8 * static_cast<std::size_t>(program.channels * program.width), 5);
  return int8;
}

/// Two models of one program in one C program: "hop" gets the new columns of each window, "whole" gets it anew. Also two pushes without a
/// run between them, and a new window after that.
void expect_same_bits(const Program& program, int hop, bool int8, const std::string& core = {}) {
  const TempFolder folder;
  Options options;
  options.core = core;
  if (int8) options.int8 = int8_of(program);
  options.name = "whole";
  options.schedule = "fused";
  write_files(folder.path(), compile(program, options).files);
  options.name = "hop";
  options.schedule = "auto";
  options.hop = hop;
  const Compilation compilation = compile(program, options);
  EXPECT_EQ(compilation.schedule, "continuous");
  write_files(folder.path(), compilation.files);
  write_file_atomic(folder.path() / "main.c", fmt::format(R"(#include <stdio.h>
#include <string.h>
#include "hop.h"
#include "whole.h"
enum {{ C = HOP_CHANNELS, W = HOP_WIDTH, H = HOP_HOP, WINDOWS = 24, LENGTH = W + WINDOWS * H }};
static union {{ unsigned char b[HOP_ARENA_BYTES]; double align; }} a;
static union {{ unsigned char b[WHOLE_ARENA_BYTES]; double align; }} b;
static float series[C][LENGTH], window[C][W], columns[C][H], got[HOP_CLASSES], want[HOP_CLASSES];
static void give(int at) {{
  for (int c = 0; c < C; c++) memcpy(columns[c], &series[c][at + W - H], sizeof columns[c]);
  hop_push(a.b, &columns[0][0]);
}}
int main(void) {{
  unsigned state = 7;
  for (int c = 0; c < C; c++)
    for (int i = 0; i < LENGTH; i++) {{
      state = state * 1664525u + 1013904223u;
      series[c][i] = (float)(int)(state >> 8) * 2.4e-7f - 2.0f + (float)((i / W) % 3);
    }}
  if (hop_self_test(a.b) != 0 || whole_self_test(b.b) != 0) return 1;
  int picked = 0;
  for (int k = 0; k < WINDOWS; k++) {{
    for (int c = 0; c < C; c++) memcpy(window[c], &series[c][k * H], sizeof window[c]);
    if (k == 0) hop_set_input(a.b, &window[0][0]);
    else give(k * H);
    whole_set_input(b.b, &window[0][0]);
    if (k % 7 == 3) continue; /* not run: the next push finds nothing to reuse */
    const int label = hop_run(a.b);
    if (label != whole_run(b.b) || hop_choice(a.b) != whole_choice(b.b)) return 2;
    hop_get_logits(a.b, got);
    whole_get_logits(b.b, want);
    if (memcmp(got, want, sizeof got) != 0) return 3;
    if (hop_choice(a.b) >= 0) picked |= 1 << hop_choice(a.b);
  }}
  printf("%d\n", picked);
  return 0;
}}
)"));
  const Shell built = shell("cd " + folder.path().string() + " && gcc " + kStrictFlags + " -O1 main.c hop.c whole.c -lm -o run");
  ASSERT_EQ(built.code, 0) << built.output;
  const Shell ran = shell("cd " + folder.path().string() + " && ./run");
  ASSERT_EQ(ran.code, 0) << ran.output;
  if (program.combine == model::Combine::select) {
    const int picked = std::stoi(ran.output);
    EXPECT_NE(picked & (picked - 1), 0) << "one classifier only: the change from one to another was not seen";
  }
}

Program small_select() {
  SelectSizes sizes;
  sizes.width = 100, sizes.classifiers = 4, sizes.hidden = 8, sizes.classes = 5;
  return import_bundle(select_bundle(sizes), "small");
}

TEST(Continuous, SameBitsAsWholeWindows) {
  const Program program = small_select();
  expect_same_bits(program, 8, false);
  expect_same_bits(program, 48, true);
}

TEST(Continuous, WhereDeeperMapsMoveByNoWholeNumber) {
  expect_same_bits(small_select(), 12, true);                 // the third map is made anew
  expect_same_bits(small_select(), 8, false, "cortex-m4");    // weights channel by channel, on the host
}

TEST(Continuous, SingleNetworkWithPadding) {
  NetworkWriter w("single", 5);
  w.input("window", {1, 3, 64});
  std::string x = w.block("window", 3, 4, 5, 2, "", 0);   // 30 columns
  x = w.block(x, 4, 4, 3, 2, "", 1);                      // padded: made anew
  w.linear(w.node("Flatten", {x}), 4 * 15, 3, "logits");
  w.output("logits", {1, 3});
  model::Bundle bundle;
  bundle.channels = 3, bundle.width = 64, bundle.classes = {"a", "b", "c"};
  bundle.networks.push_back(w.take());
  expect_same_bits(import_bundle(bundle, "single"), 4, false);
}

TEST(Continuous, SaysWhatItCannotDo) {
  const Program program = small_select();
  const auto message = [&](int hop, const std::string& schedule = "auto") -> std::string {
    Options options;
    options.hop = hop;
    options.schedule = schedule;
    try {
      compile(program, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_NE(message(100).find("no part of a window of 100"), std::string::npos) << message(100);
  EXPECT_NE(message(7).find("no layer can reuse columns"), std::string::npos) << message(7);
  EXPECT_NE(message(8, "fused").find("not \"fused\""), std::string::npos) << message(8, "fused");
}

/// int16 samples with their unit: within a step of what the same values as floats give, and exactly the rounding of requantize.h.
TEST(Samples, AreQuantizedAsFloatsAre) {
  const Program program = small_select();
  for (const bool int8 : {false, true}) {
    const TempFolder folder;
    Options options;
    options.name = "net";
    options.sample_unit = 0.002f;
    if (int8) options.int8 = int8_of(program);
    write_files(folder.path(), compile(program, options).files);
    write_file_atomic(folder.path() / "main.c", R"(#include "net.h"
static union { unsigned char b[NET_ARENA_BYTES]; double align; } a, b;
static int16_t samples[NET_WIDTH * NET_CHANNELS];
static float window[NET_CHANNELS * NET_WIDTH];
int main(void) {
  int differ = 0;
  for (int i = 0; i < NET_WIDTH; i++)
    for (int c = 0; c < NET_CHANNELS; c++) {
      samples[i * NET_CHANNELS + c] = (int16_t)((i * 7919 + c * 104729) % 4001 - 2000);
      window[c * NET_WIDTH + i] = (float)samples[i * NET_CHANNELS + c] * 0.002f;
    }
  net_set_samples(a.b, samples);
  net_set_input(b.b, window);
  for (int k = 0; k < NET_ARENA_BYTES; k++) {
    const int step = (int)(signed char)a.b[k] - (int)(signed char)b.b[k];
    if (step != 0) differ++;
    if (NET_INT8 && (step > 1 || step < -1)) return 1;
  }
  return NET_INT8 ? differ > NET_WIDTH * NET_CHANNELS / 50 : differ != 0;
}
)");
    const Shell ran = shell("cd " + folder.path().string() + " && gcc " + std::string(kStrictFlags) + " -O1 main.c net.c -lm -o run && ./run");
    EXPECT_EQ(ran.code, 0) << ran.output << " int8 " << int8;
  }
}

}  // namespace
}  // namespace ditmos::compile
