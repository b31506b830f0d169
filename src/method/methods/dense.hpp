#pragma once
#include "method/method.hpp"

namespace ditmos::method {

/// The best single network within what DiTMoS costs: a small search over shapes, each scaled up to the budget, trained briefly and judged
/// on the validation part; the winner is trained in full (docs/METHODS.md).
std::unique_ptr<Method> make_dense_latency(const Setup& setup);  ///< as many multiply-accumulates as selector + one classifier
std::unique_ptr<Method> make_dense_flash(const Setup& setup);    ///< as many parameters as selector + all classifiers
std::unique_ptr<Method> make_dense_ram(const Setup& setup);      ///< as much memory, and at most twice the multiply-accumulates

/// Depthwise separable (Zhang, Suda, Lai, Chandra: Hello Edge, arXiv:1711.07128, 2017): `ds_cnn` as it is, or, where search.macs, search.parameters
/// or search.ram is given, its channels times the largest factor that fits them all.
std::unique_ptr<Method> make_ds_cnn(const Setup& setup);

/// The networks that a search tries, most promising first, at most search.candidates. `limits`: 0 means no limit.
std::vector<NetworkConfig> dense_candidates(const Setup& setup, const Cost& limits);

}  // namespace ditmos::method
