#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random.hpp"
#include "nn/kernels/distances.hpp"
#include "nn/kernels/fast.hpp"

namespace ditmos::nn {
namespace {

// Every vector kernel of every vector extension of this machine against its plain twin, over random shapes.

template <class T>
using Values = AlignedVector<T>;

template <class T>
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}
  int between(int low, int high) { return low + static_cast<int>(random_.below(static_cast<std::uint64_t>(high - low + 1))); }
  T value() { return static_cast<T>(random_.normal()); }
  Values<T> values(int n) {
    Values<T> v(static_cast<std::size_t>(n));
    for (T& x : v) x = value();
    return v;
  }

 private:
  Random random_;
};

/// Equal to rounding of sums of `terms` values of order 1.
template <class T>
void expect_near(const Values<T>& actual, const Values<T>& expected, int terms, const char* what) {
  ASSERT_EQ(actual.size(), expected.size());
  const double epsilon = sizeof(T) == 4 ? 1.2e-7 : 2.3e-16;
  const double tolerance = 16 * epsilon * std::sqrt(static_cast<double>(terms) + 1) * 4;
  for (std::size_t i = 0; i < actual.size(); ++i)
    ASSERT_NEAR(static_cast<double>(actual[i]), static_cast<double>(expected[i]),
                tolerance * std::max(1.0, std::abs(static_cast<double>(expected[i]))))
        << what << " at " << i;
}

constexpr int kShapes = 60;

template <class T>
void check_convolve(const KernelTable<T>& fast, Draw<T>& draw) {
  ConvolveTask<T> t{};
  t.channels = draw.between(1, 9);
  t.outputs = draw.between(1, kTileOutputs);
  t.kernel_height = draw.between(0, 2) ? 1 : draw.between(1, 4);
  t.kernel_width = draw.between(1, 20);
  t.stride = draw.between(1, 3);
  t.height = draw.between(0, 2) ? 1 : draw.between(1, 5);
  t.width = draw.between(1, 30);
  const int input_height = (t.height - 1) * t.stride + t.kernel_height;
  t.input_width = (t.width - 1) * t.stride + t.kernel_width + draw.between(0, 2);
  const auto input = draw.values(t.channels * input_height * t.input_width * kLanes);
  std::vector<const T*> planes;
  for (int c = 0; c < t.channels; ++c) planes.push_back(input.data() + c * input_height * t.input_width * kLanes);
  t.input = planes.data();
  const auto weights = draw.values(t.channels * t.kernel_height * t.kernel_width * t.outputs);
  const auto initial = draw.values(t.outputs);
  t.weights = weights.data();
  t.initial = draw.between(0, 3) ? initial.data() : nullptr;
  t.accumulate = draw.between(0, 1);
  const auto before = draw.values(t.outputs * t.height * t.width * kLanes), sums_before = draw.values(t.outputs * 2 * kLanes);
  const bool with_sums = draw.between(0, 1);
  const auto run = [&](const KernelTable<T>& table, Values<T>& output, Values<T>& sums) {
    output = before;
    sums = sums_before;
    t.output = output.data();
    t.sums = with_sums ? sums.data() : nullptr;
    table.convolve(t);
  };
  Values<T> expected, expected_sums, actual, actual_sums;
  run(plain_kernels<T>(), expected, expected_sums);
  run(fast, actual, actual_sums);
  const int terms = t.channels * t.kernel_height * t.kernel_width;
  expect_near(actual, expected, terms, "convolve");
  expect_near(actual_sums, expected_sums, terms * t.height * t.width, "convolve sums");
}

template <class T>
void check_correlate(const KernelTable<T>& fast, Draw<T>& draw) {
  CorrelateTask<T> t{};
  t.channels = draw.between(1, 5);
  t.input_pitch = t.channels + draw.between(0, 2);
  t.groups = draw.between(1, 3);
  t.outputs = draw.between(1, kTileOutputs);
  t.kernel_height = draw.between(0, 2) ? 1 : draw.between(1, 3);
  t.kernel_width = draw.between(1, 14);
  t.stride = draw.between(1, 2);
  t.height = draw.between(0, 2) ? 1 : draw.between(1, 4);
  t.width = draw.between(1, 20);
  const int input_height = (t.height - 1) * t.stride + t.kernel_height;
  t.input_width = (t.width - 1) * t.stride + t.kernel_width;
  const int plane = input_height * t.input_width * kLanes;
  const auto input = draw.values(t.groups * t.input_pitch * plane);
  std::vector<const T*> planes;
  for (int i = 0; i < t.groups * t.input_pitch; ++i) planes.push_back(input.data() + i * plane);
  t.input = planes.data();
  t.gradient_width = (t.width - 1) * t.stride + 1 + draw.between(0, 4);
  t.gradient_plane = static_cast<std::size_t>(((t.height - 1) * t.stride + 1) * t.gradient_width * kLanes);
  t.gradient_group = static_cast<std::size_t>(t.outputs) * t.gradient_plane;
  const auto gradient = draw.values(t.groups * static_cast<int>(t.gradient_group));
  t.gradient = gradient.data();
  const int taps = t.channels * t.kernel_height * t.kernel_width;
  t.result_stride = static_cast<std::size_t>(taps + draw.between(0, 3));
  const auto before = draw.values(t.outputs * static_cast<int>(t.result_stride));
  Values<T> expected = before, actual = before;
  t.result = expected.data();
  plain_kernels<T>().correlate(t);
  t.result = actual.data();
  fast.correlate(t);
  expect_near(actual, expected, t.groups * t.height * t.width * kLanes, "correlate");
}

template <class T>
void check_pool(const KernelTable<T>& fast, Draw<T>& draw) {
  const int pool_height = draw.between(1, 3), pool_width = draw.between(1, 3);
  const int height = pool_height * draw.between(1, 3) + draw.between(0, pool_height - 1);
  const int width = pool_width * draw.between(1, 9) + draw.between(0, pool_width - 1);
  const int output_height = height / pool_height, output_width = width / pool_width;
  const int lanes = draw.between(0, 1) ? kLanes : draw.between(1, kLanes);
  const T scale = draw.value(), offset = draw.value();
  auto z = draw.values(height * width * kLanes);
  for (std::size_t i = kLanes; i < z.size(); i += 3) z[i] = z[i - kLanes];  // equal neighbours: the first maximum counts
  const int outputs = output_height * output_width * kLanes;

  Values<T> expected(static_cast<std::size_t>(outputs), T(9)), actual = expected;
  NormalizeTask<T> n{z.data(), width, pool_height, pool_width, scale, offset, expected.data(), output_height, output_width, lanes};
  plain_kernels<T>().normalize(n);
  n.output = actual.data();
  fast.normalize(n);
  expect_near(actual, expected, 2, "normalize");

  const auto gradient = draw.values(outputs);
  PoolGradientTask<T> p{};
  p.z = z.data();
  p.height = height;
  p.width = width;
  p.pool_height = pool_height;
  p.pool_width = pool_width;
  p.scale = scale;
  p.offset = offset;
  p.gradient = gradient.data();
  p.output_height = output_height;
  p.output_width = output_width;
  p.lanes = lanes;
  const auto sums = draw.values(2 * kLanes);
  Values<T> expected_sums = sums, actual_sums = sums;
  p.sums = expected_sums.data();
  plain_kernels<T>().reduce(p);
  p.sums = actual_sums.data();
  fast.reduce(p);
  expect_near(actual_sums, expected_sums, output_height * output_width, "reduce");

  p.a = draw.value();
  p.b = draw.value();
  p.c = draw.value();
  p.step = draw.between(1, 2);
  p.dz_width = (width - 1) * p.step + 1 + draw.between(0, 4);
  Values<T> expected_dz(static_cast<std::size_t>(((height - 1) * p.step + 1) * p.dz_width * kLanes), T(5)), actual_dz = expected_dz;
  p.dz = expected_dz.data();
  plain_kernels<T>().spread(p);
  p.dz = actual_dz.data();
  fast.spread(p);
  expect_near(actual_dz, expected_dz, 3, "spread");
}

template <class T>
void check_pointwise(const KernelTable<T>& fast, Draw<T>& draw) {
  const int height = draw.between(1, 4), width = draw.between(1, 20);
  const auto input = draw.values(height * width * kLanes);
  AffineTask<T> a{};
  a.input = input.data();
  a.height = height;
  a.width = width;
  a.shift = draw.value();
  a.scale = draw.value();
  a.offset = draw.value();
  a.output_width = width + draw.between(0, 3);
  a.lanes = draw.between(1, kLanes);
  Values<T> expected(static_cast<std::size_t>(height * a.output_width * kLanes), T(3)), actual = expected;
  a.output = expected.data();
  plain_kernels<T>().affine(a);
  a.output = actual.data();
  fast.affine(a);
  expect_near(actual, expected, 2, "affine");

  const auto sums = draw.values(2 * kLanes);
  Values<T> expected_sums = sums, actual_sums = sums;
  const T shift = draw.value();
  plain_kernels<T>().moments({input.data(), height * width, shift, expected_sums.data()});
  fast.moments({input.data(), height * width, shift, actual_sums.data()});
  expect_near(actual_sums, expected_sums, height * width, "moments");

  const int n = draw.between(1, 40);
  const auto value = draw.values(n), velocity = draw.values(n), gradient = draw.values(n);
  for (const bool nesterov : {false, true}) {
    Values<T> values[2] = {value, value}, velocities[2] = {velocity, velocity};
    for (int i = 0; i < 2; ++i)
      (i ? fast : plain_kernels<T>())
          .sgd({values[i].data(), velocities[i].data(), gradient.data(), static_cast<std::size_t>(n), T(0.1), T(0.9), T(0.01), nesterov});
    expect_near(values[1], values[0], 3, "sgd values");
    expect_near(velocities[1], velocities[0], 3, "sgd velocities");
  }
}

template <class T>
void check_linear(const KernelTable<T>& fast, Draw<T>& draw) {
  const int inputs = draw.between(1, 70), outputs = draw.between(1, 40);
  const auto weights = draw.values(inputs * outputs), initial = draw.values(std::max(inputs, outputs));
  const auto input = draw.values(std::max(inputs, outputs) * kLanes);
  for (const bool back : {false, true}) {
    LinearTask<T> t{};
    t.input = input.data();
    t.inputs = back ? outputs : inputs;
    t.outputs = back ? inputs : outputs;
    t.weights = weights.data();
    t.output_stride = back ? 1 : static_cast<std::size_t>(inputs);
    t.input_stride = back ? static_cast<std::size_t>(inputs) : 1;
    t.initial = draw.between(0, 1) ? initial.data() : nullptr;
    Values<T> expected(static_cast<std::size_t>(t.outputs * kLanes)), actual = expected;
    t.output = expected.data();
    plain_kernels<T>().linear(t);
    t.output = actual.data();
    fast.linear(t);
    expect_near(actual, expected, t.inputs, "linear");
  }
  OuterTask<T> o{};
  o.row_pitch = (inputs + kLanes - 1) / kLanes * kLanes;
  o.groups = draw.between(1, 3);
  o.inputs = inputs;
  o.outputs = outputs;
  const auto rows = draw.values(o.groups * kLanes * o.row_pitch), gradient = draw.values(o.groups * outputs * kLanes);
  o.rows = rows.data();
  o.gradient = gradient.data();
  const auto before = draw.values(inputs * outputs);
  Values<T> expected = before, actual = before;
  o.result = expected.data();
  plain_kernels<T>().outer(o);
  o.result = actual.data();
  fast.outer(o);
  expect_near(actual, expected, o.groups * kLanes, "outer");
}

template <class T>
void check_all() {
  const auto tables = every_fast_kernels<T>();
  ASSERT_FALSE(tables.empty());
  for (const auto& table : tables) {
    SCOPED_TRACE(table.name);
    Draw<T> draw(17);
    for (int i = 0; i < kShapes && !testing::Test::HasFailure(); ++i) {
      check_convolve(table, draw);
      check_correlate(table, draw);
      check_pool(table, draw);
      check_pointwise(table, draw);
      check_linear(table, draw);
    }
  }
}

TEST(Kernels, SquaredDistancesAreTheirPlainTwinsToTheBit) {
  Draw<float> draw(5);
  for (int round = 0; round < kShapes; ++round) {
    const int count = draw.between(1, 11), dims = draw.between(1, 70);
    const auto row = draw.values(dims), others = draw.values(count * dims);
    std::vector<float> actual(static_cast<std::size_t>(count));
    squared_distances(row.data(), others.data(), actual.size(), static_cast<std::size_t>(dims), actual.data());
    for (int c = 0; c < count; ++c) {
      const float* other = others.data() + c * dims;
      float s[8] = {}, rest = 0;
      for (int i = 0; i < dims; ++i) {
        const float difference = row[static_cast<std::size_t>(i)] - other[i];
        (i < dims / 8 * 8 ? s[i % 8] : rest) += difference * difference;
      }
      const float expected = ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7])) + rest;
      ASSERT_EQ(actual[static_cast<std::size_t>(c)], expected) << count << " rows of " << dims << " values, row " << c;
      ASSERT_EQ(squared_distance(row.data(), other, static_cast<std::size_t>(dims)), expected);
    }
  }
}

TEST(Kernels, FloatAgreesWithPlainTwin) { check_all<float>(); }
TEST(Kernels, DoubleAgreesWithPlainTwin) { check_all<double>(); }

}  // namespace
}  // namespace ditmos::nn
