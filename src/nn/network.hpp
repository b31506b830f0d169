#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "nn/maps.hpp"
#include "nn/rounding.hpp"
#include "nn/spec.hpp"
#include "nn/threads.hpp"

namespace ditmos::nn {

/// train: batch statistics (and the running ones move), dropout. evaluate: running statistics, no dropout.
enum class Mode { train, evaluate };

/// Which inner loops run: the vector ones, or the plain loops that say what they compute.
enum class Kernels { fast, plain };

template <class T>
struct KernelTable;  // kernels/kernels.hpp

/// One named array of a network. dims in ONNX order: Conv (filters, channels, kh, kw), Linear (outputs, inputs).
/// Spans stay valid while the network lives, also when it is moved.
template <class T>
struct Parameter {
  std::string name;  ///< "input_norm.weight", "block1.conv.weight", "block1.norm.bias", "linear1.weight", ...
  std::vector<int> dims;
  std::span<T> value;
  std::span<T> gradient;  ///< empty for running statistics
  bool decay = true;      ///< weight decay applies
};

/// A network of a NetworkSpec with forward and backward. Batch norm as in PyTorch: eps 1e-5, momentum 0.1, biased variance
/// to normalise, unbiased in the running statistics (biased for a batch of one value). T is float or double.
/// Results do not depend on the number of threads. No allocation after the first batch of the largest size.
template <class T>
class Network {
 public:
  /// Initial values as PyTorch's defaults: weights and biases uniform in +-1/sqrt(inputs of an output); norms 1 and 0.
  Network(const NetworkSpec& spec, Random& init, Kernels kernels = Kernels::fast);
  /// With a table of the caller's, which must outlive the network; for tests and measurements.
  Network(const NetworkSpec& spec, Random& init, const KernelTable<T>& kernels);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  const NetworkSpec& spec() const;
  /// Work of later calls is shared over these threads; null: one. They must outlive the calls.
  void use_threads(Threads* threads);

  /// `extras`: one a block, null where the block has none; or empty when no block has one. `dropout` is drawn from once a
  /// call in train mode (may be null when the dropout is 0). `input` and `extras` must live until backward has run.
  /// Throws Error on an input or extra of another shape or number of samples.
  void forward(const Maps<T>& input, std::span<const Maps<T>* const> extras, Mode mode, Random* dropout);
  void forward(const Maps<T>& input, Mode mode, Random* dropout) { forward(input, {}, mode, dropout); }
  /// What forward does first: checks shapes and makes room, so that what follows neither throws nor allocates.
  void prepare(const Maps<T>& input, std::span<const Maps<T>* const> extras);
  /// Of the last forward: row-major samples x outputs.
  std::span<const T> logits() const;
  /// Of the last forward: a block's output, from 0.
  const Maps<T>& map(int block) const;
  /// Of the last forward: row-major samples x spec().features(), in ONNX's order [C][H][W] (before dropout).
  std::span<const T> features() const;

  /// Adds the gradients of the last forward (either mode) to the parameters' gradients. dlogits as logits().
  /// `dextras`: as extras; gradients are added to those that are not null. `dmaps`: gradients that flow into this
  /// network's own block outputs from elsewhere, null where none. Both may be empty.
  void backward(std::span<const T> dlogits, std::span<Maps<T>* const> dextras = {},
                std::span<const Maps<T>* const> dmaps = {});
  void zero_gradients();

  /// From now on evaluate mode rounds the output of every block and linear layer (blocks first, one grid each; the average pool takes the
  /// last block's), and backward goes straight through. `normalized`: grid of the input norm's output, where it is a layer of its own on
  /// the chip; null: it is not rounded. No grids: as before. Throws Error on another number of grids.
  void round_outputs(std::span<const Grid> grids, const Grid* normalized = nullptr);

  std::vector<Parameter<T>> parameters();
  std::vector<Parameter<T>> statistics();  ///< running means and variances: "block1.norm.mean", "block1.norm.variance"
  /// All parameters and statistics as one array each, in the order of parameters() and statistics().
  std::span<T> values();
  std::span<T> gradients();
  std::span<T> running();

  /// Parameters and statistics, bit for bit. restore throws Error when the bytes are not of a network of this spec.
  std::vector<std::byte> save() const;
  void restore(std::span<const std::byte> bytes);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

extern template class Network<float>;
extern template class Network<double>;

}  // namespace ditmos::nn
