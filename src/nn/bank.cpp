#include "nn/bank.hpp"

#include <string>

#include "core/error.hpp"
#include "nn/kernels/kernels.hpp"

namespace ditmos::nn {

template <class T>
Bank<T>::Bank(const NetworkSpec& spec, int count, Random& init, Kernels kernels)
    : Bank(spec, count, init, kernels == Kernels::fast ? fast_kernels<T>() : plain_kernels<T>()) {}

template <class T>
Bank<T>::Bank(const NetworkSpec& spec, int count, Random& init, const KernelTable<T>& kernels) {
  if (count < 1) throw Error("a bank of " + std::to_string(count) + " networks, expected at least 1");
  for (int k = 0; k < count; ++k) networks_.emplace_back(spec, init, kernels);
  extra_gradients_.resize(networks_.size());
}

template <class T>
void Bank<T>::use_threads(Threads* threads) {
  threads_ = threads;
  // A single network shares its own work; several run side by side, each on one thread.
  if (size() == 1) networks_[0].use_threads(threads);
}

template <class T>
void Bank<T>::forward_all(const Maps<T>& input, std::span<const Maps<T>* const> extras, Mode mode, Random* dropout) {
  const Random streams(dropout && mode == Mode::train ? dropout->next() : 0);
  const auto one = [&](int k) {
    Random own = streams.fork(static_cast<std::uint64_t>(k));
    network(k).forward(input, extras, mode, dropout ? &own : nullptr);
  };
  for (auto& network : networks_) network.prepare(input, extras);  // throws here, not in a thread
  parallel_for(threads_, size(), one);
}

template <class T>
void Bank<T>::backward_all(std::span<const T> dlogits, std::span<Maps<T>* const> dextras) {
  const std::size_t each = networks_[0].logits().size();
  if (dlogits.size() != each * networks_.size())
    throw Error("logit gradients hold " + std::to_string(dlogits.size()) + " values, expected " +
                std::to_string(each * networks_.size()));
  for (auto& own : extra_gradients_) own.resize(dextras.size());
  parallel_for(threads_, size(), [&](int i) {
    const int k = size() - 1 - i;  // the last forward is still in the cache
    const std::size_t at = static_cast<std::size_t>(k);
    auto& own = extra_gradients_[at];
    std::vector<Maps<T>*> pointers(dextras.size(), nullptr);
    for (std::size_t b = 0; b < dextras.size(); ++b) {
      if (!dextras[b]) continue;
      own[b].zero(dextras[b]->samples(), dextras[b]->shape());
      pointers[b] = &own[b];
    }
    network(k).backward(dlogits.subspan(at * each, each), pointers);
  });
  for (std::size_t b = 0; b < dextras.size(); ++b) {
    if (!dextras[b]) continue;
    const std::size_t n = static_cast<std::size_t>(dextras[b]->groups()) * dextras[b]->group_size();
    T* sum = dextras[b]->data();
    for (const auto& own : extra_gradients_)
      for (std::size_t i = 0; i < n; ++i) sum[i] += own[b].data()[i];
  }
}

template <class T>
void Bank<T>::zero_gradients() {
  for (auto& network : networks_) network.zero_gradients();
}

template class Bank<float>;
template class Bank<double>;

}  // namespace ditmos::nn
