// The emitted stream, compiled with gcc under the strictest flags, answers rows of a sensor as the model answers the windows cut from them.
#include <gtest/gtest.h>

#include <iterator>
#include <sstream>

#include "compile/front_end.hpp"
#include "core/error.hpp"
#include "emitted.hpp"
#include "networks.hpp"
#include "compile/interpreter.hpp"
#include "temp_folder.hpp"

namespace ditmos::compile {
namespace {

constexpr int kRows = 400;

frontend::Stream stream_of(double sensor_hz, double threshold) {
  frontend::Stream s;
  s.columns = {"ax", "*/ay", "az"};  // a name that must not end the comment
  s.factors = {2, -2, 1};
  s.width = 151, s.hop = 40, s.rate_hz = 50, s.sensor_hz = sensor_hz, s.threshold = threshold;
  return s;
}

model::Bundle bundle_of(const frontend::Stream& stream) {
  model::Bundle bundle = select_bundle({});
  bundle.stream = to_json(stream);
  return bundle;
}

/// Pushes rows from standard input; answers by the stream, one a line.
std::string driver(bool times) {
  return std::string("#include <stdio.h>\n#include \"net.h\"\nstatic union { unsigned char bytes[NET_ARENA_BYTES]; double align; } a;\nstatic net_stream s;\n"
                     "int main(void) {\n  float row[NET_STREAM_COLUMNS];\n  uint32_t time = 0;\n  net_stream_begin(&s);\n"
                     "  while (fread(row, sizeof row, 1, stdin) == 1) {\n    net_stream_push(&s, ") +
         (times ? "time, " : "") +
         "row);\n    time += 20000u;\n    while (net_stream_next(&s)) {\n      net_set_input(a.bytes, s.window);\n      printf(\"%d\\n\", net_run(a.bytes));\n    }\n  }\n  return 0;\n}\n";
}

std::string rows() {
  const std::vector<float> values = random_window(3 * kRows, 5);
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

std::vector<int> answers(const frontend::Stream& stream, bool int8) {
  const model::Bundle bundle = bundle_of(stream);
  const Program program = import_bundle(bundle, "net");
  Options options;
  options.name = "net";
  std::string why_not;
  options.stream = import_stream(bundle, nullptr, why_not);
  EXPECT_TRUE(options.stream) << why_not;
  if (int8) options.core = "cortex-m4";  // with macros that choose kernels
  if (int8) options.int8 = Int8{random_window(8 * 453, 3), 8, {}};
  const TempFolder folder;
  write_files(folder.path(), compile(program, options).files);
  write_file_atomic(folder.path() / "main.c", driver(stream.sensor_hz == 0));
  write_file_atomic(folder.path() / "rows", rows());
  const std::string at_folder = "cd " + folder.path().string() + " && ";
  const Shell built = shell(at_folder + "gcc " + kStrictFlags + " -O1 main.c net.c -lm -o run");
  EXPECT_EQ(built.code, 0) << built.output;
  std::istringstream lines(shell(at_folder + "./run < rows").output);
  return {std::istream_iterator<int>(lines), {}};
}

TEST(EmittedStream, AnswersAsTheWindowsDo) {
  const frontend::Stream stream = stream_of(50, 0);
  const Program program = import_bundle(bundle_of(stream), "net");
  const std::vector<float> values = random_window(3 * kRows, 5);
  std::vector<int> expected;
  for (std::size_t first = 0; first + 151 <= kRows; first += 40) {
    std::vector<float> window;
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t i = 0; i < 151; ++i) window.push_back(values[3 * (first + i) + c] * static_cast<float>(stream.factors[c]));
    expected.push_back(run_program(program, window).label);
  }
  EXPECT_EQ(expected.size(), 7u);
  EXPECT_EQ(answers(stream, false), expected);
  EXPECT_EQ(answers(stream_of(0, 0), false), expected);   // rows with times, all of them equal steps
  EXPECT_EQ(answers(stream, true).size(), expected.size());
  EXPECT_GE(answers(stream_of(50, 3), false).size(), 2u);  // around peaks
  EXPECT_EQ(answers(stream_of(25, 0), false).size(), (2 * (kRows - 17) - 151) / 40 + 1u);  // twice the rate, less the filter's reach
}

TEST(EmittedStream, IsLeftOutOrRefusedWithAReason) {
  std::string why_not;
  model::Bundle bundle = bundle_of(stream_of(49.1234, 0));
  EXPECT_FALSE(import_stream(bundle, nullptr, why_not));
  EXPECT_NE(why_not.find("have no ratio of whole numbers"), std::string::npos) << why_not;
  frontend::Stream other = stream_of(50, 0);
  other.width = 150;
  bundle.stream = to_json(other);
  EXPECT_THROW(import_stream(bundle, nullptr, why_not), Error);
  bundle.stream = Json();
  EXPECT_FALSE(import_stream(bundle, nullptr, why_not));
}

}  // namespace
}  // namespace ditmos::compile
