#pragma once
#include "method/method.hpp"

namespace ditmos::method {

/// One or more networks of one spec, each trained on all training windows by itself.
/// single: one 6-layer network. single-kd: the same, taught by the strong model.
std::unique_ptr<Method> make_single(const Setup& setup);
std::unique_ptr<Method> make_single_kd(const Setup& setup);
/// Several classifiers (without selector), outputs averaged.
std::unique_ptr<Method> make_ensemble(const Setup& setup);
/// The strong model as the whole answer: an upper reference.
std::unique_ptr<Method> make_strong(const Setup& setup);

}  // namespace ditmos::method
