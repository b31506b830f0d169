#include "nn/layers/block.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace ditmos::nn {
namespace {

/// Positions of kTileOutputs channels of dz that fill most of a first-level cache of 32 KiB in float.
constexpr int kCachedPositions = 192;

int count_tiles(int channels) { return (channels + kTileOutputs - 1) / kTileOutputs; }

/// to[k*count + r] = scale * rows[r][k] for 1 .. kTileOutputs rows, the taps backwards when `flipped`.
template <class T>
void interleave(const T* const* rows, int count, std::size_t taps, bool flipped, T scale, T* to) {
  const auto run = [&](auto n) {
    for (std::size_t k = 0; k < taps; ++k, to += n)
      for (int r = 0; r < n; ++r) to[r] = scale * rows[r][flipped ? taps - 1 - k : k];
  };
  if (count == 4)
    run(std::integral_constant<int, 4>());
  else if (count == 3)
    run(std::integral_constant<int, 3>());
  else if (count == 2)
    run(std::integral_constant<int, 2>());
  else
    run(std::integral_constant<int, 1>());
}

/// Batch mean and biased variance of a filter's z over all groups, from the sums that the convolution took; by a second
/// pass when the mean is so large that their difference would lose digits.
template <class T>
std::pair<double, double> moments_of(const Maps<T>& z, int filter, double first, double second, const KernelTable<T>& kernels) {
  const int positions = z.shape().height * z.shape().width;
  const double count = static_cast<double>(z.samples()) * positions;
  double mean = first / count, variance = second / count - mean * mean;
  if (mean * mean > 16 * variance) {
    double rest = 0, square = 0;
    for (int g = 0; g < z.groups(); ++g) {
      alignas(64) T sums[2 * kLanes] = {};
      kernels.moments({z.group(g) + static_cast<std::size_t>(filter) * z.plane_size(), positions, static_cast<T>(mean), sums});
      for (int lane = 0; lane < z.lanes(g); ++lane) {
        rest += static_cast<double>(sums[lane]);
        square += static_cast<double>(sums[kLanes + lane]);
      }
    }
    rest /= count;
    mean = static_cast<double>(static_cast<T>(mean)) + rest;
    variance = square / count - rest * rest;
  }
  return {mean, std::max(0.0, variance)};
}

}  // namespace

template <class T>
Block<T>::Block(const BlockSpec& spec, const Shape& input, const InputNorm<T>* norm_of_input)
    : spec_(spec),
      input_shape_(input),
      conv_shape_(convolution_shape(spec, input)),
      input_norm_(norm_of_input),
      channels_(input.channels + spec.extra_channels),
      padded_(spec.pad_height > 0 || spec.pad_width > 0),
      fold_(norm_of_input && !padded_ && !spec.depthwise),
      tiles_(count_tiles(spec.filters)),
      own_tiles_(count_tiles(input.channels)),
      extra_tiles_(count_tiles(spec.extra_channels)),
      packed_(weight_count()),
      packed_back_(weight_count()),
      initial_(spec.filters),
      scale_(spec.filters),
      offset_(spec.filters),
      batch_mean_(spec.filters),
      batch_inverse_(spec.filters),
      batch_variance_(spec.filters),
      folded_gradient_(fold_ ? weight_count() : 0),
      bias_gradient_(spec.filters) {}

template <class T>
std::size_t Block<T>::weight_count() const {
  return static_cast<std::size_t>(spec_.filters) * static_cast<std::size_t>(read_channels()) * kernel_size();
}

template <class T>
typename Block<T>::Range Block<T>::tile_range(int tile, int tiles, int channels) {
  const int first = tile * channels / tiles;
  return {first, (tile + 1) * channels / tiles - first};
}

template <class T>
void Block<T>::prepare(const Maps<T>& own, const Maps<T>* extra, const KernelTable<T>& kernels) {
  own_ = &own;
  extra_ = extra;
  kernels_ = &kernels;
  const int samples = own.samples();
  const Shape pooled{spec_.filters, conv_shape_.height / spec_.pool_height, conv_shape_.width / spec_.pool_width};
  z_.resize(samples, conv_shape_);
  output_.resize(samples, pooled);
  gradient_.resize(samples, pooled);
  const int groups = own.groups();

  const Shape padded{channels_, input_shape_.height + 2 * spec_.pad_height, input_shape_.width + 2 * spec_.pad_width};
  if (padded_)
    staged_.resize(samples, padded);  // new memory is 0 and the border is never written
  else if (input_norm_)
    staged_.resize(samples, input_shape_);
  planes_.resize(static_cast<std::size_t>(groups * channels_));
  for (int g = 0; g < groups; ++g)
    for (int c = 0; c < channels_; ++c) {
      const bool is_own = c < input_shape_.channels;
      const Maps<T>& from = padded_ || (is_own && input_norm_) ? staged_ : is_own ? own : *extra;
      const int channel = padded_ || is_own ? c : c - input_shape_.channels;
      planes_[static_cast<std::size_t>(g * channels_ + c)] = from.group(g) + static_cast<std::size_t>(channel) * from.plane_size();
    }

  dz_plane_ = static_cast<std::size_t>(input_shape_.height + spec_.kernel_height - 1) * static_cast<std::size_t>(dz_width()) * kLanes;
  const std::size_t dz_size = static_cast<std::size_t>(groups * spec_.filters) * dz_plane_;
  if (dz_.size() < dz_size) dz_.resize(dz_size);  // new memory is 0; spread writes the same places each time
  dz_planes_.resize(static_cast<std::size_t>(groups * spec_.filters));
  for (std::size_t i = 0; i < dz_planes_.size(); ++i) dz_planes_[i] = dz_.data() + i * dz_plane_;
}

template <class T>
void Block<T>::stage(int group) {
  if (!padded_ && !input_norm_) return;
  const int width = staged_.shape().width;
  const std::size_t border = static_cast<std::size_t>(spec_.pad_height * width + spec_.pad_width) * kLanes;
  for (int c = 0; c < (padded_ ? channels_ : input_shape_.channels); ++c) {
    const bool is_own = c < input_shape_.channels;
    const Maps<T>& from = is_own ? *own_ : *extra_;
    AffineTask<T> task{};
    task.scale = 1;
    if (is_own && input_norm_) task = input_norm_->task(c, fold_);
    const int channel = is_own ? c : c - input_shape_.channels;
    task.input = from.group(group) + static_cast<std::size_t>(channel) * from.plane_size();
    task.height = input_shape_.height;
    task.width = input_shape_.width;
    task.output = staged_.group(group) + static_cast<std::size_t>(c) * staged_.plane_size() + border;
    task.output_width = width;
    task.lanes = own_->lanes(group);
    kernels_->affine(task);
  }
}

template <class T>
void Block<T>::round_staged(const Grid& grid, int group) {
  round_to(grid, staged_, group);
}

template <class T>
void Block<T>::pack(int tile) {
  const Range range = tile_range(tile, tiles_, spec_.filters);
  const std::size_t taps = kernel_size(), each = static_cast<std::size_t>(read_channels()) * taps;
  // Depthwise filters stay one after another; of the others a tap's weights lie side by side.
  const int together = spec_.depthwise ? 1 : range.count;
  for (int first = range.first; first < range.first + range.count; first += together) {
    T* to = packed_.data() + static_cast<std::size_t>(first) * each;
    T folded[kTileOutputs] = {};
    for (int c = 0; c < read_channels(); ++c, to += taps * static_cast<std::size_t>(together)) {
      const T* rows[kTileOutputs];
      for (int o = 0; o < together; ++o)
        rows[o] = weight.value + static_cast<std::size_t>(first + o) * each + static_cast<std::size_t>(c) * taps;
      const bool folds = fold_ && c < input_shape_.channels;
      interleave(rows, together, taps, false, folds ? input_norm_->norm().weight.value[c] : T(1), to);
      if (!folds) continue;
      for (int o = 0; o < together; ++o) {
        T sum = 0;
        for (std::size_t k = 0; k < taps; ++k) sum += rows[o][k];
        folded[o] += sum * input_norm_->norm().bias.value[c];
      }
    }
    for (int o = 0; o < together; ++o)
      initial_[static_cast<std::size_t>(first + o)] = bias.value[first + o] - norm.mean[first + o] + folded[o];
  }
}

template <class T>
void Block<T>::convolve(const Range& range, int group, T* sums) {
  const std::size_t each = static_cast<std::size_t>(read_channels()) * kernel_size();
  ConvolveTask<T> task{};
  task.input = planes(group);
  task.channels = read_channels();
  task.input_width = input_shape_.width + 2 * spec_.pad_width;
  task.kernel_height = spec_.kernel_height;
  task.kernel_width = spec_.kernel_width;
  task.stride = spec_.stride;
  task.height = conv_shape_.height;
  task.width = conv_shape_.width;
  const int step = spec_.depthwise ? 1 : range.count;
  for (int o = 0; o < range.count; o += step) {
    const int filter = range.first + o;
    if (spec_.depthwise) task.input = planes(group) + filter;
    task.weights = packed_.data() + static_cast<std::size_t>(filter) * each;
    task.initial = initial_.data() + filter;
    task.outputs = step;
    task.output = z_.group(group) + static_cast<std::size_t>(filter) * z_.plane_size();
    task.sums = sums ? sums + o * 2 * kLanes : nullptr;
    kernels_->convolve(task);
  }
}

template <class T>
void Block<T>::normalize(const Range& range, int group) {
  for (int o = range.first; o < range.first + range.count; ++o) {
    NormalizeTask<T> task{};
    task.z = z_.group(group) + static_cast<std::size_t>(o) * z_.plane_size();
    task.width = conv_shape_.width;
    task.pool_height = spec_.pool_height;
    task.pool_width = spec_.pool_width;
    task.scale = scale_[static_cast<std::size_t>(o)];
    task.offset = offset_[static_cast<std::size_t>(o)];
    task.output = output_.group(group) + static_cast<std::size_t>(o) * output_.plane_size();
    task.output_height = output_.shape().height;
    task.output_width = output_.shape().width;
    task.lanes = own_->lanes(group);
    kernels_->normalize(task);
  }
}

template <class T>
void Block<T>::forward_train(int tile) {
  const Range range = tile_range(tile, tiles_, spec_.filters);
  double first[kTileOutputs] = {}, second[kTileOutputs] = {};
  for (int g = 0; g < own_->groups(); ++g) {
    alignas(64) T sums[kTileOutputs * 2 * kLanes] = {};
    convolve(range, g, sums);
    for (int o = 0; o < range.count; ++o)
      for (int lane = 0; lane < own_->lanes(g); ++lane) {
        first[o] += static_cast<double>(sums[o * 2 * kLanes + lane]);
        second[o] += static_cast<double>(sums[(o * 2 + 1) * kLanes + lane]);
      }
  }
  for (int o = 0; o < range.count; ++o) {
    const int filter = range.first + o;
    const auto f = static_cast<std::size_t>(filter);
    const auto [mean, variance] = moments_of(z_, filter, first[o], second[o], *kernels_);
    batch_mean_[f] = mean;
    batch_variance_[f] = variance;
    batch_inverse_[f] = 1 / std::sqrt(variance + Norm<T>::kEpsilon);
    const double scale = static_cast<double>(norm.weight.value[filter]) * batch_inverse_[f];
    scale_[f] = static_cast<T>(scale);
    offset_[f] = static_cast<T>(static_cast<double>(norm.bias.value[filter]) - mean * scale);
  }
  for (int g = 0; g < own_->groups(); ++g) normalize(range, g);
}

template <class T>
void Block<T>::finish_train() {
  const double count = static_cast<double>(own_->samples()) * conv_shape_.height * conv_shape_.width;
  for (int o = 0; o < spec_.filters; ++o) {
    const auto f = static_cast<std::size_t>(o);
    norm.move_running(o, static_cast<double>(norm.mean[o]) + batch_mean_[f], batch_variance_[f], count);
  }
}

template <class T>
void Block<T>::forward_evaluate(int group) {
  for (int tile = 0; tile < tiles_; ++tile) {
    const Range range = tile_range(tile, tiles_, spec_.filters);
    convolve(range, group, nullptr);
    normalize(range, group);
  }
}

template <class T>
void Block<T>::prepare_evaluate() {
  for (int tile = 0; tile < tiles_; ++tile) pack(tile);
  for (int o = 0; o < spec_.filters; ++o) {
    const auto f = static_cast<std::size_t>(o);
    batch_mean_[f] = 0;
    batch_inverse_[f] = 1 / std::sqrt(static_cast<double>(norm.variance[o]) + Norm<T>::kEpsilon);
    scale_[f] = static_cast<T>(static_cast<double>(norm.weight.value[o]) * batch_inverse_[f]);
    offset_[f] = norm.bias.value[o];
  }
}

template <class T>
PoolGradientTask<T> Block<T>::pool_task(int filter, int group) const {
  const auto f = static_cast<std::size_t>(filter);
  PoolGradientTask<T> task{};
  task.z = z_.group(group) + f * z_.plane_size();
  task.height = conv_shape_.height;
  task.width = conv_shape_.width;
  task.pool_height = spec_.pool_height;
  task.pool_width = spec_.pool_width;
  task.scale = scale_[f];
  task.offset = offset_[f];
  task.gradient = gradient_.group(group) + f * gradient_.plane_size();
  task.output_height = output_.shape().height;
  task.output_width = output_.shape().width;
  task.lanes = own_->lanes(group);
  return task;
}

template <class T>
void Block<T>::backward_weights(int tile, Mode mode, bool keep_dz) {
  const Range range = tile_range(tile, tiles_, spec_.filters);
  SpreadFactors factors[kTileOutputs];
  for (int o = 0; o < range.count; ++o) factors[o] = backward_norm(range.first + o, mode);
  if (fold_) {
    const std::size_t each = static_cast<std::size_t>(read_channels()) * kernel_size();
    std::fill_n(folded_gradient_.data() + static_cast<std::size_t>(range.first) * each,
                static_cast<std::size_t>(range.count) * each, T(0));
  }
  // As many groups at a time as leave dz in the first-level cache between its making and its use. Where nobody reads dz
  // later, all of them use the place of the first.
  const int groups = own_->groups();
  const int at_once = std::max(1, kCachedPositions / (conv_shape_.height * conv_shape_.width));
  for (int first = 0; first < groups; first += at_once) {
    const int count = std::min(at_once, groups - first), slot = keep_dz ? first : 0;
    for (int o = 0; o < range.count; ++o)
      for (int g = 0; g < count; ++g) {
        auto task = pool_task(range.first + o, first + g);
        task.a = factors[o].a;
        task.b = factors[o].b;
        task.c = factors[o].c;
        task.dz = dz_.data() + static_cast<std::size_t>((slot + g) * spec_.filters + range.first + o) * dz_plane_ + dz_origin();
        task.dz_width = dz_width();
        task.step = spec_.stride;
        kernels_->spread(task);
      }
    correlate(range, first, count, slot);
  }
}

/// Gradients of the norm's and the convolution's biases and scales of a filter, and how g becomes dz:
/// dz = scale * (g - mean(g) - z^ * mean(g * z^)) in train mode, where z^ = (z - mean) * inverse; its sum is 0.
template <class T>
typename Block<T>::SpreadFactors Block<T>::backward_norm(int filter, Mode mode) {
  const auto f = static_cast<std::size_t>(filter);
  double g_sum = 0, gz_sum = 0;
  for (int g = 0; g < own_->groups(); ++g) {
    alignas(64) T sums[2 * kLanes] = {};
    auto task = pool_task(filter, g);
    task.sums = sums;
    kernels_->reduce(task);
    for (int lane = 0; lane < own_->lanes(g); ++lane) {
      g_sum += static_cast<double>(sums[lane]);
      gz_sum += static_cast<double>(sums[kLanes + lane]);
    }
  }
  const double inverse = batch_inverse_[f], normalized_sum = inverse * (gz_sum - batch_mean_[f] * g_sum);
  norm.weight.gradient[filter] += static_cast<T>(normalized_sum);
  norm.bias.gradient[filter] += static_cast<T>(g_sum);
  const double scale = static_cast<double>(scale_[f]);
  double slope = 0, constant = 0;
  if (mode == Mode::train) {
    const double count = static_cast<double>(own_->samples()) * conv_shape_.height * conv_shape_.width;
    slope = -scale * inverse * normalized_sum / count;
    constant = -scale * g_sum / count - slope * batch_mean_[f];
  }
  bias_gradient_[f] = mode == Mode::train ? T(0) : static_cast<T>(scale * g_sum);
  bias.gradient[filter] += bias_gradient_[f];
  return {static_cast<T>(scale), static_cast<T>(constant), static_cast<T>(slope)};
}

/// Weight gradients of some filters from `count` groups, whose dz lies from group `slot` on.
template <class T>
void Block<T>::correlate(const Range& range, int first, int count, int slot) {
  const std::size_t each = static_cast<std::size_t>(read_channels()) * kernel_size();
  CorrelateTask<T> task{};
  task.channels = read_channels();
  task.input_pitch = channels_;
  task.groups = count;
  task.input_width = input_shape_.width + 2 * spec_.pad_width;
  task.kernel_height = spec_.kernel_height;
  task.kernel_width = spec_.kernel_width;
  task.stride = spec_.stride;
  task.gradient_plane = dz_plane_;
  task.gradient_group = static_cast<std::size_t>(spec_.filters) * dz_plane_;
  task.gradient_width = dz_width();
  task.height = conv_shape_.height;
  task.width = conv_shape_.width;
  task.result_stride = each;
  T* result = fold_ ? folded_gradient_.data() : weight.gradient;
  const int step = spec_.depthwise ? 1 : range.count;
  for (int filter = range.first; filter < range.first + range.count; filter += step) {
    task.input = planes(first) + (spec_.depthwise ? filter : 0);
    task.gradient = dz_.data() + static_cast<std::size_t>(slot * spec_.filters + filter) * dz_plane_ + dz_origin();
    task.outputs = step;
    task.result = result + static_cast<std::size_t>(filter) * each;
    kernels_->correlate(task);
  }
}

template <class T>
void Block<T>::finish_backward(InputNorm<T>* input_norm) {
  if (!fold_) return;
  // The convolution read x^ with weights w * gamma and the constant beta * w: chain rule for w, gamma and beta.
  const std::size_t taps = kernel_size();
  const T* w = weight.value;
  const T* d = folded_gradient_.data();
  T* dw = weight.gradient;
  Norm<T>& n = input_norm->norm();
  for (int o = 0; o < spec_.filters; ++o) {
    const T dz_sum = bias_gradient_[static_cast<std::size_t>(o)];
    for (int c = 0; c < channels_; ++c, w += taps, d += taps, dw += taps) {
      if (c >= input_shape_.channels) {
        for (std::size_t k = 0; k < taps; ++k) dw[k] += d[k];
        continue;
      }
      const T gamma = n.weight.value[c], constant = n.bias.value[c] * dz_sum;
      T gamma_sum = 0, weight_sum = 0;
      for (std::size_t k = 0; k < taps; ++k) {
        dw[k] += gamma * d[k] + constant;
        gamma_sum += w[k] * d[k];
        weight_sum += w[k];
      }
      n.weight.gradient[c] += gamma_sum;
      n.bias.gradient[c] += weight_sum * dz_sum;
    }
  }
}

template <class T>
void Block<T>::input_gradient(const Range& range, int first_channel, int group, T* output, bool accumulate) {
  const std::size_t taps = kernel_size(), each = static_cast<std::size_t>(read_channels()) * taps;
  ConvolveTask<T> task{};
  task.input_width = dz_width();
  task.kernel_height = spec_.kernel_height;
  task.kernel_width = spec_.kernel_width;
  task.stride = 1;
  task.height = input_shape_.height;
  task.width = input_shape_.width;
  task.accumulate = accumulate;
  const T* const* dz = dz_planes_.data() + group * spec_.filters;
  const std::size_t plane = static_cast<std::size_t>(input_shape_.height * input_shape_.width) * kLanes;
  // Flipped weights [filter][tap][channel of the tile]; a tile's part of the array is its own, so that tiles may run side by side.
  const int channel = first_channel + range.first;
  T* packed = packed_back_.data() + static_cast<std::size_t>(channel) * taps * static_cast<std::size_t>(spec_.depthwise ? 1 : spec_.filters);
  if (spec_.depthwise) {
    for (int c = 0; c < range.count; ++c) {
      const T* w = weight.value + static_cast<std::size_t>(channel + c) * each;
      std::reverse_copy(w, w + taps, packed + static_cast<std::size_t>(c) * taps);
      task.input = dz + channel + c;
      task.channels = 1;
      task.weights = packed + static_cast<std::size_t>(c) * taps;
      task.outputs = 1;
      task.output = output + static_cast<std::size_t>(range.first + c) * plane;
      kernels_->convolve(task);
    }
    return;
  }
  if (group == 0)
    for (int o = 0; o < spec_.filters; ++o) {
      const T* rows[kTileOutputs];
      for (int c = 0; c < range.count; ++c) rows[c] = weight.value + static_cast<std::size_t>(o) * each + static_cast<std::size_t>(channel + c) * taps;
      interleave(rows, range.count, taps, true, T(1), packed + static_cast<std::size_t>(o) * taps * static_cast<std::size_t>(range.count));
    }
  task.input = dz;
  task.channels = spec_.filters;
  task.weights = packed;
  task.outputs = range.count;
  task.output = output + static_cast<std::size_t>(range.first) * plane;
  kernels_->convolve(task);
}

template <class T>
void Block<T>::backward_input(int tile, Maps<T>& gradient) {
  const Range range = tile_range(tile, own_tiles_, input_shape_.channels);
  for (int g = 0; g < gradient.groups(); ++g) input_gradient(range, 0, g, gradient.group(g), false);
}

template <class T>
void Block<T>::backward_extra(int tile, Maps<T>& gradient) {
  const Range range = tile_range(tile, extra_tiles_, spec_.extra_channels);
  for (int g = 0; g < gradient.groups(); ++g) input_gradient(range, input_shape_.channels, g, gradient.group(g), true);
}

template class Block<float>;
template class Block<double>;

}  // namespace ditmos::nn
