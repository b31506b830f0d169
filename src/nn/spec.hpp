#pragma once
#include <cstdint>
#include <vector>

namespace ditmos::nn {

/// Channels x height x width; a series has height 1 and width = its length.
struct Shape {
  int channels = 0, height = 1, width = 0;
  int size() const { return channels * height * width; }
  bool operator==(const Shape&) const = default;
};

/// One block: convolution (cross-correlation, as ONNX Conv, with bias) -> batch norm -> ReLU -> max pool (pool window = pool stride,
/// remainder dropped; 1: no pool). `depthwise`: each filter reads its own channel (filters = channels).
/// `extra_channels`: channels of a foreign map of the same height and width, concatenated after the block's own input
/// (PAPER.md, heterogeneous feature aggregation).
struct BlockSpec {
  int filters = 8;
  int kernel_height = 1, kernel_width = 3;
  int stride = 1;
  int pad_height = 0, pad_width = 0;
  int pool_height = 1, pool_width = 2;
  bool depthwise = false;
  int extra_channels = 0;
  bool operator==(const BlockSpec&) const = default;
};

/// Input batch norm (optional) -> blocks -> [global average pool] -> for each hidden width: dropout, linear, ReLU -> dropout, linear.
struct NetworkSpec {
  Shape input;
  bool input_norm = true;
  std::vector<BlockSpec> blocks;
  bool global_average_pool = false;
  std::vector<int> hidden = {64};
  int outputs = 0;
  float dropout = 0.2f;  ///< before every linear layer
  bool operator==(const NetworkSpec&) const = default;

  /// Output shape of each block. Throws Error when a block's input is smaller than its kernel (says which), and on
  /// any other value out of range.
  std::vector<Shape> block_shapes() const;
  int features() const;             ///< inputs of the first linear layer
  std::int64_t parameters() const;  ///< batch norms folded into their convolutions (as counted in PAPER.md)
  std::int64_t macs() const;        ///< of one inference, convolutions and linear layers
};

/// Shape of a block's convolution output, before the pool.
Shape convolution_shape(const BlockSpec& block, const Shape& input);

}  // namespace ditmos::nn
