#pragma once
#include <cmath>

#include "core/random.hpp"
#include "data/dataset.hpp"
#include "method/config.hpp"

namespace ditmos::method {

/// Noisy waves whose frequency tells the class; four groups.
inline data::Dataset tiny_waves(int windows, int classes = 3, int length = 40, std::uint64_t seed = 1) {
  Random random(seed);
  data::Dataset d;
  d.name = "waves";
  d.channels = 2;
  d.width = length;
  d.rate_hz = 50;
  d.unit = "g";
  for (int i = 0; i < windows; ++i) {
    const int label = i % classes;
    const double phase = random.uniform(0, 6.28);
    for (int c = 0; c < 2; ++c)
      for (int t = 0; t < length; ++t)
        d.x.push_back(static_cast<float>(std::sin(0.25 * (label + 1) * t + phase + c) + 0.4 * random.normal()));
    d.y.push_back(label);
    d.group.push_back(i / classes % 4);
  }
  for (int c = 0; c < classes; ++c) d.classes.push_back(std::string("class ").append(std::to_string(c)));
  return d;
}

/// Every network small, every stage short.
inline Config tiny_config(const std::string& method = "ditmos") {
  Config c;
  c.method = method;
  c.dataset = "waves";
  c.threads = 2;
  c.selector = {{4, 3}, {5, 3}, {2}, 0, {8}};
  c.classifier = {{4, 3}, {5, 3}, {2}, 0, {8}};
  c.strong = {{8, 8}, {5, 3}, {2}, 1, {16}};
  c.single = {{4, 4}, {5, 3}, {2}, 1, {8}};
  c.dense = {{4, 4}, {5, 3}, {2}, 0, {8}};
  c.ds_cnn = {{4, 4}, {5, 3}, {2, 1}, 1, {}, {}, 2, true, true};
  c.classifiers = 3;
  c.splitting.n_init = 3;
  c.strong_stage.epochs = 3;
  c.classifier_stage.epochs = 2;
  c.selector_stage.epochs = 1;
  c.adversarial.iterations = 2;
  c.adversarial.selector_epochs = c.adversarial.classifier_epochs = 1;
  c.joint.epochs = 3;
  c.search.candidates = 2;
  c.search.epochs = 1;
  return c;
}

}  // namespace ditmos::method
