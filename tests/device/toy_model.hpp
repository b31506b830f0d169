#pragma once
#include <filesystem>
#include <string>

#include "core/file.hpp"

namespace ditmos::device {

/// A hand-written model with the emitted C's interface: window 2 x 1 x 4, 3 classes, 2 classifiers. The selector picks
/// classifier 0 when the first channel's sum is at least the second's; logits are W_k * window.
inline void write_toy_model(const std::filesystem::path& folder, const std::string& name = "ditmos_model",
                            const std::string& upper = "DITMOS_MODEL") {
  const std::string header = R"(#ifndef UPPER_H
#define UPPER_H
#define UPPER_ARENA_BYTES 64
#define UPPER_CHANNELS 2
#define UPPER_HEIGHT 1
#define UPPER_WIDTH 4
#define UPPER_CLASSES 3
#define UPPER_CLASSIFIERS 2
#define UPPER_INT8 0
void NAME_set_input(void *arena, const float *window);
int NAME_run(void *arena);
int NAME_choice(const void *arena);
void NAME_get_logits(const void *arena, float *logits);
int NAME_self_test(void *arena);
#endif
)";
  const std::string source = R"(#include "NAME.h"
#include <string.h>
struct state { float window[8]; float logits[3]; int choice; };
static const float weights[2][3][8] = {
  {{1, 0, 0, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0, 0, 0.5f}, {0, 0, 1, 0, 0, 0.25f, 0, 0}},
  {{0, 0, 0, 0, 1, 0, 0, 0}, {0, 0, 0, 2, 0, 1, 0, 0}, {0, 0, 0, 0, 0, 0, 1, -1}}};
void NAME_set_input(void *arena, const float *window) { memcpy(((struct state *)arena)->window, window, 32); }
static float dot(const float *a, const float *b, int n) {
  float sum = 0;
  for (int i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}
int NAME_run(void *arena) {
  struct state *s = arena;
  static const float ones[4] = {1, 1, 1, 1};
  int best = 0;
  s->choice = dot(s->window, ones, 4) >= dot(s->window + 4, ones, 4) ? 0 : 1;
  for (int c = 0; c < 3; ++c) {
    s->logits[c] = dot(weights[s->choice][c], s->window, 8);
    if (s->logits[c] > s->logits[best]) best = c;
  }
  return best;
}
int NAME_choice(const void *arena) { return ((const struct state *)arena)->choice; }
void NAME_get_logits(const void *arena, float *logits) { memcpy(logits, ((const struct state *)arena)->logits, 12); }
int NAME_self_test(void *arena) {
  static const float window[8] = {1, 2, 3, 4, 0, 0, 0, 0};
  NAME_set_input(arena, window);
  return NAME_run(arena) == 2 ? 0 : 1;
}
)";
  const auto fill = [&](std::string text) {
    for (const auto& [from, to] : {std::pair{std::string("UPPER"), upper}, std::pair{std::string("NAME"), name}})
      for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
  };
  write_file_atomic(folder / (name + ".h"), fill(header));
  write_file_atomic(folder / (name + ".c"), fill(source));
  write_file_atomic(folder / "compile.json", "{\"name\": \"" + name + "\"}\n");
}

/// As the toy, but its run function is this assembly body: r0 holds the arena; it must return.
inline void write_assembly_model(const std::filesystem::path& folder, const std::string& body) {
  write_toy_model(folder);
  std::string source = read_file(folder / "ditmos_model.c");
  const auto start = source.find("int ditmos_model_run(void *arena) {");
  const auto end = source.find("int ditmos_model_choice");
  source.replace(start, end - start, "__attribute__((naked, noinline)) int ditmos_model_run(void *arena) {\n  (void)arena;\n"
                                     "  __asm volatile(\".syntax unified\\n\" \"" + body + "\");\n}\n");
  write_file_atomic(folder / "ditmos_model.c", source);
}

}  // namespace ditmos::device
