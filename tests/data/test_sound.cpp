#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/file.hpp"
#include "core/random.hpp"
#include "data/catalogue.hpp"
#include "data/error_text.hpp"
#include "data/fft.hpp"
#include "data/formats/wav.hpp"
#include "data/front_end.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {

std::string little(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string wav(const std::vector<std::int16_t>& samples, std::uint32_t rate = 16000, std::uint32_t channels = 1, std::uint32_t format = 1) {
  std::string data;
  for (const std::int16_t s : samples) data += little(static_cast<std::uint16_t>(s), 2);
  return "RIFF" + little(static_cast<std::uint32_t>(36 + data.size()), 4) + "WAVEfmt " + little(16, 4) + little(format, 2) +
         little(channels, 2) + little(rate, 4) + little(rate * channels * 2, 4) + little(channels * 2, 2) + little(16, 2) +
         "data" + little(static_cast<std::uint32_t>(data.size()), 4) + data;
}

TEST(Wav, SamplesAreFullScale) {
  const Audio a = parse_wav(wav({0, 16384, -32768, 32767}, 8000, 2), "t");
  EXPECT_EQ(a.rate_hz, 8000);
  EXPECT_EQ(a.channels, 2);
  EXPECT_EQ(a.frames(), 2u);
  EXPECT_EQ(a.samples[1], 0.5f);
  EXPECT_EQ(a.samples[2], -1.0f);
}

TEST(Wav, BadInputIsOneSentence) {
  const std::string whole = wav(std::vector<std::int16_t>(100, 5));
  EXPECT_EQ(message_of([&] { parse_wav(whole.substr(0, 144), "t"); }), "t is cut off: 100 bytes of sound, expected 200");
  EXPECT_NE(message_of([&] { parse_wav(whole.substr(0, 40), "t"); }), "");
  EXPECT_NE(message_of([] { parse_wav("OggS00000000", "t"); }).find("is no WAV file"), std::string::npos);
  EXPECT_NE(message_of([] { parse_wav(wav({1, 2, 3}, 16000, 1, 7), "t"); }), "");  // mu-law
}

TEST(Fft, PowerIsTheSumOverSamples) {
  for (const std::size_t n : {std::size_t{4}, std::size_t{8}, std::size_t{64}, std::size_t{1024}}) {
    Random random(n);
    std::vector<double> x(n), power(n / 2 + 1);
    for (double& v : x) v = random.normal();
    RealFft fft(n);
    fft.power(x, power);
    for (std::size_t k = 0; k <= n / 2; ++k) {
      double re = 0, im = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const double angle = -2 * std::numbers::pi * static_cast<double>(i * k % n) / static_cast<double>(n);
        re += x[i] * std::cos(angle);
        im += x[i] * std::sin(angle);
      }
      EXPECT_NEAR(power[k], re * re + im * im, 1e-9 * static_cast<double>(n)) << n << " " << k;
    }
  }
  EXPECT_NE(message_of([] { RealFft fft(12); }).find("power of two"), std::string::npos);
}

TEST(Mel, OneSecondGives49FramesAndATonePeaksInItsBand) {
  MelSettings settings;
  settings.coefficients = 0;
  MelFrontEnd front_end(settings);
  ASSERT_EQ(front_end.frames(16000), 49);
  ASSERT_EQ(front_end.values(), 40);
  EXPECT_EQ(front_end.frames(639), 0);
  std::vector<float> tone(16000), out(40 * 49);
  for (std::size_t i = 0; i < tone.size(); ++i)
    tone[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(i) / 16000));
  front_end.compute(tone, out);
  int loudest = 0;
  for (int m = 1; m < 40; ++m)
    if (out[static_cast<std::size_t>(m) * 49] > out[static_cast<std::size_t>(loudest) * 49]) loudest = m;
  const double low = 1127 * std::log(1 + 20.0 / 700), high = 1127 * std::log(1 + 4000.0 / 700);
  const double at = (1127 * std::log(1 + 1000.0 / 700) - low) / (high - low) * 41 - 1;
  EXPECT_NEAR(loudest, at, 1);
}

TEST(Mel, CoefficientsAreTheOrthonormalDctOfTheEnergies) {
  MelSettings settings;
  settings.coefficients = 0;
  MelFrontEnd energies(settings);
  settings.coefficients = 40;
  MelFrontEnd all(settings);
  Random random(3);
  std::vector<float> noise(640), e(40), c(40);
  for (float& v : noise) v = static_cast<float>(0.1 * random.normal());
  energies.compute(noise, e);
  all.compute(noise, c);
  double sum_e = 0, sum_c = 0, mean = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    sum_e += static_cast<double>(e[i]) * static_cast<double>(e[i]);
    sum_c += static_cast<double>(c[i]) * static_cast<double>(c[i]);
    mean += static_cast<double>(e[i]);
  }
  EXPECT_NEAR(sum_c / sum_e, 1, 1e-5);  // an orthonormal transform keeps the length
  EXPECT_NEAR(static_cast<double>(c[0]), mean / std::sqrt(40.0), 1e-3);
}

TEST(Mel, SettingsThatMakeNoSenseAreRefused) {
  MelSettings settings;
  settings.high_hz = 9000;
  EXPECT_NE(message_of([&] { MelFrontEnd f(settings); }).find("below half the rate"), std::string::npos);
  settings = {};
  settings.hop_ms = 0;
  EXPECT_NE(message_of([&] { MelFrontEnd f(settings); }).find("a hop of"), std::string::npos);
  settings = {};
  settings.mels = 200;
  EXPECT_NE(message_of([&] { MelFrontEnd f(settings); }).find("between two bins"), std::string::npos);
}

TEST(BandPower, AnAlphaWaveIsStrongestInAlpha) {
  Dataset d;
  d.name = "eeg";
  d.channels = 1;
  d.width = 512;
  d.rate_hz = 173.61;
  d.classes = {"a", "b"};
  d.y = {0, 1};
  for (int n = 0; n < 2; ++n)
    for (int i = 0; i < 512; ++i) d.x.push_back(static_cast<float>(20 * std::sin(2 * std::numbers::pi * (n ? 20 : 10) * i / 173.61)));
  apply_band_power(d, 128);
  validate(d);
  EXPECT_EQ(d.channels, 4);
  EXPECT_EQ(d.width, 7);
  EXPECT_EQ(d.channel_names[1], "alpha");
  EXPECT_NEAR(d.window(0)[7], std::log10(200.0), 0.05);   // mean square of the wave
  EXPECT_NEAR(d.window(1)[14], std::log10(200.0), 0.05);  // 20 Hz: beta
  EXPECT_LT(d.window(0)[14], 0.5f);
}

TEST(SpeechCommands, AFolderAWordAndTheSpeakerAsGroup) {
  TempFolder folder;
  const auto put = [&](const std::string& name, const std::string& file) { write_file_atomic(folder.path() / name, file); };
  const std::string clip = wav(std::vector<std::int16_t>(16000, 100));
  put("yes/0a7c2a8d_nohash_0.wav", clip);
  put("no/0a7c2a8d_nohash_1.wav", wav(std::vector<std::int16_t>(8000, 100)));  // a short clip is padded
  put("_unknown_/bed_ffffffff_nohash_0.wav", clip);
  put("_silence_/12.wav", clip);
  LoadOptions raw;
  raw.front_end = "none";
  const Dataset d = load_dataset("speech-commands", folder.path(), raw);
  EXPECT_EQ(d.classes, (std::vector<std::string>{"_silence_", "_unknown_", "no", "yes"}));
  EXPECT_EQ(d.group, (std::vector<std::int32_t>{0, 1, 2, 2}));
  EXPECT_EQ(d.width, 16000);
  const Dataset mfcc = load_dataset("speech-commands", folder.path());
  EXPECT_EQ(mfcc.channels, 10);
  EXPECT_EQ(mfcc.width, 49);
  EXPECT_NE(mfcc.front_end.find("\"mfcc\""), std::string::npos);
  LoadOptions other;
  other.front_end = "mfc";
  EXPECT_NE(message_of([&] { load_dataset("speech-commands", folder.path(), other); }).find("front end \"mfc\""), std::string::npos);
  put("yes/0a7c2a8d_nohash_9.wav", wav({1, 2, 3}, 8000));
  EXPECT_NE(message_of([&] { load_dataset("speech-commands", folder.path()); }).find("has 8000 Hz and 1 channels"), std::string::npos);
}

}  // namespace
}  // namespace ditmos::data
