// The C that ships to the chip cuts a sensor's rows into the windows that were trained on.
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "data/catalogue.hpp"
#include "ditmos/stream.h"
#include "frontend/stream.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {

using Rows = std::vector<std::vector<float>>;

struct Chip {
  explicit Chip(const frontend::Stream& s) : factors(s.factors.begin(), s.factors.end()) {
    if (s.sensor_hz > 0 && s.sensor_hz != s.rate_hz) resampler = frontend::make_resampler(s.sensor_hz, s.rate_hz);
    const int channels = static_cast<int>(s.columns.size());
    shape = {channels, s.width, s.hop, static_cast<float>(s.threshold), factors.data(), resampler.phases, resampler.step, resampler.taps, resampler.weights.data(),
             s.sensor_hz > 0 ? 0.0f : static_cast<float>(1e6 / s.rate_hz)};
    window.resize(s.columns.size() * static_cast<std::size_t>(s.width));
    magnitude.resize(static_cast<std::size_t>(s.width));
    history.resize(s.columns.size() * static_cast<std::size_t>(std::max(2, resampler.taps)));
    sample.resize(s.columns.size());
  }
  Rows run(const Rows& rows, const std::vector<double>& seconds = {}) {
    Rows windows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double time = seconds.empty() ? 0 : seconds[i];
      ditmos_stream_push(&shape, &state, history.data(), static_cast<std::uint32_t>(static_cast<std::uint64_t>(std::llround(time * 1e6)) + 4294000000u), rows[i].data());  // wraps after a second
      while (ditmos_stream_next(&shape, &state, history.data(), window.data(), magnitude.data(), sample.data())) windows.push_back(window);
    }
    return windows;
  }
  std::vector<float> factors, window, magnitude, history, sample;
  frontend::Resampler resampler;
  ditmos_stream shape{};
  ditmos_stream_state state{};
};

class StreamOfRecording : public ::testing::Test {
 protected:
  /// A walk of 3 axes in g, with steps that stand out, as CSV with times; `jitter`: 1 for times that are off by up to 0.4 of a step.
  void record(double hz, int count, double jitter) {
    Random random(7);
    std::ostringstream csv;
    csv.precision(9);
    csv << "ms,az,skip,ax,ay\n";
    for (int i = 0; i < count; ++i) {
      const double t = (i + (i > 0 ? jitter * random.uniform(-0.4, 0.4) : 0)) / hz, step = std::exp(-30 * std::pow(std::fmod(t, 0.9) - 0.3, 2));
      const std::vector<double> values = {1 + step + 0.05 * random.normal(), 0.3 * std::sin(7 * t) + 0.05 * random.normal(), 0.2 * std::cos(11 * t)};
      seconds_.push_back(std::round(t * 1e6) / 1e6);
      rows_.push_back({static_cast<float>(values[1]), static_cast<float>(values[2]), static_cast<float>(values[0])});
      csv << 1000 * seconds_.back() << "," << rows_.back()[2] << ",text," << rows_.back()[0] << "," << rows_.back()[1] << "\n";
    }
    write_file_atomic(folder_.path() / "walk" / "a.csv", csv.str());
    write_file_atomic(folder_.path() / "run" / "b.csv", csv.str());
  }
  Dataset load(const std::string& more) {
    write_file_atomic(folder_.path() / "dataset.toml", "scale = 9.80665\nchannels = [\"ax\", \"-ay\", \"az\"]\ntime = \"ms\"\nseconds_per_tick = 0.001\n" + more);
    return load_dataset("", folder_.path());
  }
  /// Windows of the chip against those of recording "walk".
  void compare(const Dataset& d, const Rows& windows, float tolerance, std::size_t most_missing) {
    std::size_t of_walk = 0, next = 0;
    for (std::size_t i = 0; i < d.size(); ++i) {
      if (d.classes[static_cast<std::size_t>(d.y[i])] != "walk") continue;
      ++of_walk;
      if (next == windows.size()) continue;
      for (std::size_t k = 0; k < d.window_size(); ++k) ASSERT_NEAR(windows[next][k], d.window(i)[k], tolerance) << "window " << next << " value " << k;
      ++next;
    }
    EXPECT_EQ(next, windows.size());
    EXPECT_LE(of_walk - next, most_missing);  // the filter's reach at the end of the recording
    EXPECT_GE(next, 3u);
  }
  TempFolder folder_;
  Rows rows_;
  std::vector<double> seconds_;
};

TEST_F(StreamOfRecording, AtItsOwnRateGivesTheSameBits) {
  record(50, 600, 0);
  for (const char* window : {"seconds = 2.56\nhop_seconds = 1.28\n", "seconds = 1\n", "seconds = 0.5\nhop_seconds = 0.8\n", "seconds = 1\nhop_seconds = 0.3\npeak_threshold = 18\n"}) {
    const Dataset d = load(std::string("[window]\n") + window);
    const frontend::Stream s = frontend::parse_stream(Json::parse(d.stream), "t");
    EXPECT_EQ(s.columns, (std::vector<std::string>{"ax", "ay", "az"}));
    EXPECT_EQ(s.factors, (std::vector<double>{9.80665, -9.80665, 9.80665}));
    EXPECT_EQ(s, frontend::parse_stream(to_json(s), "t"));
    compare(d, Chip(s).run(rows_), 0, 0);
  }
}

TEST_F(StreamOfRecording, ThroughTheFilterToAnotherRate) {
  record(100, 1500, 0);
  for (const int hz : {50, 40, 125}) {
    const Dataset d = load("rate_hz = " + std::to_string(hz) + "\n[window]\nseconds = 2\nhop_seconds = 0.5\n");
    const frontend::Stream s = frontend::parse_stream(Json::parse(d.stream), "t");
    EXPECT_NEAR(s.sensor_hz, 100, 1e-9);
    compare(d, Chip(s).run(rows_), 2e-5f, 2);
  }
}

TEST_F(StreamOfRecording, OfRowsWithTimes) {
  record(50, 900, 1);
  const Dataset d = load("rate_hz = 40\n[window]\nseconds = 2\nhop_seconds = 0.5\n");
  const frontend::Stream s = frontend::parse_stream(Json::parse(d.stream), "t");
  EXPECT_EQ(s.sensor_hz, 0);
  compare(d, Chip(s).run(rows_, seconds_), 2e-3f, 0);  // times are whole microseconds on the chip
}

TEST_F(StreamOfRecording, IsLeftOutWhereRecordingsDiffer) {
  record(50, 300, 0);
  rows_.clear();
  std::ostringstream other;
  other << "ms,ax,ay,az\n";
  for (int i = 0; i < 300; ++i) other << 25 * i << ",0,0,1\n";
  write_file_atomic(folder_.path() / "run" / "c.csv", other.str());
  EXPECT_EQ(load("rate_hz = 25\n[window]\nseconds = 2\n").stream, "");
}

TEST(Resampler, RefusesRatesWithoutARatio) {
  EXPECT_EQ(frontend::make_resampler(100, 50).phases, 1);
  EXPECT_EQ(frontend::make_resampler(100, 40).phases, 2);
  EXPECT_THROW(frontend::make_resampler(99.873, 50), Error);
  EXPECT_THROW(frontend::make_resampler(48000, 100), Error);  // a filter of 15,000 weights
  EXPECT_THROW(frontend::parse_stream(Json::parse(R"({"columns":["x"],"factors":[1,2],"width":1,"hop":1,"peak_threshold":0,"rate_hz":1,"sensor_hz":1})"), "t"), Error);
}

}  // namespace
}  // namespace ditmos::data
