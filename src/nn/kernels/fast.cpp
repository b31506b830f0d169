#include "nn/kernels/fast.hpp"

#include <hwy/highway.h>

namespace ditmos::nn {
namespace {

template <class T>
KernelTable<T> make_table() {
  KernelTable<T> table{};
  set_sum_kernels(table);
  set_pointwise_kernels(table);
  return table;
}

}  // namespace

template <class T>
const KernelTable<T>& fast_kernels() {
  static const KernelTable<T> table = make_table<T>();
  return table;
}

template <class T>
std::vector<KernelTable<T>> every_fast_kernels() {
  std::vector<KernelTable<T>> tables;
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    tables.push_back(make_table<T>());
  }
  hwy::SetSupportedTargetsForTest(0);
  return tables;
}

template const KernelTable<float>& fast_kernels<float>();
template const KernelTable<double>& fast_kernels<double>();
template std::vector<KernelTable<float>> every_fast_kernels<float>();
template std::vector<KernelTable<double>> every_fast_kernels<double>();

}  // namespace ditmos::nn
