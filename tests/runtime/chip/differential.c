/* On the chip: each kernel as emitted code calls it, with constant shapes, against its plain twin on random data. Ends with exit code
 * 0, or the number of the shape that differs. */
#include "ditmos/ditmos.h"
#include "semihosting.h"

#if LAYOUT_IS_PAIRS
#define LAYOUT DITMOS_PAIRS
#else
#define LAYOUT DITMOS_ROWS
#endif

static uint32_t seed = 12345;
static int draw(int low, int high) {
  seed = seed * 1664525u + 1013904223u;
  return low + (int)((seed >> 8) % (uint32_t)(high - low + 1));
}

static int8_t input_a[4096], input_b[4096], weights[16384] __attribute__((aligned(4))), got[8192], want[8192];
static float input_fa[4096], input_fb[4096], weights_f[16384], bias_f[64], got_f[8192], want_f[8192];
static int32_t bias[64], multiplier[64], both[128]; /* biases, then multipliers */

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

#if defined(DITMOS_DSP) && LAYOUT_IS_PAIRS
#define LINEAR_LAYER(inputs, outputs, relu) static const ditmos_linear_layer_dsp layer = {3 * 32 + 16, inputs, outputs, 5, relu ? 3 : -128};
#else
#define LINEAR_LAYER(inputs, outputs, relu)
#endif
#if LAYOUT_IS_PAIRS
#define LINEAR_S8(inputs, outputs, q) DITMOS_LINEAR_S8(layer, inputs, outputs, input_a, weights, q, got)
#else
#define LINEAR_S8(inputs, outputs, q) ditmos_linear_s8(inputs, outputs, LAYOUT, input_a, weights, q, got)
#endif
#define LINEAR(number, inputs, outputs, relu)                                                        \
  static int __attribute__((noinline)) check##number(void) {                                         \
    LINEAR_LAYER(inputs, outputs, relu)                                                              \
    const ditmos_requant q = {both, both + (outputs), 3 * 32 + 16, 5, relu ? 3 : -128};              \
    fill();                                                                                          \
    for (int i = 0; i < (outputs); i++) both[i] = bias[i], both[(outputs) + i] = multiplier[i];      \
    plain_linear(inputs, outputs, relu, q);                                                          \
    LINEAR_S8(inputs, outputs, q);                                                                   \
    ditmos_linear_f32(inputs, outputs, relu, input_fa, weights_f, bias_f, got_f);                    \
    return same();                                                                                   \
  }

#if defined(DITMOS_DSP)
DITMOS_TILE_DSP(1)
DITMOS_TILE_DSP(3)
DITMOS_TILE_DSP(5)
DITMOS_TILE_DSP(8)
DITMOS_TILE_DSP(10)
#define SERIES_LAYER(tile_a, tile_b, ca, cb, k, stride, f)                                                                        \
  static const ditmos_series_layer_dsp layer = {tile_a, tile_b, 3 * 32 + 16, 0x03030303u, 4 * (f), ((k) * (ca) & ~3) * 4,         \
                                                ((k) * (cb) & ~3) * 4, (k) * (ca) & 3, (k) * (cb) & 3, 5, 2 * (stride) * (ca), 2 * (stride) * (cb)};
#else
#define SERIES_LAYER(tile_a, tile_b, ca, cb, k, stride, f)
#endif
/* tile of a, tile of b, width, channels, extra, kernel, stride, filters: the whole map, then its first column over again */
#define SERIES(number, tile_a, tile_b, w, ca, cb, k, stride, f)                                                                   \
  static int __attribute__((noinline)) check##number(void) {                                                                      \
    static const ditmos_conv_shape s = {1, w, ca, cb, 1, k, 1, stride, 0, 0, 1, ((w) - (k)) / (stride) + 1, f, 1, 2, 1};            \
    SERIES_LAYER(tile_a, tile_b, ca, cb, k, stride, f)                                                                            \
    const ditmos_requant q = {both, both + (f), 3 * 32 + 16, 5, 3};                                                               \
    fill();                                                                                                                       \
    for (int i = 0; i < (f); i++) both[i] = bias[i], both[(f) + i] = multiplier[i];                                               \
    ditmos_conv_s8_plain(s, DITMOS_PAIRS, input_a, input_b, 0, weights, q, want);                                                 \
    DITMOS_SERIES_S8(layer, s, input_a, input_b, weights, q, got);                                                                \
    for (int i = 0; i < (f); i++) got[i] = 99;                                                                                    \
    DITMOS_SERIES_COLUMN_S8(layer, s, input_a, input_b, weights, q, got);                                                         \
    return same();                                                                                                                \
  }

#if defined(DITMOS_FPU) && DITMOS_MUL_ADD
DITMOS_TILE_F32_M4(3, 15)
DITMOS_TILE_F32_M4(8, 9)
DITMOS_TILE_F32_M4(8, 5)
DITMOS_TILE_F32_M4(1, 2)
DITMOS_TILE_F32_M4(2, 3)
DITMOS_TILE_F32_M4(5, 4)
DITMOS_TILE_F32_M4(36, 6)
DITMOS_TILE_F32_M4(1, 7)
DITMOS_TILE_F32_M4(2, 8)
#define SERIES_LAYER_F32(tile_a, tile_b, ca, cb, f) static const ditmos_series_layer_m4 layer = {tile_a, tile_b, ca, cb, (f) / 4, 4 * (f), 16 * (ca), 16 * (cb)};
#else
#define SERIES_LAYER_F32(tile_a, tile_b, ca, cb, f)
#endif
#define SERIES_F32(number, tile_a, tile_b, w, ca, cb, k, f)                                                                       \
  static int __attribute__((noinline)) check##number(void) {                                                                      \
    static const ditmos_conv_shape s = {1, w, ca, cb, 1, k, 1, 1, 0, 0, 1, (w) - (k) + 1, f, 1, 2, 1};                            \
    SERIES_LAYER_F32(tile_a, tile_b, ca, cb, f)                                                                                   \
    fill();                                                                                                                       \
    ditmos_series_f32_plain(s, input_fa, input_fb, weights_f, bias_f, want_f);                                                    \
    DITMOS_SERIES_F32(layer, s, input_fa, input_fb, weights_f, bias_f, got_f);                                                    \
    return same();                                                                                                                \
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
SERIES(40, ditmos_tile_3_dsp, NULL, 151, 3, 0, 15, 1, 8)
SERIES(41, ditmos_tile_8_dsp, ditmos_tile_8_dsp, 68, 8, 8, 9, 1, 8)
SERIES(42, ditmos_tile_8_dsp, NULL, 30, 8, 0, 5, 1, 4)
SERIES(43, ditmos_tile_1_dsp, ditmos_tile_5_dsp, 40, 1, 5, 7, 1, 12)
SERIES(44, ditmos_tile_10_dsp, NULL, 41, 5, 0, 3, 2, 4)
SERIES_F32(50, ditmos_tile_3x15_m4, NULL, 151, 3, 0, 15, 8)
SERIES_F32(51, ditmos_tile_8x9_m4, ditmos_tile_8x9_m4, 68, 8, 8, 9, 8)
SERIES_F32(52, ditmos_tile_8x5_m4, NULL, 30, 8, 0, 5, 4)
SERIES_F32(53, ditmos_tile_1x2_m4, NULL, 9, 1, 0, 2, 4)
SERIES_F32(54, ditmos_tile_2x3_m4, NULL, 7, 2, 0, 3, 12)
SERIES_F32(55, ditmos_tile_5x4_m4, NULL, 20, 5, 0, 4, 4)
SERIES_F32(56, ditmos_tile_36x6_m4, NULL, 14, 36, 0, 6, 4)
SERIES_F32(57, ditmos_tile_1x7_m4, NULL, 21, 1, 0, 7, 4)
SERIES_F32(58, ditmos_tile_2x8_m4, ditmos_tile_2x8_m4, 30, 2, 2, 8, 8)

int main(void) {
  static const struct {
    int number;
    int (*check)(void);
  } checks[] = {{1, check1}, {2, check2}, {3, check3}, {4, check4}, {5, check5}, {6, check6}, {7, check7}, {8, check8}, {9, check9}, {10, check10}, {11, check11}, {12, check12}, {20, check20}, {21, check21}, {22, check22}, {23, check23}, {30, check30}, {31, check31}, {32, check32}, {33, check33}, {34, check34}, {35, check35}, {40, check40}, {41, check41}, {42, check42}, {43, check43}, {44, check44},
                {50, check50}, {51, check51}, {52, check52}, {53, check53}, {54, check54}, {55, check55}, {56, check56}, {57, check57}, {58, check58}};
  for (unsigned i = 0; i < sizeof checks / sizeof *checks; i++) {
    if (!checks[i].check()) return checks[i].number;
  }
  return 0;
}
