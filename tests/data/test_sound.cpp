#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <numbers>

#include "core/file.hpp"
#include "core/random.hpp"
#include "data/catalogue.hpp"
#include "data/error_text.hpp"
#include "data/formats/wav.hpp"
#include "data/front_end.hpp"
#include "data/sound_windows.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {

namespace fs = std::filesystem;

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
  apply_front_end(d, "band-power");
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
  put("yes/0a7c2a8d_nohash_9.wav", wav({1, 2, 3, 4}, 16000, 2));
  EXPECT_NE(message_of([&] { load_dataset("speech-commands", folder.path()); }).find("has 16000 Hz and 2 channels, expected 16000 Hz and 1"), std::string::npos);
  put("yes/0a7c2a8d_nohash_9.wav", clip.substr(0, 1000));
  EXPECT_NE(message_of([&] { load_dataset("speech-commands", folder.path()); }).find("is cut off"), std::string::npos);
}

TEST(SpeechCommands, TheDownloadsOwnListIsTheOfficialSplit) {
  TempFolder folder;
  const std::string clip = wav(std::vector<std::int16_t>(16000, 100));
  std::string list;
  for (const char* word : {"yes", "no", "bed"})
    for (int i = 0; i < 10; ++i) {
      const std::string file = std::string(word) + "/0a7c2a8" + std::to_string(i) + "_nohash_0.wav";
      write_file_atomic(folder.path() / file, clip);
      if (i < 2) list += file + "\n";
    }
  for (const char* noise : {"a", "b"}) write_file_atomic(folder.path() / "_background_noise_" / (std::string(noise) + ".wav"), wav(std::vector<std::int16_t>(32000, 1)));
  write_file_atomic(folder.path() / "testing_list.txt", list);
  LoadOptions raw;
  raw.front_end = "none";
  const Dataset d = load_dataset("speech-commands", folder.path(), raw);
  ASSERT_EQ(d.official.size(), d.size());
  EXPECT_EQ(d.classes, (std::vector<std::string>{"_silence_", "_unknown_", "no", "yes"}));
  for (std::size_t c = 2; c < 4; ++c) {
    int test = 0;
    for (std::size_t i = 0; i < d.size(); ++i) test += d.y[i] == static_cast<std::int32_t>(c) && d.official[i] == 1;
    EXPECT_EQ(test, 2);
  }
}

TEST(FeatureCache, SecondReadingTakesTheFeaturesAndChangesOfBytesOrSettingsDoNot) {
  TempFolder folder;
  const fs::path data = folder.path() / "data", kept = folder.path() / "cache";
  std::vector<SoundFile> files;
  for (int i = 0; i < 3; ++i) {
    files.push_back({data / (std::to_string(i) + ".wav"), i == 2 ? std::vector<std::size_t>{0, 8000} : std::vector<std::size_t>{0}});
    write_file_atomic(files.back().path, wav(std::vector<std::int16_t>(24000, static_cast<std::int16_t>(100 * i + 7))));
  }
  Dataset d;
  d.name = "d";
  d.channels = 1;
  d.width = 16000;
  d.rate_hz = 16000;
  const WindowFeatures mfcc(d, "mfcc"), mel(d, "log-mel");
  const FeatureCache cache(kept);
  const auto entries = [&] { return std::distance(fs::directory_iterator(kept), fs::directory_iterator()); };
  const auto first = read_sound_windows(files, 16000, 16000, &mfcc, cache);
  EXPECT_EQ(first.size(), 4 * mfcc.size());
  EXPECT_EQ(first, read_sound_windows(files, 16000, 16000, &mfcc, FeatureCache({})));  // no cache, same bits
  ASSERT_EQ(entries(), 1);
  // An entry that says something else shows that it is what is read, and that a damaged one is not.
  const fs::path entry = fs::directory_iterator(kept)->path();
  const Values other(first.size(), 5.0f);
  cache.keep(entry.stem().string(), other);
  EXPECT_EQ(read_sound_windows(files, 16000, 16000, &mfcc, cache), other);
  std::string bytes = read_file(entry);
  bytes[bytes.size() / 2] ^= 1;
  write_file_atomic(entry, bytes);
  EXPECT_EQ(read_sound_windows(files, 16000, 16000, &mfcc, cache), first);
  write_file_atomic(entry, bytes.substr(0, 100));
  EXPECT_EQ(read_sound_windows(files, 16000, 16000, &mfcc, cache), first);
  read_sound_windows(files, 16000, 16000, &mel, cache);
  EXPECT_EQ(entries(), 2);
  write_file_atomic(files[0].path, wav(std::vector<std::int16_t>(24000, 9)));
  EXPECT_NE(read_sound_windows(files, 16000, 16000, &mfcc, cache), first);
  EXPECT_EQ(entries(), 3);
}

TEST(FeatureCache, KeepsWithinItsSizeAndNeedsNoFolder) {
  TempFolder folder;
  const std::vector<float> values(100, 1.0f);
  const FeatureCache small(folder.path() / "c", 1000);  // two entries of 416 bytes
  for (const char* key : {"a", "b", "c"}) {
    small.keep(key, values);
    fs::last_write_time(folder.path() / "c" / (std::string(key) + ".features"), fs::file_time_type::clock::now() - std::chrono::hours('d' - key[0]));
  }
  EXPECT_FALSE(small.find("a", 100));
  EXPECT_TRUE(small.find("b", 100));
  EXPECT_TRUE(small.find("c", 100));
  EXPECT_FALSE(small.find("c", 99));
  small.keep("large", std::vector<float>(1000));
  EXPECT_FALSE(small.find("large", 1000));
  write_file_atomic(folder.path() / "file", "x");
  const FeatureCache nowhere(folder.path() / "file");  // no folder can be made there
  nowhere.keep("a", values);
  EXPECT_FALSE(nowhere.find("a", 100));
}

}  // namespace
}  // namespace ditmos::data
