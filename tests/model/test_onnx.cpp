#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "model/graph.hpp"
#include "small_networks.hpp"
#include "temp_folder.hpp"

namespace ditmos::model {
namespace {

onnx::ModelProto proto_of(const std::string& bytes) {
  onnx::ModelProto proto;
  EXPECT_TRUE(proto.ParseFromString(bytes));
  return proto;
}

TEST(Onnx, PassesTheCheckerOfTheOnnxLibrary) {
  for (const Graph& graph : {small_selector(3), small_classifier(4), every_attribute()})
    EXPECT_NO_THROW(onnx::checker::check_model(proto_of(serialize_onnx(graph)))) << graph.name;
}

TEST(Onnx, RoundTripKeepsEveryField) {
  const Graph graph = every_attribute();
  const Graph again = parse_onnx(serialize_onnx(graph), "again");
  EXPECT_EQ(again.name, graph.name);
  EXPECT_EQ(again.opset, graph.opset);
  ASSERT_EQ(again.nodes.size(), graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    EXPECT_EQ(again.nodes[i].op, graph.nodes[i].op);
    EXPECT_EQ(again.nodes[i].inputs, graph.nodes[i].inputs);
    EXPECT_EQ(again.nodes[i].outputs, graph.nodes[i].outputs);
    ASSERT_EQ(again.nodes[i].attributes.size(), graph.nodes[i].attributes.size());
    for (const auto& [name, value] : graph.nodes[i].attributes) {
      ASSERT_TRUE(again.nodes[i].attributes.contains(name));
      EXPECT_EQ(again.nodes[i].attributes.at(name).index(), value.index());
    }
  }
  ASSERT_EQ(again.initializers.size(), graph.initializers.size());
  for (std::size_t i = 0; i < graph.initializers.size(); ++i) {
    EXPECT_EQ(again.initializers[i].name, graph.initializers[i].name);
    EXPECT_EQ(again.initializers[i].type, graph.initializers[i].type);
    EXPECT_EQ(again.initializers[i].dims, graph.initializers[i].dims);
    EXPECT_EQ(again.initializers[i].f, graph.initializers[i].f);
    EXPECT_EQ(again.initializers[i].i, graph.initializers[i].i);
  }
  EXPECT_EQ(again.inputs[0].dims, graph.inputs[0].dims);
  EXPECT_EQ(serialize_onnx(again), serialize_onnx(graph));
}

TEST(Onnx, InitializersAmongTheInputsAreNoInputs) {
  onnx::ModelProto proto = proto_of(serialize_onnx(small_classifier(2)));
  auto* input = proto.mutable_graph()->add_input();
  input->set_name(proto.graph().initializer(0).name());
  input->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto_DataType_FLOAT);
  EXPECT_EQ(parse_onnx(proto.SerializeAsString(), "x").inputs.size(), small_classifier(2).inputs.size());
}

/// Changes a good model, expects an Error that says `message`.
template <class Change>
void expect_refused(Change change, const std::string& message) {
  onnx::ModelProto proto = proto_of(serialize_onnx(small_classifier(2)));
  change(proto);
  try {
    parse_onnx(proto.SerializeAsString(), "bad.onnx");
    ADD_FAILURE() << "accepted, expected: " << message;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(Onnx, RefusesWithAReason) {
  using Model = onnx::ModelProto;
  expect_refused([](Model& m) { m.mutable_graph()->mutable_initializer(0)->mutable_raw_data()->pop_back(); }, "bytes of data");
  expect_refused([](Model& m) { m.mutable_graph()->mutable_initializer(0)->set_dims(0, std::int64_t{1} << 60); }, "dimension of");
  expect_refused([](Model& m) { m.mutable_graph()->mutable_initializer(0)->set_dims(0, -4); }, "dimension of -4");
  expect_refused([](Model& m) { m.mutable_graph()->mutable_initializer(0)->set_data_type(onnx::TensorProto_DataType_FLOAT16); },
                 "element type FLOAT16");
  expect_refused([](Model& m) { m.mutable_graph()->mutable_initializer(0)->add_external_data()->set_key("location"); },
                 "data in another file");
  expect_refused([](Model& m) { m.mutable_graph()->mutable_node()->SwapElements(0, 1); }, "before anything writes it");
  expect_refused([](Model& m) { m.mutable_graph()->mutable_node(1)->set_output(0, m.graph().node(0).output(0)); }, "defined twice");
  expect_refused([](Model& m) { m.mutable_graph()->mutable_output(0)->set_name("nowhere"); }, "nothing writes the output");
  expect_refused([](Model& m) { m.clear_opset_import(); }, "operator set");
  expect_refused([](Model& m) { m.mutable_graph()->clear_output(); }, "no output");
  expect_refused(
      [](Model& m) {
        auto* attribute = m.mutable_graph()->mutable_node(0)->add_attribute();
        attribute->set_name("then_branch");
        attribute->set_type(onnx::AttributeProto_AttributeType_GRAPH);
      },
      "then_branch");
}

TEST(Onnx, SurvivesDamagedFiles) {
  const std::string good = serialize_onnx(small_classifier(2));
  EXPECT_THROW(parse_onnx("", "empty"), Error);
  EXPECT_THROW(parse_onnx("not a model at all", "text"), Error);
  Random random(5);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string bad = good.substr(0, i % 2 ? good.size() : random.below(good.size()));
    for (int k = 0; k < 4 && !bad.empty(); ++k) bad[random.below(bad.size())] = static_cast<char>(random.below(256));
    try {
      parse_onnx(bad, "damaged");
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 500);
}

TEST(Onnx, FileErrorsNameThePath) {
  const TempFolder folder;
  try {
    read_onnx(folder.path() / "absent.onnx");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("absent.onnx"), std::string::npos);
  }
  write_onnx(folder.path() / "a" / "net.onnx", small_selector(3));
  EXPECT_EQ(serialize_onnx(read_onnx(folder.path() / "a" / "net.onnx")), serialize_onnx(small_selector(3)));
}

}  // namespace
}  // namespace ditmos::model
