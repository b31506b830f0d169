#include <algorithm>

#include "nn/kernels/kernels.hpp"

namespace ditmos::nn {
namespace {

std::size_t at(int position) { return static_cast<std::size_t>(position) * kLanes; }

template <class T>
void convolve(const ConvolveTask<T>& t) {
  for (int o = 0; o < t.outputs; ++o)
    for (int y = 0; y < t.height; ++y)
      for (int x = 0; x < t.width; ++x) {
        T* out = t.output + at((o * t.height + y) * t.width + x);
        T sum[kLanes];
        for (int lane = 0; lane < kLanes; ++lane)
          sum[lane] = (t.initial ? t.initial[o] : T(0)) + (t.accumulate ? out[lane] : T(0));
        for (int c = 0; c < t.channels; ++c)
          for (int i = 0; i < t.kernel_height; ++i)
            for (int j = 0; j < t.kernel_width; ++j) {
              const T weight = t.weights[((c * t.kernel_height + i) * t.kernel_width + j) * t.outputs + o];
              const T* in = t.input[c] + at((y * t.stride + i) * t.input_width + x * t.stride + j);
              for (int lane = 0; lane < kLanes; ++lane) sum[lane] += weight * in[lane];
            }
        for (int lane = 0; lane < kLanes; ++lane) {
          out[lane] = sum[lane];
          if (!t.sums) continue;
          t.sums[(o * 2) * kLanes + lane] += sum[lane];
          t.sums[(o * 2 + 1) * kLanes + lane] += sum[lane] * sum[lane];
        }
      }
}

template <class T>
void correlate(const CorrelateTask<T>& t) {
  for (int o = 0; o < t.outputs; ++o)
    for (int c = 0; c < t.channels; ++c)
      for (int i = 0; i < t.kernel_height; ++i)
        for (int j = 0; j < t.kernel_width; ++j) {
          T sum[kLanes] = {};
          for (int g = 0; g < t.groups; ++g) {
            const T* gradient = t.gradient + static_cast<std::size_t>(g) * t.gradient_group +
                                static_cast<std::size_t>(o) * t.gradient_plane;
            for (int y = 0; y < t.height; ++y)
              for (int x = 0; x < t.width; ++x) {
                const T* d = gradient + at((y * t.gradient_width + x) * t.stride);
                const T* in = t.input[g * t.input_pitch + c] + at((y * t.stride + i) * t.input_width + x * t.stride + j);
                for (int lane = 0; lane < kLanes; ++lane) sum[lane] += d[lane] * in[lane];
              }
          }
          T total = 0;
          for (const T value : sum) total += value;
          t.result[static_cast<std::size_t>(o) * t.result_stride +
                   static_cast<std::size_t>((c * t.kernel_height + i) * t.kernel_width + j)] += total;
        }
}

template <class T>
void normalize(const NormalizeTask<T>& t) {
  for (int y = 0; y < t.output_height; ++y)
    for (int x = 0; x < t.output_width; ++x)
      for (int lane = 0; lane < kLanes; ++lane) {
        T best = 0;
        for (int i = 0; i < t.pool_height; ++i)
          for (int j = 0; j < t.pool_width; ++j) {
            const T z = t.z[at((y * t.pool_height + i) * t.width + x * t.pool_width + j) + static_cast<std::size_t>(lane)];
            best = std::max(best, t.scale * z + t.offset);
          }
        t.output[at(y * t.output_width + x) + static_cast<std::size_t>(lane)] = lane < t.lanes ? best : T(0);
      }
}

/// Calls visit(window's first position, offset of its first maximum, g) for every output and lane.
template <class T, class Visit>
void visit_windows(const PoolGradientTask<T>& t, Visit visit) {
  for (int y = 0; y < t.output_height; ++y)
    for (int x = 0; x < t.output_width; ++x)
      for (int lane = 0; lane < t.lanes; ++lane) {
        const int first = y * t.pool_height * t.width + x * t.pool_width;
        int best_at = first;
        T best = 0;
        for (int i = 0; i < t.pool_height; ++i)
          for (int j = 0; j < t.pool_width; ++j) {
            const int position = first + i * t.width + j;
            const T value = t.scale * t.z[at(position) + static_cast<std::size_t>(lane)] + t.offset;
            if (value > best) {
              best = value;
              best_at = position;
            }
          }
        if (best > T(0))
          visit(best_at, lane, t.gradient[at(y * t.output_width + x) + static_cast<std::size_t>(lane)]);
      }
}

template <class T>
void reduce(const PoolGradientTask<T>& t) {
  visit_windows(t, [&](int position, int lane, T g) {
    t.sums[lane] += g;
    t.sums[kLanes + lane] += g * t.z[at(position) + static_cast<std::size_t>(lane)];
  });
}

template <class T>
void spread(const PoolGradientTask<T>& t) {
  const auto place = [&](int position) {
    return at((position / t.width * t.dz_width + position % t.width) * t.step);
  };
  for (int position = 0; position < t.height * t.width; ++position)
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      t.dz[place(position) + lane] = static_cast<int>(lane) < t.lanes ? t.b + t.c * t.z[at(position) + lane] : T(0);
  visit_windows(t, [&](int position, int lane, T g) { t.dz[place(position) + static_cast<std::size_t>(lane)] += t.a * g; });
}

template <class T>
void affine(const AffineTask<T>& t) {
  for (int y = 0; y < t.height; ++y)
    for (int x = 0; x < t.width; ++x)
      for (std::size_t lane = 0; lane < kLanes; ++lane)
        t.output[at(y * t.output_width + x) + lane] =
            static_cast<int>(lane) < t.lanes ? t.scale * (t.input[at(y * t.width + x) + lane] - t.shift) + t.offset : T(0);
}

template <class T>
void moments(const MomentsTask<T>& t) {
  for (int i = 0; i < t.count; ++i)
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const T v = t.input[at(i) + lane] - t.shift;
      t.sums[lane] += v;
      t.sums[kLanes + lane] += v * v;
    }
}

template <class T>
void linear(const LinearTask<T>& t) {
  for (int o = 0; o < t.outputs; ++o) {
    T sum[kLanes];
    for (T& value : sum) value = t.initial ? t.initial[o] : T(0);
    for (int i = 0; i < t.inputs; ++i) {
      const T weight = t.weights[static_cast<std::size_t>(o) * t.output_stride + static_cast<std::size_t>(i) * t.input_stride];
      for (std::size_t lane = 0; lane < kLanes; ++lane) sum[lane] += weight * t.input[at(i) + lane];
    }
    std::copy(sum, sum + kLanes, t.output + at(o));
  }
}

template <class T>
void outer(const OuterTask<T>& t) {
  for (int o = 0; o < t.outputs; ++o)
    for (int i = 0; i < t.inputs; ++i) {
      T sum = 0;
      for (int g = 0; g < t.groups; ++g)
        for (int lane = 0; lane < kLanes; ++lane)
          sum += t.gradient[at(g * t.outputs + o) + static_cast<std::size_t>(lane)] *
                 t.rows[static_cast<std::size_t>(g * kLanes + lane) * static_cast<std::size_t>(t.row_pitch) + static_cast<std::size_t>(i)];
      t.result[static_cast<std::size_t>(o) * static_cast<std::size_t>(t.inputs) + static_cast<std::size_t>(i)] += sum;
    }
}

template <class T>
void sgd(const SgdTask<T>& t) {
  for (std::size_t i = 0; i < t.count; ++i) {
    const T g = t.gradient[i] + t.decay * t.value[i];
    t.velocity[i] = t.momentum * t.velocity[i] + g;
    t.value[i] -= t.rate * (t.nesterov ? g + t.momentum * t.velocity[i] : t.velocity[i]);
  }
}

}  // namespace

template <class T>
const KernelTable<T>& plain_kernels() {
  static constexpr KernelTable<T> table{"plain",   convolve<T>, correlate<T>, normalize<T>, reduce<T>, spread<T>,
                                        affine<T>, moments<T>,  linear<T>,    outer<T>,     sgd<T>};
  return table;
}

template const KernelTable<float>& plain_kernels<float>();
template const KernelTable<double>& plain_kernels<double>();

}  // namespace ditmos::nn
