#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.hpp"
#include "data/split.hpp"
#include "method/archive.hpp"
#include "method/committee.hpp"
#include "method/config.hpp"
#include "nn/threads.hpp"

namespace ditmos::method {

/// What a method trains on. Must outlive it.
struct Setup {
  Config config;
  const data::Dataset& dataset;
  const data::Split& split;
  nn::Threads& threads;

  nn::Shape shape() const { return input_shape(dataset); }
  int classes() const { return static_cast<int>(dataset.classes.size()); }
};

/// A run of epochs of one kind.
struct Stage {
  std::string name;
  int epochs = 0;
  /// Trains one epoch, from 0, and returns its mean loss. All its randomness comes from `random`, which depends on seed, stage and
  /// epoch alone; with the networks and Method::save this makes a resumed run the same to the bit.
  std::function<double(int epoch, Random& random)> train;
  std::function<double(int epoch)> rate;  ///< learning rate at the start of an epoch, for the record
  bool candidate = false;                 ///< after each epoch the committee is a model to choose from
  double cost = 1;                        ///< relative time of an epoch, for the estimate of the time left
};

/// A training method: which networks there are (the committee) and the stages that train them.
class Method {
 public:
  virtual ~Method() = default;
  const std::vector<Stage>& stages() const { return stages_; }
  virtual Committee& committee() = 0;
  /// All state beside the committee that later epochs need (strong model, subsets, optimisers).
  virtual void save(Archive& archive) const = 0;
  virtual void restore(const Archive& archive) = 0;
  /// Facts found on the way (sizes of the subsets, the network a search found), for run.json.
  virtual Json notes() const { return Json::object(); }

 protected:
  std::vector<Stage> stages_;
};

/// One entry of the registry (methods.cpp).
struct MethodEntry {
  std::string name, help;
  std::unique_ptr<Method> (*make)(const Setup& setup);  ///< null: a reference that trains nothing (knn), or a choice of others (auto)
};
const std::vector<MethodEntry>& method_entries();
std::vector<std::string> method_names();
/// Throws Error (nearest name).
const MethodEntry& find_method(const std::string& name);

}  // namespace ditmos::method
