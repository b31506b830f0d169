#include "nn/kernels/kernels.hpp"

namespace ditmos::nn {

template <class T>
const KernelTable<T>& fast_kernels() {
  return plain_kernels<T>();
}

template const KernelTable<float>& fast_kernels<float>();
template const KernelTable<double>& fast_kernels<double>();

}  // namespace ditmos::nn
