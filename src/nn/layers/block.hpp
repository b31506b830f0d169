#pragma once
#include "nn/layers/input_norm.hpp"

namespace ditmos::nn {

/// Convolution -> batch norm -> ReLU -> max pool. Forward and backward come as tasks that may run side by side: over tiles of
/// output channels (a channel's statistics need all its samples and nothing of other channels), over groups of samples
/// in evaluate mode, over tiles of input channels for the gradient of the input.
/// The convolution's output is kept minus the running mean, so that its sums of squares stay small numbers.
template <class T>
class Block {
 public:
  /// `norm`: the input norm when this is the first block and there is one, else null.
  Block(const BlockSpec& spec, const Shape& input, const InputNorm<T>* norm);

  // Parameters: (filters, channels read, kernel_height, kernel_width) and one a filter.
  Slot<T> weight, bias;
  Norm<T> norm;
  std::size_t weight_count() const;
  int read_channels() const { return spec_.depthwise ? 1 : channels_; }

  bool folds_norm() const { return fold_; }
  const Maps<T>& output() const { return output_; }
  Maps<T>& output() { return output_; }
  Maps<T>& gradient() { return gradient_; }  ///< of output(); to be filled before backward
  int tiles() const { return tiles_; }

  void prepare(const Maps<T>& own, const Maps<T>* extra, const KernelTable<T>& kernels);
  void stage(int group);                            ///< before the forward tasks: normalised and padded input, where needed
  void round_staged(const Grid& grid, int group);   ///< after stage, of a block behind an input norm
  void pack(int tile);                              ///< before forward_train: weights in the kernel's order
  void forward_train(int tile);
  void prepare_evaluate();                          ///< packs all tiles, takes the running statistics
  void forward_evaluate(int group);
  void finish_train();                              ///< after all tiles: running statistics

  /// dz and the gradients of this tile's parameters. keep_dz: backward_input or backward_extra will follow.
  void backward_weights(int tile, Mode mode, bool keep_dz);
  void finish_backward(InputNorm<T>* norm);         ///< after all tiles: gradients through a folded input norm
  int input_tiles() const { return own_tiles_; }
  int extra_tiles() const { return extra_tiles_; }
  void backward_input(int tile, Maps<T>& gradient);  ///< writes one tile of the own input's gradient
  void backward_extra(int tile, Maps<T>& gradient);  ///< adds one tile of the extra's gradient

 private:
  struct Range {
    int first, count;
  };
  struct SpreadFactors {  // of PoolGradientTask
    T a, b, c;
  };
  static Range tile_range(int tile, int tiles, int channels);
  void convolve(const Range& range, int group, T* sums);
  void normalize(const Range& range, int group);
  SpreadFactors backward_norm(int filter, Mode mode);
  void correlate(const Range& range, int first, int count, int slot);
  void input_gradient(const Range& range, int first_channel, int group, T* output, bool accumulate);
  PoolGradientTask<T> pool_task(int filter, int group) const;
  const T* const* planes(int group) const { return planes_.data() + group * channels_; }
  int dz_width() const { return input_shape_.width + spec_.kernel_width - 1; }
  /// Of the first convolution output in a plane of dz, whose borders are what the input's gradient reads beyond it.
  std::size_t dz_origin() const {
    return static_cast<std::size_t>((spec_.kernel_height - 1 - spec_.pad_height) * dz_width() + spec_.kernel_width - 1 - spec_.pad_width) * kLanes;
  }
  std::size_t kernel_size() const {
    return static_cast<std::size_t>(spec_.kernel_height) * static_cast<std::size_t>(spec_.kernel_width);
  }

  BlockSpec spec_;
  Shape input_shape_, conv_shape_;
  const InputNorm<T>* input_norm_;
  int channels_;  // own and extra
  bool padded_, fold_;
  int tiles_, own_tiles_, extra_tiles_;
  const KernelTable<T>* kernels_ = nullptr;
  const Maps<T>* own_ = nullptr;
  const Maps<T>* extra_ = nullptr;

  Maps<T> staged_;                    // all channels, padded; or the own channels, normalised
  std::vector<const T*> planes_;      // [group][channel]: what the convolution reads
  AlignedVector<T> packed_, packed_back_, initial_;
  Maps<T> z_;                         // convolution output minus the running mean
  AlignedVector<T> scale_, offset_;   // of the batch norm, on z
  AlignedVector<double> batch_mean_, batch_inverse_;  // batch_mean_ relative to the running mean; [filter]
  AlignedVector<double> batch_variance_;
  Maps<T> output_, gradient_;
  AlignedVector<T> dz_;               // [group][filter][input height + kernel - 1][input width + kernel - 1], zeros between
  std::size_t dz_plane_ = 0;
  std::vector<const T*> dz_planes_;   // [group][filter]
  AlignedVector<T> folded_gradient_;  // of the weights with respect to the normalised input
  AlignedVector<T> bias_gradient_;    // of this pass alone
};

}  // namespace ditmos::nn
