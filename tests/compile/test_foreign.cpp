// The ONNX project's own backend tests (Debian's libonnx-testdata), for the operators of import/: compiled to C, run, compared.
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <cstring>
#include <set>

#include "compile/emit_c/c_text.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "emitted.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {
namespace {

namespace fs = std::filesystem;
const fs::path kData = "/usr/share/libonnx-testdata/data";

onnx::TensorProto read_tensor_proto(const fs::path& path) {
  onnx::TensorProto proto;
  if (!proto.ParseFromString(read_file(path))) throw Error(path.string() + " is no tensor");
  return proto;
}

/// A tensor of the test's data, through the reader of models.
model::Tensor tensor_of(const fs::path& path) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  *model.mutable_graph()->add_initializer() = read_tensor_proto(path);
  model.mutable_graph()->mutable_initializer(0)->set_name("t");
  model.mutable_graph()->add_output()->set_name("t");
  model.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(1);
  return model::parse_onnx(model.SerializeAsString(), path.string()).initializers.at(0);
}

/// The case's model with inputs `first`.. turned into constants of its test data: weights, shapes and axes must be known to compile.
model::Graph baked(const fs::path& folder, int first) {
  onnx::ModelProto model;
  if (!model.ParseFromString(read_file(folder / "model.onnx"))) throw Error("no model");
  for (int i = first; i < model.graph().input_size(); ++i) {
    onnx::TensorProto tensor = read_tensor_proto(folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb"));
    tensor.set_name(model.graph().input(i).name());
    *model.mutable_graph()->add_initializer() = tensor;
  }
  return model::parse_onnx(model.SerializeAsString(), folder.filename().string());
}

bool in_scope(const fs::path& folder) {
  onnx::ModelProto model;
  if (!model.ParseFromString(read_file(folder / "model.onnx")) || model.graph().node_size() == 0) return false;
  const std::vector<std::string> names = supported_onnx_operators();
  for (const auto& node : model.graph().node())
    if (std::find(names.begin(), names.end(), node.op_type()) == names.end()) return false;
  return true;
}

std::string raw_bytes(const model::Tensor& tensor) {
  std::string bytes;
  if (!tensor.f.empty()) bytes.assign(reinterpret_cast<const char*>(tensor.f.data()), tensor.f.size() * 4);
  for (const std::int64_t element : tensor.i)
    if (tensor.type == model::DataType::int32) {
      const auto narrow = static_cast<std::int32_t>(element);
      bytes.append(reinterpret_cast<const char*>(&narrow), 4);
    } else {
      bytes += static_cast<char>(element & 255);
    }
  return bytes;
}

struct Case {
  std::string name;
  Program program;
  std::vector<model::Tensor> expected;
};

/// Compiles the case with as few baked inputs as its operators allow; returns the reason where it is out of scope.
std::string prepare_case(const fs::path& folder, Case& prepared, std::string& input_bytes) {
  std::string reason;
  onnx::ModelProto model;
  model.ParseFromString(read_file(folder / "model.onnx"));
  const int inputs = model.graph().input_size();
  for (int first : {inputs, 1, 0}) {
    if (first > inputs) continue;
    try {
      const model::Graph graph = baked(folder, first);
      prepared.program = import_network(graph, prepared.name);
      input_bytes.clear();
      for (int i = 0; i < first; ++i) {
        // A real input of the graph has data; an initializer that is also listed as an input has none.
        const fs::path data = folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb");
        if (i < static_cast<int>(graph.inputs.size())) input_bytes += raw_bytes(tensor_of(data));
      }
      prepared.expected.clear();
      for (std::size_t i = 0; i < graph.outputs.size(); ++i) prepared.expected.push_back(tensor_of(folder / "test_data_set_0" / ("output_" + std::to_string(i) + ".pb")));
      return {};
    } catch (const Error& error) {
      if (reason.empty()) reason = error.what();  // of the model as it is
    }
  }
  return reason;
}

TEST(Foreign, OnnxBackendTestsGiveWhatTheyShould) {
  if (!fs::exists(kData)) GTEST_SKIP() << "the ONNX backend tests (Debian: libonnx-testdata) are absent";
  std::set<fs::path> folders;
  for (const char* part : {"node", "simple", "pytorch-converted", "pytorch-operator"})
    if (fs::exists(kData / part))
      for (const auto& entry : fs::directory_iterator(kData / part))
        if (fs::exists(entry.path() / "model.onnx") && in_scope(entry.path())) folders.insert(entry.path());
  const TempFolder folder;
  std::vector<Case> cases;
  std::map<std::string, std::string> refused;
  std::string includes, calls;
  for (const fs::path& source : folders) {
    Case prepared;
    prepared.name = c_identifier("m" + std::to_string(cases.size()));
    std::string input;
    const std::string reason = prepare_case(source, prepared, input);
    const std::string title = source.parent_path().filename().string() + "/" + source.filename().string();
    if (!reason.empty()) {
      refused[title] = reason;
      continue;
    }
    Options options;
    options.name = prepared.name;
    options.schedule = "fused";
    const Compilation compilation = compile(prepared.program, options);
    for (const File& file : compilation.files)
      if (cases.empty() || !file.name.starts_with("ditmos/")) write_file_atomic(folder.path() / file.name, file.content);
    write_file_atomic(folder.path() / (prepared.name + ".in"), input);
    const bool window = has_window_interface(compilation.program);
    std::string body = "  {\n    FILE *in = fopen(\"" + prepared.name + ".in\", \"rb\"), *out = fopen(\"" + prepared.name + ".out\", \"wb\");\n";
    body += "    if (!in || !out || " + options.name + "_ARENA > sizeof memory.bytes) { printf(\"" + options.name + "\"); return 1; }\n";
    for (const Port& port : compilation.plan.networks[0].inputs) {
      const Value& value = compilation.plan.networks[0].value(port.value);
      body += "    if (fread(buffer.bytes, 1, " + std::to_string(value.bytes()) + ", in) != " + std::to_string(value.bytes()) + ") return 2;\n";
      body += "    " + options.name + (window ? "_set_input" : "_set_" + c_identifier(port.name)) + "(memory.bytes, (" + c_type(value.type) + " *)buffer.bytes);\n";
    }
    body += "    " + options.name + "_run(memory.bytes);\n";
    for (const Port& port : compilation.plan.networks[0].outputs) {
      const Value& value = compilation.plan.networks[0].value(port.value);
      body += "    " + options.name + (window ? "_get_logits" : "_get_" + c_identifier(port.name)) + "(memory.bytes, (" + c_type(value.type) + " *)buffer.bytes);\n";
      body += "    fwrite(buffer.bytes, 1, " + std::to_string(value.bytes()) + ", out);\n";
    }
    calls += body + "    fclose(in);\n    fclose(out);\n  }\n";
    includes += "#include \"" + options.name + ".c\"\nenum { " + options.name + "_ARENA = " + std::to_string(compilation.plan.arena_bytes) + " };\n";
    prepared.name = title;
    cases.push_back(std::move(prepared));
  }
  write_file_atomic(folder.path() / "main.c", "#include <stdio.h>\n" + includes +
                                                  "static union { unsigned char bytes[1 << 25]; double align; } memory, buffer;\nint main(void) {\n" + calls + "  return 0;\n}\n");
  const std::string at_folder = "cd " + folder.path().string() + " && ";
  const Shell built = shell(at_folder + "gcc " + kStrictFlags + " -O0 main.c -lm -o run");
  ASSERT_EQ(built.code, 0) << built.output.substr(0, 4000);
  const Shell ran = shell(at_folder + "./run");
  ASSERT_EQ(ran.code, 0) << ran.output;
  int wrong = 0;
  for (std::size_t c = 0; c < cases.size(); ++c) {
    const std::string out = read_file(folder.path() / (c_identifier("m" + std::to_string(c)) + ".out"));
    std::size_t at = 0;
    for (const model::Tensor& expected : cases[c].expected) {
      const std::string wanted = raw_bytes(expected);
      ASSERT_LE(at + wanted.size(), out.size()) << cases[c].name;
      bool same = expected.f.empty() ? out.compare(at, wanted.size(), wanted) == 0 : true;
      for (std::size_t i = 0; i < expected.f.size() && same; ++i) {
        float found;
        std::memcpy(&found, out.data() + at + i * 4, 4);
        same = std::abs(found - expected.f[i]) <= 1e-4f + 1e-4f * std::abs(expected.f[i]);
      }
      EXPECT_TRUE(same) << cases[c].name;
      wrong += !same;
      at += wanted.size();
    }
    EXPECT_EQ(at, out.size()) << cases[c].name;
  }
  std::printf("%zu ONNX backend tests pass, %zu are out of scope:\n", cases.size() - static_cast<std::size_t>(wrong), refused.size());
  for (const auto& [name, reason] : refused) std::printf("  %s: %s\n", name.c_str(), reason.c_str());
  EXPECT_GE(cases.size(), 110u);
}

}  // namespace
}  // namespace ditmos::compile
