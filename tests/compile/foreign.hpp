#pragma once
// The ONNX project's own backend tests (Debian's libonnx-testdata), for the operators of import/: compiled to C, run, compared.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <set>
#include <span>

#include "compile/compile.hpp"
#include "compile/emit_c/c_text.hpp"
#include "core/error.hpp"
#include "core/file.hpp"

namespace ditmos::compile {

inline const std::filesystem::path kBackendTests = "/usr/share/libonnx-testdata/data";

struct ForeignCase {
  std::string title;                    ///< "node/test_relu"
  std::string name;                     ///< C identifier
  Compilation compilation;
  std::string input;                    ///< bytes of all inputs, in order
  std::vector<model::Tensor> expected;  ///< of all outputs
  std::size_t largest = 0;              ///< bytes of the largest input or output
};

struct ForeignSet {
  std::vector<ForeignCase> cases;
  std::map<std::string, std::string> refused;  ///< title: reason
};

namespace foreign {

namespace fs = std::filesystem;

inline onnx::TensorProto read_tensor_proto(const fs::path& path) {
  onnx::TensorProto proto;
  if (!proto.ParseFromString(read_file(path))) throw Error(path.string() + " is no tensor");
  return proto;
}

/// A tensor of the test's data, through the reader of models.
inline model::Tensor tensor_of(const onnx::TensorProto& proto, const std::string& origin) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  *model.mutable_graph()->add_initializer() = proto;
  model.mutable_graph()->mutable_initializer(0)->set_name("t");
  model.mutable_graph()->add_output()->set_name("t");
  model.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(1);
  return model::parse_onnx(model.SerializeAsString(), origin).initializers.at(0);
}

inline std::string raw_bytes(const model::Tensor& tensor) {
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

inline void keep_first_sample(model::Tensor& tensor) {
  const auto share = static_cast<std::size_t>(tensor.dims.at(0));
  tensor.f.resize(tensor.f.size() / share);
  tensor.i.resize(tensor.i.size() / share);
  tensor.dims[0] = 1;
}

/// One case as the compiler may take it.
struct Attempt {
  int first = 0;           ///< inputs from this one become constants of the test's data: weights, shapes and axes must be known to compile
  bool one_sample = false; ///< of a batch the first sample alone: what stands for samples side by side
};

/// Throws Error where the case is out of scope in this form.
inline ForeignCase make_case(const fs::path& folder, onnx::ModelProto proto, const Attempt& attempt) {
  const fs::path data = folder / "test_data_set_0";
  for (int i = attempt.first; i < proto.graph().input_size(); ++i) {
    const fs::path file = data / ("input_" + std::to_string(i) + ".pb");
    if (!fs::exists(file)) continue;  // an initializer that is also listed as an input has no data
    onnx::TensorProto tensor = read_tensor_proto(file);
    tensor.set_name(proto.graph().input(i).name());
    *proto.mutable_graph()->add_initializer() = tensor;
  }
  if (attempt.one_sample)
    for (auto* values : {proto.mutable_graph()->mutable_input(), proto.mutable_graph()->mutable_output()})
      values->at(0).mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_dim_value(1);
  const model::Graph graph = model::parse_onnx(proto.SerializeAsString(), folder.filename().string());
  if (attempt.one_sample && graph.inputs.size() != 1) throw Error("a batch of several inputs");
  ForeignCase made;
  made.title = folder.parent_path().filename().string() + "/" + folder.filename().string();
  const auto read = [&](const std::string& file) {
    model::Tensor tensor = tensor_of(read_tensor_proto(data / file), file);
    if (attempt.one_sample) keep_first_sample(tensor);
    made.largest = std::max(made.largest, raw_bytes(tensor).size());
    return tensor;
  };
  const Program program = import_network(graph, "network");
  for (int i = 0; i < attempt.first; ++i) {
    if (i < static_cast<int>(graph.inputs.size())) made.input += raw_bytes(read("input_" + std::to_string(i) + ".pb"));
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) made.expected.push_back(read("output_" + std::to_string(i) + ".pb"));
  Options options;
  options.schedule = "fused";
  made.name = options.name = c_identifier("m_" + made.title);
  made.compilation = compile(program, options);
  return made;
}

inline bool in_scope(const onnx::ModelProto& model) {
  if (model.graph().node_size() == 0) return false;
  const std::vector<std::string> names = supported_onnx_operators();
  return std::all_of(model.graph().node().begin(), model.graph().node().end(),
                     [&](const auto& node) { return std::find(names.begin(), names.end(), node.op_type()) != names.end(); });
}

/// Takes a case with as few constants as its operators allow, or says why not.
inline void add_case(const fs::path& folder, ForeignSet& set) {
  onnx::ModelProto proto;
  if (!proto.ParseFromString(read_file(folder / "model.onnx")) || !in_scope(proto)) return;
  const int inputs = proto.graph().input_size();
  const auto batched = [&](const auto& values) {
    return values.size() == 1 && values[0].type().tensor_type().shape().dim_size() > 2 && values[0].type().tensor_type().shape().dim(0).dim_value() > 1;
  };
  std::string reason;
  for (const int first : {inputs, 1, 0})
    for (const bool one_sample : {false, true}) {
      if (first > inputs || (one_sample && (first == 0 || !batched(proto.graph().output())))) continue;
      try {
        set.cases.push_back(make_case(folder, proto, {first, one_sample}));
        return;
      } catch (const Error& error) {
        if (first > 0 && !one_sample) reason = error.what();  // with what must be constant as constants
      }
    }
  set.refused[folder.parent_path().filename().string() + "/" + folder.filename().string()] = reason;
}

}  // namespace foreign

/// Every backend test of the operators in scope whose title `wanted` takes.
inline ForeignSet foreign_cases(const std::function<bool(const std::string& title)>& wanted) {
  ForeignSet set;
  std::set<std::filesystem::path> folders;
  for (const char* part : {"node", "simple", "pytorch-converted", "pytorch-operator"})
    if (std::filesystem::exists(kBackendTests / part))
      for (const auto& entry : std::filesystem::directory_iterator(kBackendTests / part))
        if (std::filesystem::exists(entry.path() / "model.onnx") && wanted(part + ("/" + entry.path().filename().string()))) folders.insert(entry.path());
  for (const auto& folder : folders) foreign::add_case(folder, set);
  return set;
}

/// Writes the cases' code, their inputs as NAME.in, and a main.c that writes NAME.out. main.c includes "files.h" with file_open(name, write),
/// file_read, file_write and file_close.
inline void write_foreign(const std::filesystem::path& folder, std::span<const ForeignCase> cases) {
  std::string includes, calls;
  std::size_t most = 8;
  for (const ForeignCase& c : cases) {
    for (const File& file : c.compilation.files)
      if (&c == &cases.front() || !file.name.starts_with("ditmos/")) write_file_atomic(folder / file.name, file.content);
    write_file_atomic(folder / (c.name + ".in"), c.input);
    most = std::max({most, c.largest, c.compilation.plan.arena_bytes});
    const Graph& network = c.compilation.plan.networks[0];
    const bool window = has_window_interface(c.compilation.program);
    calls += "  in = file_open(\"" + c.name + ".in\", 0); out = file_open(\"" + c.name + ".out\", 1);\n";
    for (const Port& port : network.inputs) {
      const Value& value = network.value(port.value);
      calls += "  if (file_read(in, buffer.bytes, " + std::to_string(value.bytes()) + ") != " + std::to_string(value.bytes()) + ") return 2;\n";
      calls += "  " + c.name + (window ? "_set_input" : "_set_" + c_identifier(port.name)) + "(memory.bytes, (" + c_type(value.type) + " *)buffer.bytes);\n";
    }
    calls += "  " + c.name + "_run(memory.bytes);\n";
    for (const Port& port : network.outputs) {
      const Value& value = network.value(port.value);
      calls += "  " + c.name + (window ? "_get_logits" : "_get_" + c_identifier(port.name)) + "(memory.bytes, (" + c_type(value.type) + " *)buffer.bytes);\n";
      calls += "  file_write(out, buffer.bytes, " + std::to_string(value.bytes()) + ");\n";
    }
    calls += "  file_close(in); file_close(out);\n";
    includes += "#include \"" + c.name + ".c\"\n";
  }
  write_file_atomic(folder / "main.c", "#include \"files.h\"\n" + includes + "static union { unsigned char bytes[" + std::to_string(most) +
                                           "]; double align; } memory, buffer;\nint main(void) {\n  file in, out;\n" + calls + "  return 0;\n}\n");
}

/// Titles whose NAME.out differs from what ONNX expects: floats by more than 1e-4, absolute and relative.
inline std::vector<std::string> wrong_foreign(const std::filesystem::path& folder, std::span<const ForeignCase> cases) {
  std::vector<std::string> wrong;
  for (const ForeignCase& c : cases) {
    const std::string out = read_file(folder / (c.name + ".out"));
    std::size_t at = 0;
    bool same = true;
    for (const model::Tensor& expected : c.expected) {
      const std::string wanted = foreign::raw_bytes(expected);
      same = same && at + wanted.size() <= out.size();
      if (!same) break;
      if (expected.f.empty()) same = out.compare(at, wanted.size(), wanted) == 0;
      for (std::size_t i = 0; i < expected.f.size() && same; ++i) {
        float found;
        std::memcpy(&found, out.data() + at + i * 4, 4);
        same = std::abs(found - expected.f[i]) <= 1e-4f + 1e-4f * std::abs(expected.f[i]);
      }
      at += wanted.size();
    }
    if (!same || at != out.size()) wrong.push_back(c.title);
  }
  return wrong;
}

}  // namespace ditmos::compile
