#include "nn/network.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "core/error.hpp"
#include "nn/bytes.hpp"
#include "nn/layers/block.hpp"
#include "nn/layers/linear.hpp"

namespace ditmos::nn {
namespace {

std::string describe(const Shape& s) {
  return std::to_string(s.channels) + " x " + std::to_string(s.height) + " x " + std::to_string(s.width);
}

/// An array of the network: its name and place, in the values (with a gradient) or in the running statistics.
struct Entry {
  std::string name;
  std::vector<int> dims;
  std::size_t offset, size;
};

/// Lays arrays out one after another.
class Layout {
 public:
  std::size_t add(std::string name, std::vector<int> dims) {
    std::size_t size = 1;
    for (const int d : dims) size *= static_cast<std::size_t>(d);
    entries_.push_back({std::move(name), std::move(dims), size_, size});
    size_ += size;
    return entries_.back().offset;
  }
  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t size() const { return size_; }

 private:
  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace

template <class T>
struct Network<T>::Implementation {
  NetworkSpec spec;
  const KernelTable<T>& kernels;
  Threads* threads = nullptr;
  Layout parameters, statistics;
  AlignedVector<T> values, gradients, running;

  std::optional<InputNorm<T>> input_norm;
  std::vector<Block<T>> blocks;
  std::vector<Linear<T>> linears;
  std::vector<Rounding<T>> rounding;  // of each block, then of each linear layer; or empty
  std::optional<Rounding<T>> pooled_rounding;
  std::optional<Grid> normalized_grid;

  // Of the last forward.
  Mode mode = Mode::evaluate;
  const Maps<T>* input = nullptr;
  Maps<T> flat_input;            // without blocks: the input after its norm
  Maps<T> pooled;                // after the global average pool
  Maps<T> feature_gradient;      // of what the first linear layer reads, where that is no block's output
  Maps<T> norm_gradient;         // of the input norm's output, where it is not folded
  std::vector<T> logits;
  mutable std::vector<T> features;

  Implementation(const NetworkSpec& s, const KernelTable<T>& table) : spec(s), kernels(table) {
    const auto shapes = spec.block_shapes();
    if (spec.input_norm) input_norm.emplace(spec.input.channels);
    blocks.reserve(spec.blocks.size());
    for (std::size_t b = 0; b < spec.blocks.size(); ++b)
      blocks.emplace_back(spec.blocks[b], b == 0 ? spec.input : shapes[b - 1],
                          b == 0 && input_norm ? &*input_norm : nullptr);
    int width = spec.features();
    for (const int next : spec.hidden) {
      linears.emplace_back(width, next, spec.dropout, true);
      width = next;
    }
    linears.emplace_back(width, spec.outputs, spec.dropout, false);
    allocate();
  }

  /// Names every array, allocates all at once and tells the layers where theirs are.
  void allocate() {
    std::vector<std::function<void()>> bind;
    const auto slot = [&](Slot<T>& to, std::string name, std::vector<int> dims) {
      const std::size_t at = parameters.add(std::move(name), std::move(dims));
      bind.push_back([this, &to, at] { to = {values.data() + at, gradients.data() + at}; });
    };
    const auto norm = [&](Norm<T>& to, const std::string& name, int channels) {
      slot(to.weight, name + ".weight", {channels});
      slot(to.bias, name + ".bias", {channels});
      const std::size_t mean = statistics.add(name + ".mean", {channels});
      const std::size_t variance = statistics.add(name + ".variance", {channels});
      bind.push_back([this, &to, mean, variance] {
        to.mean = running.data() + mean;
        to.variance = running.data() + variance;
      });
    };
    if (input_norm) norm(input_norm->norm(), "input_norm", spec.input.channels);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const BlockSpec& s = spec.blocks[b];
      const std::string name = "block" + std::to_string(b + 1);
      slot(blocks[b].weight, name + ".conv.weight", {s.filters, blocks[b].read_channels(), s.kernel_height, s.kernel_width});
      slot(blocks[b].bias, name + ".conv.bias", {s.filters});
      norm(blocks[b].norm, name + ".norm", s.filters);
    }
    for (std::size_t l = 0; l < linears.size(); ++l) {
      const std::string name = "linear" + std::to_string(l + 1);
      slot(linears[l].weight, name + ".weight", {linears[l].outputs(), linears[l].inputs()});
      slot(linears[l].bias, name + ".bias", {linears[l].outputs()});
    }
    values.resize(parameters.size());
    gradients.resize(parameters.size());
    running.resize(statistics.size());
    for (const auto& f : bind) f();
  }

  void initialize(Random& init) {
    double bound = 0;
    for (const Entry& e : parameters.entries()) {
      T* v = values.data() + e.offset;
      const bool of_norm = e.name.find("norm") != std::string::npos;
      if (of_norm) {
        std::fill_n(v, e.size, e.name.ends_with("weight") ? T(1) : T(0));
        continue;
      }
      if (e.name.ends_with("weight")) bound = 1 / std::sqrt(static_cast<double>(e.size) / e.dims[0]);
      for (std::size_t i = 0; i < e.size; ++i) v[i] = static_cast<T>(init.uniform(-bound, bound));
    }
    for (const Entry& e : statistics.entries())
      std::fill_n(running.data() + e.offset, e.size, e.name.ends_with("variance") ? T(1) : T(0));
  }

  const Maps<T>& linear_input() const {
    if (spec.global_average_pool) return pooled;
    return blocks.empty() ? *flat() : blocks.back().output();
  }
  /// What the first linear layer or the average pool reads when there is no block.
  const Maps<T>* flat() const { return input_norm ? &flat_input : input; }
  const Maps<T>& last_map() const { return blocks.empty() ? *flat() : blocks.back().output(); }

  void check(const Maps<T>& maps, const Shape& shape, int samples, const std::string& what) const {
    if (maps.shape() != shape)
      throw Error(what + " is " + describe(maps.shape()) + ", expected " + describe(shape));
    if (maps.samples() != samples || samples < 1)
      throw Error(what + " holds " + std::to_string(maps.samples()) + " samples, expected " +
                  (samples < 1 ? "at least 1" : std::to_string(samples)));
  }

  void prepare(const Maps<T>& maps, std::span<const Maps<T>* const> extras) {
    check(maps, spec.input, maps.samples(), "the network's input");
    if (!extras.empty() && extras.size() != blocks.size())
      throw Error(std::to_string(extras.size()) + " extra maps for " + std::to_string(blocks.size()) + " blocks");
    input = &maps;
    const Maps<T>* own = &maps;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const int channels = spec.blocks[b].extra_channels;
      const Maps<T>* extra = extras.empty() ? nullptr : extras[b];
      const std::string what = "the extra map of block " + std::to_string(b + 1);
      if ((channels > 0) != (extra != nullptr))
        throw Error(what + (extra ? " was given, but the block reads none" : " is missing"));
      if (extra) check(*extra, {channels, own->shape().height, own->shape().width}, maps.samples(), what);
      blocks[b].prepare(*own, extra, kernels);
      own = &blocks[b].output();
    }
    if (blocks.empty() && input_norm) flat_input.resize(maps.samples(), spec.input);
    if (spec.global_average_pool) pooled.resize(maps.samples(), {last_map().shape().channels, 1, 1});
    const Maps<T>* in = &linear_input();
    for (auto& linear : linears) {
      linear.prepare(*in, kernels);
      in = &linear.output();
    }
    for (std::size_t i = 0; i < rounding.size(); ++i) rounding[i].prepare(rounded(i));
    if (pooled_rounding) pooled_rounding->prepare(pooled);
    logits.resize(static_cast<std::size_t>(maps.samples() * spec.outputs));
  }

  void normalize_flat(int group) {
    for (int c = 0; c < spec.input.channels; ++c) {
      AffineTask<T> task = input_norm->task(c, false);
      const std::size_t at = static_cast<std::size_t>(c) * input->plane_size();
      task.input = input->group(group) + at;
      task.height = spec.input.height;
      task.width = task.output_width = spec.input.width;
      task.output = flat_input.group(group) + at;
      task.lanes = input->lanes(group);
      kernels.affine(task);
    }
  }

  void average_pool(int group) {
    const Maps<T>& from = last_map();
    const std::size_t plane = from.plane_size();
    const T scale = T(1) / static_cast<T>(plane / kLanes);
    for (int c = 0; c < from.shape().channels; ++c) {
      const T* in = from.group(group) + static_cast<std::size_t>(c) * plane;
      T* out = pooled.group(group) + c * kLanes;
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        T sum = 0;
        for (std::size_t i = lane; i < plane; i += kLanes) sum += in[i];
        out[lane] = sum * scale;
      }
    }
  }

  /// What rounding[i] rounds.
  Maps<T>& rounded(std::size_t i) { return i < blocks.size() ? blocks[i].output() : linears[i - blocks.size()].output(); }
  bool rounds() const { return !rounding.empty() && mode == Mode::evaluate; }

  /// All that needs no other group: from the last map to the logits.
  void head(int group) {
    if (spec.global_average_pool) average_pool(group);
    if (rounds() && pooled_rounding) pooled_rounding->forward(pooled, group);
    for (std::size_t l = 0; l < linears.size(); ++l) {
      linears[l].forward(group);
      if (rounds()) rounding[blocks.size() + l].forward(linears[l].output(), group);
    }
    const Maps<T>& out = linears.back().output();
    const T* in = out.group(group);
    for (int lane = 0; lane < out.lanes(group); ++lane)
      for (int o = 0; o < spec.outputs; ++o)
        logits[static_cast<std::size_t>((group * kLanes + lane) * spec.outputs + o)] = in[o * kLanes + lane];
  }

  void forward(Mode m, Random* dropout) {
    mode = m;
    features.clear();
    const int groups = input->groups();
    if (input_norm) input_norm->measure(*input, mode, kernels);
    for (auto& linear : linears) linear.draw(mode, dropout);
    if (mode == Mode::train) {
      for (auto& block : blocks) {
        for (int g = 0; g < groups; ++g) block.stage(g);
        parallel_for(threads, block.tiles(), [&](int tile) {
          block.pack(tile);
          block.forward_train(tile);
        });
        block.finish_train();
      }
    } else {
      for (auto& block : blocks) block.prepare_evaluate();
    }
    parallel_for(threads, groups, [&](int g) {
      if (mode == Mode::evaluate)
        for (std::size_t b = 0; b < blocks.size(); ++b) {
          blocks[b].stage(g);
          if (b == 0 && rounds() && normalized_grid) blocks[b].round_staged(*normalized_grid, g);
          blocks[b].forward_evaluate(g);
          if (rounds()) rounding[b].forward(blocks[b].output(), g);
        }
      if (blocks.empty() && input_norm) {
        normalize_flat(g);
        if (rounds() && normalized_grid) round_to(*normalized_grid, flat_input, g);
      }
      head(g);
    });
  }

  /// Fills the gradient of the last map from that of the first linear layer's input.
  void spread_average(Maps<T>& to) {
    const std::size_t plane = to.plane_size();
    const T scale = T(1) / static_cast<T>(plane / kLanes);
    for (int g = 0; g < to.groups(); ++g)
      for (int c = 0; c < to.shape().channels; ++c) {
        const T* in = feature_gradient.group(g) + c * kLanes;
        T* out = to.group(g) + static_cast<std::size_t>(c) * plane;
        for (std::size_t i = 0; i < plane; ++i) out[i] = in[i % kLanes] * scale;
      }
  }

  void backward(std::span<const T> dlogits, std::span<Maps<T>* const> dextras, std::span<const Maps<T>* const> dmaps) {
    if (!input) throw Error("backward needs a forward before it");
    if (dlogits.size() != logits.size())
      throw Error("logit gradients hold " + std::to_string(dlogits.size()) + " values, expected " + std::to_string(logits.size()));
    const auto count = [&](std::size_t n, const char* what) {
      if (n != 0 && n != blocks.size()) throw Error(std::to_string(n) + what + std::to_string(blocks.size()) + " blocks");
    };
    count(dextras.size(), " gradients of extra maps for ");
    count(dmaps.size(), " gradients of maps for ");

    Maps<T>& top = linears.back().gradient();
    top.zero(input->samples(), {spec.outputs, 1, 1});
    for (int s = 0; s < input->samples(); ++s)
      for (int o = 0; o < spec.outputs; ++o)
        top.group(s / kLanes)[o * kLanes + s % kLanes] = dlogits[static_cast<std::size_t>(s * spec.outputs + o)];

    // What takes the gradient of the first linear layer's input: the last block, the average pool, the input norm, or nothing.
    Maps<T>* below = nullptr;
    if (spec.global_average_pool && (!blocks.empty() || input_norm)) {
      feature_gradient.resize(input->samples(), pooled.shape());
      below = &feature_gradient;
    } else if (!blocks.empty()) {
      below = &blocks.back().gradient();
    } else if (input_norm) {
      norm_gradient.resize(input->samples(), spec.input);
      below = &norm_gradient;
    }
    for (std::size_t l = linears.size(); l-- > 0;) {
      if (rounds()) rounding[blocks.size() + l].backward(linears[l].gradient());
      linears[l].backward(l > 0 ? &linears[l - 1].gradient() : below);
    }
    if (below == &feature_gradient) {
      if (blocks.empty()) norm_gradient.resize(input->samples(), spec.input);
      spread_average(blocks.empty() ? norm_gradient : blocks.back().gradient());
    }
    for (std::size_t b = blocks.size(); b-- > 0;)
      backward_block(b, dextras.empty() ? nullptr : dextras[b], dmaps.empty() ? nullptr : dmaps[b]);
    if (blocks.empty() && input_norm) input_norm->backward(*input, norm_gradient);
  }

  void backward_block(std::size_t b, Maps<T>* dextra, const Maps<T>* dmap) {
    Block<T>& block = blocks[b];
    if (dmap) {
      check(*dmap, block.output().shape(), input->samples(), "the gradient of map " + std::to_string(b + 1));
      T* to = block.gradient().data();
      const std::size_t n = static_cast<std::size_t>(dmap->groups()) * dmap->group_size();
      for (std::size_t i = 0; i < n; ++i) to[i] += dmap->data()[i];
    }
    if (rounds()) rounding[b].backward(block.gradient());
    const bool unfolded = b == 0 && input_norm && !block.folds_norm();
    Maps<T>* below = b > 0 ? &blocks[b - 1].gradient() : unfolded ? &norm_gradient : nullptr;
    if (unfolded) norm_gradient.resize(input->samples(), spec.input);
    if (dextra) {
      const Shape own = b > 0 ? blocks[b - 1].output().shape() : spec.input;
      check(*dextra, {spec.blocks[b].extra_channels, own.height, own.width}, input->samples(),
            "the gradient of the extra map of block " + std::to_string(b + 1));
    }
    parallel_for(threads, block.tiles(), [&](int tile) { block.backward_weights(tile, mode, below || dextra); });
    const int own_tiles = below ? block.input_tiles() : 0, extra_tiles = dextra ? block.extra_tiles() : 0;
    parallel_for(threads, own_tiles + extra_tiles, [&](int tile) {
      if (tile < own_tiles)
        block.backward_input(tile, *below);
      else
        block.backward_extra(tile - own_tiles, *dextra);
    });
    if (b == 0 && input_norm) {
      if (block.folds_norm())
        block.finish_backward(&*input_norm);
      else
        input_norm->backward(*input, norm_gradient);
    }
  }
};

template <class T>
Network<T>::Network(const NetworkSpec& spec, Random& init, Kernels kernels)
    : Network(spec, init, kernels == Kernels::fast ? fast_kernels<T>() : plain_kernels<T>()) {}
template <class T>
Network<T>::Network(const NetworkSpec& spec, Random& init, const KernelTable<T>& kernels)
    : implementation_(std::make_unique<Implementation>(spec, kernels)) {
  implementation_->initialize(init);
}
template <class T>
Network<T>::~Network() = default;
template <class T>
Network<T>::Network(Network&&) noexcept = default;
template <class T>
Network<T>& Network<T>::operator=(Network&&) noexcept = default;

template <class T>
const NetworkSpec& Network<T>::spec() const {
  return implementation_->spec;
}

template <class T>
void Network<T>::use_threads(Threads* threads) {
  implementation_->threads = threads;
}

template <class T>
void Network<T>::prepare(const Maps<T>& input, std::span<const Maps<T>* const> extras) {
  implementation_->prepare(input, extras);
}

template <class T>
void Network<T>::forward(const Maps<T>& input, std::span<const Maps<T>* const> extras, Mode mode, Random* dropout) {
  implementation_->prepare(input, extras);
  implementation_->forward(mode, dropout);
}

template <class T>
std::span<const T> Network<T>::logits() const {
  return implementation_->logits;
}

template <class T>
const Maps<T>& Network<T>::map(int block) const {
  if (block < 0 || block >= static_cast<int>(implementation_->blocks.size()))
    throw Error("map " + std::to_string(block) + " of a network of " + std::to_string(implementation_->blocks.size()) + " blocks");
  return implementation_->blocks[static_cast<std::size_t>(block)].output();
}

template <class T>
std::span<const T> Network<T>::features() const {
  if (!implementation_->input) throw Error("features need a forward before them");
  if (implementation_->features.empty()) implementation_->linear_input().to_rows(implementation_->features);
  return implementation_->features;
}

template <class T>
void Network<T>::backward(std::span<const T> dlogits, std::span<Maps<T>* const> dextras,
                          std::span<const Maps<T>* const> dmaps) {
  implementation_->backward(dlogits, dextras, dmaps);
}

template <class T>
void Network<T>::zero_gradients() {
  std::fill(implementation_->gradients.begin(), implementation_->gradients.end(), T(0));
}

template <class T>
void Network<T>::round_outputs(std::span<const Grid> grids, const Grid* normalized) {
  Implementation& i = *implementation_;
  const std::size_t layers = i.blocks.size() + i.linears.size();
  if (!grids.empty() && grids.size() != layers)
    throw Error(std::to_string(grids.size()) + " grids for " + std::to_string(layers) + " blocks and linear layers");
  i.rounding.clear();
  i.pooled_rounding.reset();
  i.normalized_grid = normalized && i.input_norm ? std::optional(*normalized) : std::nullopt;
  for (const Grid& grid : grids) i.rounding.emplace_back(grid);
  if (!grids.empty() && i.spec.global_average_pool && !i.blocks.empty()) i.pooled_rounding.emplace(grids[i.blocks.size() - 1]);
}

template <class T>
std::vector<Parameter<T>> Network<T>::parameters() {
  std::vector<Parameter<T>> list;
  for (const Entry& e : implementation_->parameters.entries())
    list.push_back({e.name, e.dims, values().subspan(e.offset, e.size), gradients().subspan(e.offset, e.size), true});
  return list;
}

template <class T>
std::vector<Parameter<T>> Network<T>::statistics() {
  std::vector<Parameter<T>> list;
  for (const Entry& e : implementation_->statistics.entries())
    list.push_back({e.name, e.dims, running().subspan(e.offset, e.size), {}, false});
  return list;
}

template <class T>
std::span<T> Network<T>::values() {
  return implementation_->values;
}
template <class T>
std::span<T> Network<T>::gradients() {
  return implementation_->gradients;
}
template <class T>
std::span<T> Network<T>::running() {
  return implementation_->running;
}

template <class T>
std::vector<std::byte> Network<T>::save() const {
  return pack_bytes(implementation_->values, implementation_->running);
}

template <class T>
void Network<T>::restore(std::span<const std::byte> bytes) {
  unpack_bytes(bytes, "network", implementation_->values, implementation_->running);
}

template class Network<float>;
template class Network<double>;

}  // namespace ditmos::nn
