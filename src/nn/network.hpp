#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"

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

  /// Output shape of each block. Throws Error when a block's input is smaller than its kernel (says which).
  std::vector<Shape> block_shapes() const;
  int features() const;            ///< inputs of the first linear layer
  std::int64_t parameters() const; ///< batch norms folded into their convolutions (as counted in PAPER.md)
  std::int64_t macs() const;       ///< of one inference, convolutions and linear layers
};

enum class Mode { train, evaluate };

/// A batch of maps in the engine's own layout: samples in groups of kLanes, within a group [channel][height][width][lane].
/// Lanes past `samples` hold zeros and take no part in statistics, losses or gradients.
template <class T>
class Maps {
 public:
  static constexpr int kLanes = 8;
  void resize(int samples, Shape shape);  ///< keeps capacity: no allocation once the largest batch was seen
  /// Fills from windows rows[i] of a row-major (N, C, H, W) array.
  void gather(std::span<const float> windows, Shape shape, std::span<const std::uint32_t> rows);
  /// Row-major (samples, C*H*W).
  void to_rows(std::vector<T>& rows) const;
  int samples() const { return samples_; }
  int groups() const { return (samples_ + kLanes - 1) / kLanes; }
  const Shape& shape() const { return shape_; }
  T* data() { return data_.data(); }
  const T* data() const { return data_.data(); }
  T* group(int g) { return data_.data() + static_cast<std::size_t>(g) * static_cast<std::size_t>(shape_.size()) * kLanes; }
  const T* group(int g) const { return const_cast<Maps*>(this)->group(g); }

 private:
  int samples_ = 0;
  Shape shape_;
  std::vector<T> data_;  // (aligned allocation in the real header)
};

/// One named array of a network. dims in ONNX order: Conv (filters, channels, kh, kw), Linear (outputs, inputs).
template <class T>
struct Parameter {
  std::string name;  ///< "input_norm.weight", "block1.conv.weight", "block1.norm.bias", "linear1.weight", ...
  std::vector<int> dims;
  std::span<T> value;
  std::span<T> gradient;  ///< empty for running statistics
  bool decay = true;      ///< weight decay applies
};

}  // namespace ditmos::nn
