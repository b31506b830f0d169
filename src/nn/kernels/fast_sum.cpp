// The kernels that do the multiplications. Each holds a tile of sums in registers: kTileOutputs outputs x 3 positions
// (12 sums, 3 inputs and a broadcast weight fill the 16 registers of AVX2), or fewer outputs x more positions.
#include <algorithm>

#include "nn/kernels/fast.hpp"
#include "nn/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/fast_sum.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ditmos::nn::HWY_NAMESPACE {
namespace {
#if HWY_TARGET != HWY_SCALAR
namespace hn = hwy::HWY_NAMESPACE;

/// A vector never spans two positions; where it is shorter than kLanes, kernels run over parts of the lanes.
template <class T>
using Tag = hn::CappedTag<T, kLanes>;
template <class T>
using Vector = hn::Vec<Tag<T>>;

/// Calls f with the runtime value 1 .. most as a compile-time constant.
template <int most, class F>
HWY_INLINE void with_constant(int value, F f) {
  if constexpr (most > 1) {
    if (value < most) return with_constant<most - 1>(value, f);
  }
  f(std::integral_constant<int, most>());
}

/// Cuts 0 .. count - 1 into tiles of the best width for this many outputs, then smaller ones, and calls
/// f(first, constant width, number of tiles of this width that follow one another).
template <int outputs, class F>
HWY_INLINE void for_tiles(int count, F f) {
  constexpr int widest = outputs == 4 ? 3 : outputs == 1 ? 8 : 4;
  int x = 0;
  const auto cut = [&](auto width, int tiles) {
    if (tiles > 0) f(x, width, tiles);
    x += tiles * width;
  };
  // 4 left to a width of 3: 2 and 2, better than 3 and 1
  cut(std::integral_constant<int, widest>(), (widest == 3 && count > 3 && count % 3 == 1 ? count - 4 : count) / widest);
  if constexpr (widest == 8) cut(std::integral_constant<int, 4>(), (count - x) / 4);
  cut(std::integral_constant<int, 2>(), (count - x) / 2);
  cut(std::integral_constant<int, 1>(), count - x);
}

template <int O, int P, class T>
HWY_INLINE void convolve_tile(const ConvolveTask<T>& t, const std::size_t first, T* out, std::size_t lane) {
  const Tag<T> d;
  const std::size_t step = static_cast<std::size_t>(t.stride) * kLanes;
  const std::size_t plane = static_cast<std::size_t>(t.height) * t.width * kLanes;
  Vector<T> sum[O][P];
  for (int o = 0; o < O; ++o) {
    const auto start = t.initial ? hn::Set(d, t.initial[o]) : hn::Zero(d);
    for (int p = 0; p < P; ++p) sum[o][p] = start;
  }
  if (t.accumulate)
    for (int o = 0; o < O; ++o)
      for (int p = 0; p < P; ++p) sum[o][p] = hn::Add(sum[o][p], hn::Load(d, out + o * plane + p * kLanes));

  const std::size_t row = static_cast<std::size_t>(t.input_width) * kLanes;
  const T* weight = t.weights;
  for (int c = 0; c < t.channels; ++c) {
    const T* in_row = t.input[c] + first;
    for (int i = 0; i < t.kernel_height; ++i, in_row += row) {
      const T* in = in_row;
      for (int j = 0; j < t.kernel_width; ++j, in += kLanes, weight += O) {
        Vector<T> v[P];
        for (int p = 0; p < P; ++p) v[p] = hn::Load(d, in + p * step);
        for (int o = 0; o < O; ++o) {
          const auto w = hn::Set(d, weight[o]);
          for (int p = 0; p < P; ++p) sum[o][p] = hn::MulAdd(w, v[p], sum[o][p]);
        }
      }
    }
  }
  for (int o = 0; o < O; ++o)
    for (int p = 0; p < P; ++p) hn::Store(sum[o][p], d, out + o * plane + p * kLanes);
  if (!t.sums) return;
  for (int o = 0; o < O; ++o) {
    T* sums = t.sums + o * 2 * kLanes + lane;
    auto first_power = sum[o][0];
    auto second_power = hn::Mul(sum[o][0], sum[o][0]);
    for (int p = 1; p < P; ++p) {
      first_power = hn::Add(first_power, sum[o][p]);
      second_power = hn::MulAdd(sum[o][p], sum[o][p], second_power);
    }
    hn::Store(hn::Add(hn::Load(d, sums), first_power), d, sums);
    hn::Store(hn::Add(hn::Load(d, sums + kLanes), second_power), d, sums + kLanes);
  }
}

/// Tiles side by side in one row of the output, from column x on. Not inlined: with its loops to itself the compiler keeps
/// every pointer in a register.
template <int O, int P, class T>
HWY_NOINLINE void convolve_tiles(const ConvolveTask<T>& t, int y, int x, int tiles, std::size_t lane) {
  const std::size_t step = static_cast<std::size_t>(t.stride) * kLanes;
  std::size_t first = static_cast<std::size_t>(y) * t.input_width * step + x * step + lane;
  T* out = t.output + (static_cast<std::size_t>(y) * t.width + x) * kLanes + lane;
  for (; tiles > 0; --tiles, first += P * step, out += P * kLanes) convolve_tile<O, P>(t, first, out, lane);
}

/// Bytes of the first-level cache, usually 32 KiB, that the data may fill which a sweep comes back to.
constexpr std::size_t kCacheBytes = 24 * 1024;

template <class T>
void convolve_channels(const ConvolveTask<T>& t) {
  with_constant<kTileOutputs>(t.outputs, [&](auto o) {
    constexpr int O = decltype(o)::value;
    for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(Tag<T>()))
      for (int y = 0; y < t.height; ++y)
        for_tiles<O>(t.width, [&](int x, auto p, int tiles) { convolve_tiles<O, decltype(p)::value>(t, y, x, tiles, lane); });
  });
}

/// Few channels at a time, so that what neighbouring tiles share stays in the cache: a window of each and their weights.
template <class T>
void convolve(const ConvolveTask<T>& task) {
  ConvolveTask<T> t = task;
  if (t.kernel_height == 1 && t.kernel_width == 1 && t.stride == 1 && t.input_width == t.width) {
    t.width *= t.height;  // a 1 x 1 kernel sees one long row
    t.height = 1;
  }
  const std::size_t taps = static_cast<std::size_t>(t.kernel_height) * t.kernel_width;
  const std::size_t window = static_cast<std::size_t>(t.kernel_height) * (t.kernel_width + 3 * t.stride) * kLanes;
  const int at_once = std::max(4, static_cast<int>(kCacheBytes / ((window + taps * t.outputs) * sizeof(T))));
  const int parts = (task.channels + at_once - 1) / at_once;
  for (int part = 0; part < parts; ++part) {
    const int first = part * task.channels / parts;
    t.channels = (part + 1) * task.channels / parts - first;
    t.input = task.input + first;
    t.weights = task.weights + first * taps * t.outputs;
    t.initial = part == 0 ? task.initial : nullptr;
    t.accumulate = task.accumulate || part > 0;
    t.sums = part == parts - 1 ? task.sums : nullptr;
    convolve_channels(t);
  }
}

/// result[o * stride] += sum of the lanes of sum[o].
template <int O, class T>
HWY_INLINE void add_lane_sums(const Vector<T>* sum, T* result, std::size_t stride) {
  const Tag<T> d;
  if constexpr (O == 4 && sizeof(T) == 4) {
    // Four at a time: pairs of vectors are interleaved and added, twice, in blocks of 4 lanes.
    const hn::Repartition<double, Tag<T>> pairs;
    const auto ab = hn::Add(hn::InterleaveLower(d, sum[0], sum[1]), hn::InterleaveUpper(d, sum[0], sum[1]));
    const auto cd = hn::Add(hn::InterleaveLower(d, sum[2], sum[3]), hn::InterleaveUpper(d, sum[2], sum[3]));
    const auto low = hn::InterleaveLower(pairs, hn::BitCast(pairs, ab), hn::BitCast(pairs, cd));
    const auto high = hn::InterleaveUpper(pairs, hn::BitCast(pairs, ab), hn::BitCast(pairs, cd));
    HWY_ALIGN T abcd[kLanes];
    hn::Store(hn::Add(hn::BitCast(d, low), hn::BitCast(d, high)), d, abcd);
    for (int o = 0; o < O; ++o) {
      T total = abcd[o];
      for (std::size_t block = 4; block < hn::Lanes(d); block += 4) total += abcd[block + static_cast<std::size_t>(o)];
      result[static_cast<std::size_t>(o) * stride] += total;
    }
  } else {
    for (int o = 0; o < O; ++o) result[static_cast<std::size_t>(o) * stride] += hn::GetLane(hn::SumOfLanes(d, sum[o]));
  }
}

/// Positions of the gradient that one sweep over the taps looks at: `rows` rows from row `y` of group `group` on, columns
/// [column, column + columns).
struct Patch {
  int group, y, rows, column, columns;
};

/// A tap of the kernels, counted through channels, rows and columns.
struct Tap {
  int channel = 0, row = 0, column = 0;

  template <class T>
  HWY_INLINE void advance(const CorrelateTask<T>& t) {
    if (++column < t.kernel_width) return;
    column = 0;
    if (++row < t.kernel_height) return;
    row = 0;
    ++channel;
  }
};

/// Sums of P taps from `next` on, which is left behind them.
template <int O, int P, class T>
HWY_INLINE void correlate_tile(const CorrelateTask<T>& t, const Patch& patch, Tap& next, T* result, std::size_t lane) {
  const Tag<T> d;
  int channel[P];
  std::size_t offset[P];
  const std::size_t step = static_cast<std::size_t>(t.stride) * kLanes, end = static_cast<std::size_t>(patch.columns) * step;
  const std::size_t start = static_cast<std::size_t>(patch.column) * step + lane;
  for (int p = 0; p < P; ++p) {
    channel[p] = next.channel;
    offset[p] = (static_cast<std::size_t>(next.row) * t.input_width + next.column) * kLanes + start;
    next.advance(t);
  }
  Vector<T> sum[P][O];
  for (int p = 0; p < P; ++p)
    for (int o = 0; o < O; ++o) sum[p][o] = hn::Zero(d);
  int g = patch.group, y = patch.y;
  for (int row = 0; row < patch.rows; ++row) {
    const T* in[P];
    const T* gradient[O];
    for (int p = 0; p < P; ++p)
      in[p] = t.input[g * t.input_pitch + channel[p]] + offset[p] + static_cast<std::size_t>(y) * t.input_width * step;
    for (int o = 0; o < O; ++o)
      gradient[o] = t.gradient + g * t.gradient_group + o * t.gradient_plane + static_cast<std::size_t>(y) * t.gradient_width * step + start;
    for (std::size_t x = 0; x < end; x += step) {
      Vector<T> v[P];
      for (int p = 0; p < P; ++p) v[p] = hn::Load(d, in[p] + x);
      for (int o = 0; o < O; ++o) {
        const auto dz = hn::Load(d, gradient[o] + x);
        for (int p = 0; p < P; ++p) sum[p][o] = hn::MulAdd(dz, v[p], sum[p][o]);
      }
    }
    if (++y == t.height) {
      y = 0;
      ++g;
    }
  }
  for (int p = 0; p < P; ++p) add_lane_sums<O, T>(sum[p], result + p, t.result_stride);
}

template <int O, int P, class T>
HWY_NOINLINE void correlate_tiles(const CorrelateTask<T>& t, const Patch& patch, Tap& next, T* result, int tiles, std::size_t lane) {
  for (; tiles > 0; --tiles, result += P) correlate_tile<O, P>(t, patch, next, result, lane);
}

/// Sweeps over all taps for one patch of the gradient after another, so that the patch stays in the cache.
template <class T>
void correlate(const CorrelateTask<T>& task) {
  CorrelateTask<T> t = task;
  if (t.kernel_height == 1 && t.kernel_width == 1 && t.stride == 1 && t.input_width == t.width && t.gradient_width == t.width) {
    t.width *= t.height;
    t.height = 1;
  }
  const int taps = t.channels * t.kernel_height * t.kernel_width, rows = t.groups * t.height;
  const int positions = std::max(1, static_cast<int>(kCacheBytes / (t.outputs * t.stride * kLanes * sizeof(T))));
  const int row_parts = (t.width + positions - 1) / positions, rows_at_once = std::max(1, positions / t.width);
  with_constant<kTileOutputs>(t.outputs, [&](auto o) {
    constexpr int O = decltype(o)::value;
    for (int first = 0; first < rows; first += rows_at_once)
      for (int part = 0; part < row_parts; ++part) {
        Patch patch{first / t.height, first % t.height, std::min(rows_at_once, rows - first), part * t.width / row_parts, 0};
        patch.columns = (part + 1) * t.width / row_parts - patch.column;
        for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(Tag<T>())) {
          Tap next;
          for_tiles<O>(taps, [&](int tap, auto p, int tiles) {
            correlate_tiles<O, decltype(p)::value>(t, patch, next, t.result + tap, tiles, lane);
          });
        }
      }
  });
}

template <int O, class T>
HWY_NOINLINE void linear_tile(const LinearTask<T>& t, int first, std::size_t lane) {
  const Tag<T> d;
  Vector<T> sum[O];
  for (int o = 0; o < O; ++o) sum[o] = t.initial ? hn::Set(d, t.initial[first + o]) : hn::Zero(d);
  const T* weight = t.weights + static_cast<std::size_t>(first) * t.output_stride;
  const T* in = t.input + lane;
  for (int i = 0; i < t.inputs; ++i, in += kLanes, weight += t.input_stride) {
    const auto v = hn::Load(d, in);
    for (int o = 0; o < O; ++o) sum[o] = hn::MulAdd(hn::Set(d, weight[o * t.output_stride]), v, sum[o]);
  }
  for (int o = 0; o < O; ++o) hn::Store(sum[o], d, t.output + (static_cast<std::size_t>(first) + o) * kLanes + lane);
}

template <class T>
void linear(const LinearTask<T>& t) {
  constexpr int most = 8;
  const int tiles = (t.outputs + most - 1) / most;
  for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(Tag<T>()))
    for (int tile = 0; tile < tiles; ++tile) {
      const int first = tile * t.outputs / tiles;
      with_constant<most>((tile + 1) * t.outputs / tiles - first,
                          [&](auto o) { linear_tile<decltype(o)::value>(t, first, lane); });
    }
}

/// Weights of O outputs and P vectors of inputs.
template <int O, int P, class T>
HWY_NOINLINE void outer_tile(const OuterTask<T>& t, int first_output, int first_input) {
  const Tag<T> d;
  const int n = static_cast<int>(hn::Lanes(d));
  Vector<T> sum[O][P];
  for (int o = 0; o < O; ++o)
    for (int p = 0; p < P; ++p) sum[o][p] = hn::Zero(d);
  for (int g = 0; g < t.groups; ++g) {
    const T* row = t.rows + static_cast<std::size_t>(g) * kLanes * t.row_pitch + first_input;
    const T* gradient = t.gradient + (static_cast<std::size_t>(g) * t.outputs + first_output) * kLanes;
    for (int lane = 0; lane < kLanes; ++lane, row += t.row_pitch) {
      Vector<T> v[P];
      for (int p = 0; p < P; ++p) v[p] = hn::Load(d, row + p * n);
      for (int o = 0; o < O; ++o) {
        const auto dz = hn::Set(d, gradient[o * kLanes + lane]);
        for (int p = 0; p < P; ++p) sum[o][p] = hn::MulAdd(dz, v[p], sum[o][p]);
      }
    }
  }
  for (int o = 0; o < O; ++o)
    for (int p = 0; p < P; ++p) {
      const int input = first_input + p * n;
      T* result = t.result + (static_cast<std::size_t>(first_output) + o) * t.inputs + input;
      if (input + n <= t.inputs) {
        hn::StoreU(hn::Add(hn::LoadU(d, result), sum[o][p]), d, result);
      } else {
        HWY_ALIGN T part[kLanes] = {};
        hn::Store(sum[o][p], d, part);
        for (int i = 0; i < t.inputs - input; ++i) result[i] += part[i];
      }
    }
}

template <class T>
void outer(const OuterTask<T>& t) {
  const int n = static_cast<int>(hn::Lanes(Tag<T>()));
  const int vectors = (t.inputs + n - 1) / n;
  for (int o = 0, outputs = 0; o < t.outputs; o += outputs) {
    outputs = std::min(kTileOutputs, t.outputs - o);
    with_constant<kTileOutputs>(outputs, [&](auto constant) {
      constexpr int O = decltype(constant)::value;
      for_tiles<O>(vectors, [&](int vector, auto p, int tiles) {
        for (int i = 0; i < tiles; ++i) outer_tile<O, decltype(p)::value>(t, o, (vector + i * p) * n);
      });
    });
  }
}

#endif  // HWY_SCALAR

/// Starts from the plain kernels, which stay where this target has no vectors of T.
template <class T>
void set_table(KernelTable<T>& table) {
  table = plain_kernels<T>();
  table.name = hwy::TargetName(HWY_TARGET);
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 4 || HWY_HAVE_FLOAT64) {
    table.convolve = convolve<T>;
    table.correlate = correlate<T>;
    table.linear = linear<T>;
    table.outer = outer<T>;
  }
#endif
}

void set_float(KernelTable<float>& table) { set_table(table); }
void set_double(KernelTable<double>& table) { set_table(table); }

}  // namespace
}  // namespace ditmos::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ditmos::nn {

HWY_EXPORT(set_float);
HWY_EXPORT(set_double);

template <>
void set_sum_kernels<float>(KernelTable<float>& table) {
  HWY_DYNAMIC_DISPATCH(set_float)(table);
}
template <>
void set_sum_kernels<double>(KernelTable<double>& table) {
  HWY_DYNAMIC_DISPATCH(set_double)(table);
}

}  // namespace ditmos::nn
#endif
