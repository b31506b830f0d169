/* On the chip: each kernel as emitted code calls it, with constant shapes, against its plain twin on random data. Ends with exit code
 * 0, or the number of the shape that differs. */
#include "ditmos/ditmos.h"
#include "semihosting.h"

#ifndef LAYOUT
#define LAYOUT DITMOS_ROWS
#endif

static uint32_t seed = 12345;
static int draw(int low, int high) {
  seed = seed * 1664525u + 1013904223u;
  return low + (int)((seed >> 8) % (uint32_t)(high - low + 1));
}

static int8_t input_a[4096], input_b[4096], weights[16384] __attribute__((aligned(4))), got[8192], want[8192];
static float input_fa[4096], input_fb[4096], weights_f[16384], bias_f[64], got_f[8192], want_f[8192];
static int32_t bias[64], multiplier[64];

static void fill(void) {
  for (int i = 0; i < 4096; i++) {
    input_a[i] = (int8_t)draw(-128, 127);
    input_b[i] = (int8_t)draw(-128, 127);
    input_fa[i] = (float)draw(-100, 100) * 0.01f;
    input_fb[i] = (float)draw(-100, 100) * 0.01f;
  }
  for (int i = 0; i < 16384; i += 2) {
    const int low = draw(-127, 127), high = draw(-127, 127), both = 256 * high + low;
    weights[i] = (int8_t)low;
    weights[i + 1] = (int8_t)(LAYOUT == DITMOS_PAIRS ? both >> 8 : high);
    weights_f[i] = (float)low * 0.01f;
    weights_f[i + 1] = (float)high * 0.01f;
  }
  for (int i = 0; i < 64; i++) {
    bias[i] = draw(-20000, 20000);
    multiplier[i] = draw(1 << 26, 1 << 30);
    bias_f[i] = (float)draw(-100, 100) * 0.01f;
  }
  for (int i = 0; i < 8192; i++) {
    got[i] = want[i] = 99;
    got_f[i] = want_f[i] = 99.0f;
  }
}

static int same(void) {
  for (int i = 0; i < 8192; i++) {
    const float error = got_f[i] - want_f[i];
    if (got[i] != want[i] || error > 1e-3f || error < -1e-3f) return 0;
  }
  return 1;
}

/* The twins, with shapes the compiler cannot know. */
static void __attribute__((noinline)) plain(ditmos_conv_shape s, ditmos_requant q) {
  ditmos_conv_s8_plain(s, LAYOUT, input_a, input_b, 7, weights, q, want);
  ditmos_conv_f32_plain(s, input_fa, input_fb, weights_f, bias_f, want_f);
}

static void __attribute__((noinline)) plain_linear(int inputs, int outputs, int relu, ditmos_requant q) {
  ditmos_linear_s8_plain(inputs, outputs, LAYOUT, input_a, weights, q, want);
  ditmos_linear_f32_plain(inputs, outputs, relu, input_fa, weights_f, bias_f, want_f);
}

/* height, width, channels, extra, kernel, stride, pad, conv height and width, filters, pool, relu */
#define CONV(number, ...)                                                             \
  static int __attribute__((noinline)) check##number(void) {                                                                                   \
    static const ditmos_conv_shape s = {__VA_ARGS__};                                 \
    const ditmos_requant q = {bias, multiplier, 3 * 32 + 16, 5, s.relu ? 3 : -128};   \
    fill();                                                                           \
    plain(s, q);                                                                      \
    ditmos_conv_s8(s, LAYOUT, input_a, input_b, 7, weights, q, got);                  \
    ditmos_conv_f32(s, input_fa, input_fb, weights_f, bias_f, got_f);                 \
    return same();                                                                    \
  }

/* One column of a series. */
#define COLUMN(number, ...)                                                           \
  static int __attribute__((noinline)) check##number(void) {                                                                                   \
    static const ditmos_conv_shape s = {__VA_ARGS__};                                 \
    const ditmos_requant q = {bias, multiplier, -128 * 64 + 32, 6, -128};             \
    fill();                                                                           \
    plain(s, q);                                                                      \
    ditmos_conv_column_s8(s, LAYOUT, input_a, input_b, weights, q, got);              \
    ditmos_conv_column_f32(s, input_fa, input_fb, weights_f, bias_f, got_f);          \
    return same();                                                                    \
  }

#define LINEAR(number, inputs, outputs, relu)                                                        \
  static int __attribute__((noinline)) check##number(void) {                                                                                                  \
    const ditmos_requant q = {bias, multiplier, 3 * 32 + 16, 5, relu ? 3 : -128};                    \
    fill();                                                                                          \
    plain_linear(inputs, outputs, relu, q);                                                          \
    ditmos_linear_s8(inputs, outputs, LAYOUT, input_a, weights, q, got);                             \
    ditmos_linear_f32(inputs, outputs, relu, input_fa, weights_f, bias_f, got_f);                    \
    return same();                                                                                   \
  }

CONV(1, 1, 151, 3, 0, 1, 15, 1, 1, 0, 0, 1, 137, 8, 1, 2, 1)
CONV(2, 1, 68, 8, 8, 1, 9, 1, 1, 0, 0, 1, 60, 8, 1, 2, 1)
CONV(3, 1, 30, 8, 0, 1, 5, 1, 1, 0, 0, 1, 26, 4, 1, 2, 1)
CONV(4, 1, 21, 1, 0, 1, 3, 1, 1, 0, 0, 1, 19, 7, 1, 3, 0)
CONV(5, 1, 21, 5, 3, 1, 2, 1, 2, 0, 0, 1, 10, 6, 1, 1, 1)
CONV(6, 1, 20, 6, 1, 1, 7, 1, 1, 0, 3, 1, 20, 5, 1, 4, 1)
CONV(7, 9, 9, 1, 0, 3, 3, 1, 1, 1, 1, 9, 9, 8, 1, 1, 1)
CONV(8, 8, 10, 4, 0, 3, 3, 1, 1, 1, 1, 8, 10, 9, 2, 2, 1)
CONV(9, 7, 9, 3, 2, 2, 3, 2, 2, 0, 1, 3, 5, 12, 1, 1, 0)
CONV(10, 6, 6, 16, 0, 1, 1, 1, 1, 0, 0, 6, 6, 10, 3, 3, 1)
CONV(11, 1, 12, 2, 0, 1, 1, 1, 3, 0, 0, 1, 4, 1, 1, 2, 0)
CONV(12, 1, 40, 13, 0, 1, 3, 1, 1, 0, 0, 1, 38, 3, 1, 2, 1)
COLUMN(20, 1, 16, 3, 0, 1, 15, 1, 1, 0, 0, 1, 2, 8, 1, 2, 1)
COLUMN(21, 1, 10, 8, 8, 1, 9, 1, 1, 0, 0, 1, 2, 8, 1, 2, 1)
COLUMN(22, 1, 7, 8, 8, 1, 3, 1, 2, 0, 0, 1, 3, 4, 1, 3, 1)
COLUMN(23, 1, 5, 11, 0, 1, 5, 1, 1, 0, 0, 1, 1, 6, 1, 1, 1)
LINEAR(30, 52, 64, 1)
LINEAR(31, 64, 17, 0)
LINEAR(32, 64, 6, 0)
LINEAR(33, 7, 3, 1)
LINEAR(34, 1, 1, 0)
LINEAR(35, 99, 10, 1)

int main(void) {
  static const struct {
    int number;
    int (*check)(void);
  } checks[] = {{1, check1}, {2, check2}, {3, check3}, {4, check4}, {5, check5}, {6, check6}, {7, check7}, {8, check8}, {9, check9}, {10, check10}, {11, check11}, {12, check12}, {20, check20}, {21, check21}, {22, check22}, {23, check23}, {30, check30}, {31, check31}, {32, check32}, {33, check33}, {34, check34}, {35, check35}};
  for (unsigned i = 0; i < sizeof checks / sizeof *checks; i++) {
    if (!checks[i].check()) return checks[i].number;
  }
  return 0;
}
