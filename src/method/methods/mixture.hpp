#pragma once
#include "method/method.hpp"

namespace ditmos::method {

/// Selector and classifiers of the paper, trained together from scratch on the likelihood of the mixture (losses.hpp, mixture_loss), with hard
/// choice at inference.
std::unique_ptr<Method> make_mixture(const Setup& setup);
/// Mixture of experts: the same without feature aggregation and without own losses.
std::unique_ptr<Method> make_moe(const Setup& setup);

}  // namespace ditmos::method
