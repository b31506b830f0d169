#include "method/export.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "temp_folder.hpp"
#include "tiny.hpp"

namespace ditmos::method {
namespace {

struct Value {
  std::vector<std::int64_t> dims;
  std::vector<double> v;
};

/// Plain interpreter of the operators that export writes, one series window at a time; written from the ONNX operator specification.
std::map<std::string, Value> interpret(const model::Graph& graph, std::map<std::string, Value> values) {
  for (const auto& t : graph.initializers) values[t.name] = {t.dims, {t.f.begin(), t.f.end()}};
  const auto list = [](const model::Node& n, const char* name) { return std::get<std::vector<std::int64_t>>(n.attributes.at(name)); };
  for (const auto& n : graph.nodes) {
    const Value& x = values.at(n.inputs[0]);
    Value y;
    if (n.op == "Relu") {
      y = x;
      for (double& v : y.v) v = std::max(v, 0.0);
    } else if (n.op == "Flatten") {
      y = {{1, static_cast<std::int64_t>(x.v.size())}, x.v};
    } else if (n.op == "Concat") {
      const Value& b = values.at(n.inputs[1]);
      y = {{1, x.dims[1] + b.dims[1], x.dims[2]}, x.v};
      y.v.insert(y.v.end(), b.v.begin(), b.v.end());
    } else if (n.op == "BatchNormalization") {
      y = x;
      const double eps = static_cast<double>(std::get<float>(n.attributes.at("epsilon")));
      for (std::size_t i = 0; i < y.v.size(); ++i) {
        const std::size_t c = i / static_cast<std::size_t>(x.dims[2]);
        const auto at = [&](int k) { return values.at(n.inputs[static_cast<std::size_t>(k)]).v[c]; };
        y.v[i] = (x.v[i] - at(3)) / std::sqrt(at(4) + eps) * at(1) + at(2);
      }
    } else if (n.op == "Gemm") {
      const Value &w = values.at(n.inputs[1]), &b = values.at(n.inputs[2]);
      y.dims = {1, w.dims[0]};
      for (std::int64_t o = 0; o < w.dims[0]; ++o) {
        double sum = b.v[static_cast<std::size_t>(o)];
        for (std::int64_t i = 0; i < w.dims[1]; ++i) sum += w.v[static_cast<std::size_t>(o * w.dims[1] + i)] * x.v[static_cast<std::size_t>(i)];
        y.v.push_back(sum);
      }
    } else if (n.op == "MaxPool") {
      const std::int64_t k = list(n, "kernel_shape")[0], length = x.dims[2] / k;
      y.dims = {1, x.dims[1], length};
      for (std::int64_t c = 0; c < x.dims[1]; ++c)
        for (std::int64_t t = 0; t < length; ++t) {
          double most = -1e300;
          for (std::int64_t j = 0; j < k; ++j) most = std::max(most, x.v[static_cast<std::size_t>(c * x.dims[2] + t * k + j)]);
          y.v.push_back(most);
        }
    } else if (n.op == "Conv") {
      const Value &w = values.at(n.inputs[1]), &b = values.at(n.inputs[2]);
      const std::int64_t pad = list(n, "pads")[0], k = w.dims[2], length = x.dims[2] + 2 * pad - k + 1;
      y.dims = {1, w.dims[0], length};
      for (std::int64_t o = 0; o < w.dims[0]; ++o)
        for (std::int64_t t = 0; t < length; ++t) {
          double sum = b.v[static_cast<std::size_t>(o)];
          for (std::int64_t c = 0; c < x.dims[1]; ++c)
            for (std::int64_t j = 0; j < k; ++j) {
              const std::int64_t at = t + j - pad;
              if (at >= 0 && at < x.dims[2]) sum += w.v[static_cast<std::size_t>((o * x.dims[1] + c) * k + j)] * x.v[static_cast<std::size_t>(c * x.dims[2] + at)];
            }
          y.v.push_back(sum);
        }
    } else {
      ADD_FAILURE() << n.op;
    }
    values[n.outputs[0]] = y;
  }
  return values;
}

TEST(ExportRoundTrip, FilesComputeWhatTheNetworksCompute) {
  const data::Dataset d = tiny_waves(40);
  data::Split split;
  for (std::uint32_t i = 0; i < d.size(); ++i) (i % 4 ? split.train : split.test).push_back(i);
  split.validation = split.test;
  nn::Threads pool(1);
  for (const std::string name : {"ditmos", "moe", "single", "ensemble"}) {
    Config config = tiny_config(name);
    config.classifier.pools = {2, 1};
    const method::Setup setup{config, d, split, pool};
    const auto method = find_method(name).make(setup);
    for (std::size_t s = 0; s < method->stages().size(); ++s) {  // moves weights and running statistics off their start
      Random random(s);
      method->stages()[s].train(0, random);
    }
    Committee& committee = method->committee();
    const TempFolder folder;
    model::write_bundle(folder.path(), to_bundle(committee, setup));
    const model::Bundle bundle = model::read_bundle(folder.path());
    Loader loader(d, config.recipe, split.train);
    const Predictions p = committee.predict(loader, split.test, false);
    for (std::size_t i = 0; i < split.test.size(); ++i) {
      const auto window = d.window(split.test[i]);
      std::map<std::string, Value> inputs = {{"window", {{1, d.channels, d.width}, {window.begin(), window.end()}}}};
      const bool selects = committee.has_selector();
      if (selects) {
        const auto out = interpret(bundle.networks[0], inputs);
        for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(out.at("logits").v[k], static_cast<double>(p.selector[i * 3 + k]), 1e-4) << name;
        for (const auto& value : bundle.networks[0].outputs)
          if (value.name != "logits") inputs[value.name] = out.at(value.name);
      }
      for (int k = 0; k < committee.size(); ++k) {
        const auto out = interpret(bundle.networks[static_cast<std::size_t>(k) + (selects ? 1 : 0)], inputs);
        for (std::size_t c = 0; c < 3; ++c)
          EXPECT_NEAR(out.at("logits").v[c], static_cast<double>(p.logits[static_cast<std::size_t>(k)][i * 3 + c]), 1e-4) << name;
      }
    }
  }
}

}  // namespace
}  // namespace ditmos::method
