#include <memory>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"
#include "method/method.hpp"
#include "method/methods/dense.hpp"
#include "method/methods/ditmos.hpp"
#include "method/methods/independent.hpp"
#include "method/methods/mixture.hpp"

namespace ditmos::method {

const std::vector<MethodEntry>& method_entries() {
  static const std::vector<MethodEntry> entries = {
      {"ditmos", "the paper's: k-means splitting, pre-training, adversarial training of selector and classifiers", make_ditmos},
      {"mixture", "the paper's networks trained together on the likelihood of the mixture", make_mixture},
      {"single", "one 6-layer network (SigCla)", make_single},
      {"single-kd", "the same, taught by the strong model (SigCla-KD)", make_single_kd},
      {"moe", "gate and experts without feature aggregation, trained together, hard top-1 (Ada-MoE)", make_moe},
      {"ensemble", "3-layer networks whose outputs are averaged", make_ensemble},
      {"dense-latency", "the best single network of DiTMoS's multiply-accumulates", make_dense_latency},
      {"dense-flash", "the best single network of DiTMoS's flash", make_dense_flash},
      {"dense-ram", "the best single network of DiTMoS's memory", make_dense_ram},
      {"ds-cnn", "one depthwise separable network (DS-CNN), as wide as configured or as search.* allows", make_ds_cnn},
      {"strong", "the strong model, an upper reference", make_strong},
      {"knn", "1-nearest-neighbour on raw windows, a reference that trains nothing", nullptr},
      {"auto", "trains several methods that fit the budget of search.* and keeps the best on the validation part", nullptr},
  };
  return entries;
}

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const auto& entry : method_entries()) names.push_back(entry.name);
  return names;
}

const MethodEntry& find_method(const std::string& name) {
  for (const auto& entry : method_entries())
    if (entry.name == name) return entry;
  throw Error("unknown method \"" + name + "\"", name_hint(name, method_names()));
}

}  // namespace ditmos::method
