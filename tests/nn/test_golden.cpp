#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "core/source_dir.hpp"
#include "core/file.hpp"
#include "fixtures.hpp"
#include "nn/optimizer.hpp"

namespace ditmos::nn {
namespace {

// Values that PyTorch computed in double (golden/make_golden.py), against the engine in double and in float.

using Values = std::map<std::string, std::vector<double>>;

std::map<std::string, Values> read_golden() {
  std::istringstream in(read_file(std::string(DITMOS_SOURCE_DIR) + "/tests/nn/golden/golden.txt"));
  std::map<std::string, Values> cases;
  std::string name, current;
  while (in >> name) {
    if (name == "case") {
      in >> current;
      continue;
    }
    std::size_t n = 0;
    in >> n;
    auto& values = cases[current][name];
    values.resize(n);
    for (double& v : values) in >> v;
  }
  return cases;
}

NetworkSpec golden_spec(const std::string& name) {
  NetworkSpec s;
  s.dropout = 0;
  if (name == "series") {
    s.input = {3, 1, 50};
    s.blocks = {{.filters = 5, .kernel_width = 7},
                {.filters = 4, .kernel_width = 4, .extra_channels = 3},
                {.filters = 3, .kernel_width = 3, .extra_channels = 2}};
    s.hidden = {8};
    s.outputs = 5;
  } else if (name == "image") {
    s.input = {2, 13, 12};
    s.blocks = {{.filters = 6, .kernel_height = 3, .kernel_width = 4, .stride = 2, .pad_height = 1, .pad_width = 1, .pool_width = 1},
                {.filters = 6, .kernel_height = 3, .kernel_width = 3, .pad_height = 1, .pad_width = 1, .pool_width = 1, .depthwise = true},
                {.filters = 7, .kernel_width = 1, .pool_height = 2}};
    s.global_average_pool = true;
    s.hidden = {};
    s.outputs = 4;
  } else {
    s.input = {2, 1, 17};
    s.blocks = {{.filters = 3, .kernel_width = 5}};
    s.hidden = {};
    s.outputs = 3;
  }
  return s;
}

template <class T>
class Golden {
 public:
  Golden(std::string name, const Values& values, Kernels kernels)
      : name_(std::move(name)), values_(values), spec_(golden_spec(name_)), net_(spec_, random_, kernels) {
    const auto& labels = values_.at("labels");
    labels_.assign(labels.begin(), labels.end());
    const auto& weights = values_.at("weights");
    weights_.assign(weights.begin(), weights.end());
    input_ = maps("input", spec_.input);
    extras_.resize(spec_.blocks.size());
    dextras_.resize(spec_.blocks.size());
    Shape own = spec_.input;
    for (std::size_t b = 0; b < spec_.blocks.size(); ++b) {
      if (spec_.blocks[b].extra_channels) {
        extras_[b] = maps("extra" + std::to_string(b + 1), {spec_.blocks[b].extra_channels, own.height, own.width});
        dextras_[b].zero(samples(), extras_[b].shape());
      }
      extra_pointers_.push_back(spec_.blocks[b].extra_channels ? &extras_[b] : nullptr);
      dextra_pointers_.push_back(spec_.blocks[b].extra_channels ? &dextras_[b] : nullptr);
      own = spec_.block_shapes()[b];
    }
  }

  void check() {
    reset();
    const double loss = forward_backward();
    compare("loss", std::vector<T>{static_cast<T>(loss)});
    compare("logits", net_.logits());
    compare("features", net_.features());
    std::vector<T> rows;
    for (std::size_t b = 0; b < spec_.blocks.size(); ++b) {
      net_.map(static_cast<int>(b)).to_rows(rows);
      compare("map" + std::to_string(b + 1), rows);
      if (!extra_pointers_[b]) continue;
      dextras_[b].to_rows(rows);
      compare("extra_gradient" + std::to_string(b + 1), rows);
    }
    for (auto& p : net_.parameters()) compare("gradient." + p.name, p.gradient);
    for (auto& p : net_.statistics()) compare("statistics." + p.name, p.value);
    net_.forward(input_, extra_pointers_, Mode::evaluate, nullptr);
    compare("evaluated", net_.logits());

    reset();
    train("sgd", Sgd<T>(net_.parameters(), {.momentum = 0.9, .nesterov = true, .weight_decay = 1e-2}), 0.05);
    reset();
    train("adamw", AdamW<T>(net_.parameters(), {.weight_decay = 1e-2}), 0.01);
  }

 private:
  int samples() const { return static_cast<int>(labels_.size()); }

  Maps<T> maps(const std::string& name, Shape shape) {
    const auto& values = values_.at(name);
    const std::vector<T> rows(values.begin(), values.end());
    Maps<T> result;
    result.from_rows(rows, samples(), shape);
    return result;
  }

  void reset() {
    for (auto& p : net_.parameters()) {
      const auto& values = values_.at("initial." + p.name);
      ASSERT_EQ(values.size(), p.value.size());
      std::copy(values.begin(), values.end(), p.value.begin());
    }
    for (auto& p : net_.statistics()) std::fill(p.value.begin(), p.value.end(), p.name.ends_with("variance") ? T(1) : T(0));
  }

  double forward_backward() {
    net_.forward(input_, extra_pointers_, Mode::train, nullptr);
    std::vector<T> dlogits(net_.logits().size());
    const double loss =
        softmax_cross_entropy<T>(net_.logits(), spec_.outputs, labels_, weights_, static_cast<T>(0.1), dlogits);
    net_.zero_gradients();
    net_.backward(dlogits, dextra_pointers_);
    return loss;
  }

  template <class Optimizer>
  void train(const std::string& kind, Optimizer optimizer, double rate) {
    for (int step = 0; step < 3; ++step) {
      forward_backward();
      optimizer.step(rate);
    }
    for (auto& p : net_.parameters())
      if (values_.count(kind + "." + p.name)) compare(kind + "." + p.name, p.value);
  }

  template <class Array>
  void compare(const std::string& what, const Array& actual) {
    const auto& expected = values_.at(what);
    ASSERT_EQ(actual.size(), expected.size()) << name_ << " " << what;
    double scale = 1e-3;
    for (const double v : expected) scale = std::max(scale, std::abs(v));
    const double tolerance = (sizeof(T) == 8 ? 1e-10 : 2e-4) * scale;
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(static_cast<double>(actual[i]), expected[i], tolerance) << name_ << " " << what << " " << i;
  }

  std::string name_;
  const Values& values_;
  NetworkSpec spec_;
  Random random_{1};
  Network<T> net_;
  Maps<T> input_;
  std::vector<Maps<T>> extras_, dextras_;
  std::vector<const Maps<T>*> extra_pointers_;
  std::vector<Maps<T>*> dextra_pointers_;
  std::vector<std::int32_t> labels_;
  std::vector<T> weights_;
};

TEST(GoldenFromPyTorch, ForwardBackwardAndOptimizersAgree) {
  const auto cases = read_golden();
  ASSERT_EQ(cases.size(), 3u);
  for (const auto& [name, values] : cases)
    for (const Kernels kernels : {Kernels::plain, Kernels::fast}) {
      Golden<double>(name, values, kernels).check();
      Golden<float>(name, values, kernels).check();
    }
}

}  // namespace
}  // namespace ditmos::nn
