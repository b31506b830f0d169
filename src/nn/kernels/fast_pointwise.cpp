// The kernels that pass over maps once: batch norm, ReLU and max pool together, their gradients, statistics, updates.
#include <algorithm>

#include "nn/kernels/fast.hpp"
#include "nn/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/fast_pointwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ditmos::nn::HWY_NAMESPACE {
namespace {
#if HWY_TARGET != HWY_SCALAR
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::CappedTag<T, kLanes>;
template <class T>
using Vector = hn::Vec<Tag<T>>;

HWY_INLINE std::size_t at(int position) { return static_cast<std::size_t>(position) * kLanes; }

/// The first `lanes` lanes of a group, seen from the part of it that begins at `lane`.
template <class T>
HWY_INLINE auto used_lanes(int lanes, std::size_t lane) {
  return hn::FirstN(Tag<T>(), static_cast<std::size_t>(std::max(0, lanes - static_cast<int>(lane))));
}

/// A pool window's size: known when compiled for the usual ones.
template <int H, int W>
struct FixedPool {
  int height() const { return H; }
  int width() const { return W; }
};
struct AnyPool {
  int h, w;
  int height() const { return h; }
  int width() const { return w; }
};

template <class F>
HWY_INLINE void with_pool(int height, int width, F f) {
  if (height == 1 && width == 2)
    f(FixedPool<1, 2>());
  else if (height == 1 && width == 1)
    f(FixedPool<1, 1>());
  else if (height == 2 && width == 2)
    f(FixedPool<2, 2>());
  else
    f(AnyPool{height, width});
}

template <class T, class Pool>
HWY_INLINE void normalize_plane(const NormalizeTask<T>& t, Pool pool, std::size_t lane) {
  const Tag<T> d;
  const auto scale = hn::Set(d, t.scale), offset = hn::Set(d, t.offset);
  const auto used = used_lanes<T>(t.lanes, lane);
  T* out = t.output + lane;
  for (int y = 0; y < t.output_height; ++y) {
    const T* in = t.z + at(y * pool.height() * t.width) + lane;
    for (int x = 0; x < t.output_width; ++x, in += at(pool.width()), out += kLanes) {
      auto best = hn::Zero(d);
      for (int i = 0; i < pool.height(); ++i)
        for (int j = 0; j < pool.width(); ++j)
          best = hn::Max(best, hn::MulAdd(scale, hn::Load(d, in + at(i * t.width + j)), offset));
      hn::Store(hn::IfThenElseZero(used, best), d, out);
    }
  }
}

template <class T>
void normalize(const NormalizeTask<T>& t) {
  with_pool(t.pool_height, t.pool_width, [&](auto pool) {
    for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(Tag<T>())) normalize_plane(t, pool, lane);
  });
}

template <class T, class Pool>
HWY_INLINE void reduce_plane(const PoolGradientTask<T>& t, Pool pool, std::size_t lane) {
  const Tag<T> d;
  const auto scale = hn::Set(d, t.scale), offset = hn::Set(d, t.offset);
  const auto used = used_lanes<T>(t.lanes, lane);
  auto sum = hn::Zero(d), product = hn::Zero(d);
  const T* gradient = t.gradient + lane;
  for (int y = 0; y < t.output_height; ++y) {
    const T* in = t.z + at(y * pool.height() * t.width) + lane;
    for (int x = 0; x < t.output_width; ++x, in += at(pool.width()), gradient += kLanes) {
      auto best = hn::Zero(d), best_z = hn::Zero(d);
      for (int i = 0; i < pool.height(); ++i)
        for (int j = 0; j < pool.width(); ++j) {
          const auto z = hn::Load(d, in + at(i * t.width + j));
          const auto value = hn::MulAdd(scale, z, offset);
          const auto larger = hn::Gt(value, best);
          best = hn::IfThenElse(larger, value, best);
          best_z = hn::IfThenElse(larger, z, best_z);
        }
      const auto g = hn::IfThenElseZero(hn::And(used, hn::Gt(best, hn::Zero(d))), hn::Load(d, gradient));
      sum = hn::Add(sum, g);
      product = hn::MulAdd(g, best_z, product);
    }
  }
  hn::Store(hn::Add(hn::Load(d, t.sums + lane), sum), d, t.sums + lane);
  hn::Store(hn::Add(hn::Load(d, t.sums + kLanes + lane), product), d, t.sums + kLanes + lane);
}

template <class T>
void reduce(const PoolGradientTask<T>& t) {
  with_pool(t.pool_height, t.pool_width, [&](auto pool) {
    for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(Tag<T>())) reduce_plane(t, pool, lane);
  });
}

template <class T, class Pool>
HWY_INLINE void spread_plane(const PoolGradientTask<T>& t, Pool pool, std::size_t lane) {
  const Tag<T> d;
  const auto scale = hn::Set(d, t.scale), offset = hn::Set(d, t.offset);
  const auto a = hn::Set(d, t.a), b = hn::Set(d, t.b), c = hn::Set(d, t.c), zero = hn::Zero(d);
  const auto used = used_lanes<T>(t.lanes, lane);
  const auto z_at = [&](int y, int x) { return hn::Load(d, t.z + at(y * t.width + x) + lane); };
  const auto store = [&](Vector<T> v, int y, int x) {
    hn::Store(hn::IfThenElseZero(used, v), d, t.dz + at((y * t.dz_width + x) * t.step) + lane);
  };
  const T* gradient = t.gradient + lane;
  for (int oy = 0; oy < t.output_height; ++oy) {
    const int y = oy * pool.height();
    for (int ox = 0; ox < t.output_width; ++ox, gradient += kLanes) {
      const int x = ox * pool.width();
      auto best = zero;
      for (int i = 0; i < pool.height(); ++i)
        for (int j = 0; j < pool.width(); ++j) best = hn::Max(best, hn::MulAdd(scale, z_at(y + i, x + j), offset));
      // Handed to the first position that holds the maximum, when that is positive; 0 afterwards.
      auto rest = hn::IfThenElseZero(hn::Gt(best, zero), hn::Mul(a, hn::Load(d, gradient)));
      for (int i = 0; i < pool.height(); ++i)
        for (int j = 0; j < pool.width(); ++j) {
          const auto z = z_at(y + i, x + j);
          const auto here = hn::Eq(hn::MulAdd(scale, z, offset), best);
          store(hn::Add(hn::MulAdd(c, z, b), hn::IfThenElseZero(here, rest)), y + i, x + j);
          rest = hn::IfThenZeroElse(here, rest);
        }
    }
    for (int i = 0; i < pool.height(); ++i)
      for (int x = t.output_width * pool.width(); x < t.width; ++x) store(hn::MulAdd(c, z_at(y + i, x), b), y + i, x);
  }
  for (int y = t.output_height * pool.height(); y < t.height; ++y)
    for (int x = 0; x < t.width; ++x) store(hn::MulAdd(c, z_at(y, x), b), y, x);
}

template <class T>
void spread(const PoolGradientTask<T>& t) {
  with_pool(t.pool_height, t.pool_width, [&](auto pool) {
    for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(Tag<T>())) spread_plane(t, pool, lane);
  });
}

template <class T>
void affine(const AffineTask<T>& t) {
  const Tag<T> d;
  const auto shift = hn::Set(d, t.shift), scale = hn::Set(d, t.scale), offset = hn::Set(d, t.offset);
  for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    const auto used = used_lanes<T>(t.lanes, lane);
    for (int y = 0; y < t.height; ++y) {
      const T* in = t.input + at(y * t.width) + lane;
      T* out = t.output + at(y * t.output_width) + lane;
      for (int x = 0; x < t.width; ++x, in += kLanes, out += kLanes)
        hn::Store(hn::IfThenElseZero(used, hn::MulAdd(scale, hn::Sub(hn::Load(d, in), shift), offset)), d, out);
    }
  }
}

template <class T>
void moments(const MomentsTask<T>& t) {
  const Tag<T> d;
  const auto shift = hn::Set(d, t.shift);
  for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    auto first = hn::Load(d, t.sums + lane), second = hn::Load(d, t.sums + kLanes + lane);
    for (int i = 0; i < t.count; ++i) {
      const auto v = hn::Sub(hn::Load(d, t.input + at(i) + lane), shift);
      first = hn::Add(first, v);
      second = hn::MulAdd(v, v, second);
    }
    hn::Store(first, d, t.sums + lane);
    hn::Store(second, d, t.sums + kLanes + lane);
  }
}

template <class T>
void sgd(const SgdTask<T>& t) {
  const Tag<T> d;
  const auto rate = hn::Set(d, -t.rate), momentum = hn::Set(d, t.momentum), decay = hn::Set(d, t.decay);
  const std::size_t n = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + n <= t.count; i += n) {
    const auto value = hn::LoadU(d, t.value + i);
    const auto g = hn::MulAdd(decay, value, hn::LoadU(d, t.gradient + i));
    const auto velocity = hn::MulAdd(momentum, hn::LoadU(d, t.velocity + i), g);
    hn::StoreU(velocity, d, t.velocity + i);
    const auto direction = t.nesterov ? hn::MulAdd(momentum, velocity, g) : velocity;
    hn::StoreU(hn::MulAdd(rate, direction, value), d, t.value + i);
  }
  for (; i < t.count; ++i) {
    const T g = t.gradient[i] + t.decay * t.value[i];
    t.velocity[i] = t.momentum * t.velocity[i] + g;
    t.value[i] -= t.rate * (t.nesterov ? g + t.momentum * t.velocity[i] : t.velocity[i]);
  }
}

#endif  // HWY_SCALAR

template <class T>
void set_table([[maybe_unused]] KernelTable<T>& table) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 4 || HWY_HAVE_FLOAT64) {
    table.normalize = normalize<T>;
    table.reduce = reduce<T>;
    table.spread = spread<T>;
    table.affine = affine<T>;
    table.moments = moments<T>;
    table.sgd = sgd<T>;
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
void set_pointwise_kernels<float>(KernelTable<float>& table) {
  HWY_DYNAMIC_DISPATCH(set_float)(table);
}
template <>
void set_pointwise_kernels<double>(KernelTable<double>& table) {
  HWY_DYNAMIC_DISPATCH(set_double)(table);
}

}  // namespace ditmos::nn
#endif
