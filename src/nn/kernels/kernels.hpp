#pragma once
#include <cstddef>

#include "nn/maps.hpp"

namespace ditmos::nn {

/// Most outputs that one call of `convolve` or `correlate` computes: the height of the register tile.
inline constexpr int kTileOutputs = 4;

// The narrow table between layers and inner loops. A plane is [height][width][kLanes] of one channel of one group. Sizes
// are in positions (of kLanes values) unless said otherwise. Plain and vector kernels agree up to rounding; each adds
// the terms of one output in the same order whatever the tile, so that results do not depend on how work is cut.

/// Valid cross-correlation of one group into 1 .. kTileOutputs channels:
/// out[o][y][x] = initial[o] + sum over c, i, j of weights[c][i][j][o] * input[c][y*stride + i][x*stride + j].
template <class T>
struct ConvolveTask {
  const T* const* input;  ///< a plane a channel
  int channels;
  int input_width;        ///< width of the input planes
  int kernel_height, kernel_width, stride;
  const T* weights;       ///< [channels][kernel_height][kernel_width][outputs]
  const T* initial;       ///< one an output, or null: 0
  int outputs;
  T* output;              ///< dense planes, one after another
  int height, width;      ///< of the output
  bool accumulate;        ///< adds to the output instead of writing it
  T* sums;                ///< null, or [outputs][2][kLanes]: += sum and sum of squares of the written values, a lane each
};

/// Gradient of the weights, over groups: result[o*result_stride + (c*kernel_height + i)*kernel_width + j] +=
/// sum over groups, y, x, lanes of gradient[o][y*stride][x*stride] * input[c][y*stride + i][x*stride + j].
template <class T>
struct CorrelateTask {
  const T* const* input;     ///< groups x input_pitch planes; the first `channels` of each group are read
  int channels, input_pitch, groups;
  int input_width;
  int kernel_height, kernel_width, stride;
  const T* gradient;         ///< first position of the first output's plane of the first group
  std::size_t gradient_plane, gradient_group;  ///< in values
  int gradient_width;        ///< width of the gradient planes; its positions lie `stride` apart, as spread writes them
  int outputs;
  int height, width;         ///< positions of the gradient
  T* result;
  std::size_t result_stride;
};

/// Batch norm -> ReLU -> max pool of one plane: out = max over the window of max(0, scale*z + offset), 0 in lanes past `lanes`.
template <class T>
struct NormalizeTask {
  const T* z;
  int width;                   ///< of z
  int pool_height, pool_width;
  T scale, offset;
  T* output;
  int output_height, output_width;
  int lanes;
};

/// Backward of NormalizeTask. g = gradient of the output where the output is positive, at the window's first maximum, else 0.
/// reduce: sums[0][lane] += g, sums[1][lane] += g * z at the maximum.
/// spread: dz = a*g + b + c*z for every position of z, 0 in lanes past `lanes`; positions lie `step` apart in rows of dz_width.
template <class T>
struct PoolGradientTask {
  const T* z;
  int height, width;
  int pool_height, pool_width;
  T scale, offset;
  const T* gradient;           ///< of the output
  int output_height, output_width;
  int lanes;
  T* sums;                     ///< reduce: [2][kLanes]
  T a, b, c;                   ///< spread
  T* dz;
  int dz_width, step;
};

/// out[y][x] = scale*(in[y][x] - shift) + offset, 0 in lanes past `lanes`; rows of the output are output_width long.
template <class T>
struct AffineTask {
  const T* input;
  int height, width;
  T shift, scale, offset;
  T* output;
  int output_width;
  int lanes;
};

/// Over `count` positions: sums[0][lane] += v - shift, sums[1][lane] += (v - shift)^2.
template <class T>
struct MomentsTask {
  const T* input;
  int count;
  T shift;
  T* sums;
};

/// Linear layer on one group: output[o][lane] = initial[o] + sum over i of weights[o*output_stride + i*input_stride] * input[i][lane].
/// With the strides exchanged it is the gradient of the input.
template <class T>
struct LinearTask {
  const T* input;
  int inputs;
  const T* weights;
  std::size_t output_stride, input_stride;
  const T* initial;  ///< or null: 0
  int outputs;
  T* output;
};

/// result[o*inputs + i] += sum over samples of gradient[o][sample] * rows[sample*row_pitch + i], where gradient is
/// [outputs][kLanes] a group and samples = groups * kLanes; gradients past the batch are 0. row_pitch is a multiple of kLanes.
template <class T>
struct OuterTask {
  const T* rows;
  const T* gradient;
  int row_pitch, groups, inputs, outputs;
  T* result;
};

/// SGD over n values, as optimizer.hpp says.
template <class T>
struct SgdTask {
  T* value;
  T* velocity;
  const T* gradient;
  std::size_t count;
  T rate, momentum, decay;
  bool nesterov;
};

template <class T>
struct KernelTable {
  const char* name;  ///< "plain", or the vector extension: "AVX2", ...
  void (*convolve)(const ConvolveTask<T>&);
  void (*correlate)(const CorrelateTask<T>&);
  void (*normalize)(const NormalizeTask<T>&);
  void (*reduce)(const PoolGradientTask<T>&);
  void (*spread)(const PoolGradientTask<T>&);
  void (*affine)(const AffineTask<T>&);
  void (*moments)(const MomentsTask<T>&);
  void (*linear)(const LinearTask<T>&);
  void (*outer)(const OuterTask<T>&);
  void (*sgd)(const SgdTask<T>&);
};

/// Plain loops that say what each kernel computes.
template <class T>
const KernelTable<T>& plain_kernels();
/// The best vector kernels of this machine.
template <class T>
const KernelTable<T>& fast_kernels();

}  // namespace ditmos::nn
