#pragma once
#include "nn/network.hpp"

namespace ditmos::nn {

/// K networks of one spec on the same input and extras. With threads, networks run side by side.
template <class T>
class Bank {
 public:
  Bank(const NetworkSpec& spec, int count, Random& init, Kernels kernels = Kernels::fast);
  Bank(const NetworkSpec& spec, int count, Random& init, const KernelTable<T>& kernels);
  int size() const { return static_cast<int>(networks_.size()); }
  Network<T>& network(int k) { return networks_[static_cast<std::size_t>(k)]; }
  const Network<T>& network(int k) const { return networks_[static_cast<std::size_t>(k)]; }
  void use_threads(Threads* threads);

  /// As Network::forward for each; network k draws its dropout from a stream of its own, seeded by one draw of `dropout`.
  void forward_all(const Maps<T>& input, std::span<const Maps<T>* const> extras, Mode mode, Random* dropout);
  /// dlogits: network after network, each samples x outputs. dextras: the sum over the networks is added.
  void backward_all(std::span<const T> dlogits, std::span<Maps<T>* const> dextras = {});
  void zero_gradients();
  /// Network by network, so that what one has just computed is still in the cache when it is needed again: gradients to 0, forward
  /// in train mode with the draws of forward_all, then learn(k), which calls network(k).backward and the optimiser. Must not throw.
  template <class F>
  void train_each(const Maps<T>& input, std::span<const Maps<T>* const> extras, Random* dropout, F&& learn) {
    const Random streams(dropout ? dropout->next() : 0);
    for (auto& network : networks_) network.prepare(input, extras);  // throws here, not in a thread
    for_each([&](int k) {
      Random own = streams.fork(static_cast<std::uint64_t>(k));
      network(k).zero_gradients();
      network(k).forward(input, extras, Mode::train, dropout ? &own : nullptr);
      learn(k);
    });
  }
  /// task(k) for each network, side by side; for optimiser steps.
  template <class F>
  void for_each(F&& task) {
    parallel_for(threads_, size(), task);
  }

 private:
  std::vector<Network<T>> networks_;
  Threads* threads_ = nullptr;
  std::vector<std::vector<Maps<T>>> extra_gradients_;  // [network][block], summed in the order of the networks
};

extern template class Bank<float>;
extern template class Bank<double>;

}  // namespace ditmos::nn
