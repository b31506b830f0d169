#include <algorithm>
#include <optional>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "data/folders.hpp"
#include "data/formats/wav.hpp"
#include "data/front_end.hpp"
#include "data/labels.hpp"
#include "data/sets/sets.hpp"
#include "data/sound_windows.hpp"
#include "data/text.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

constexpr int rate = 16000;  // clips are one second
const std::vector<std::string> ten_words = {"down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes"};

struct Clip {
  fs::path path;
  std::string word;
};

/// The 8 hex digits before "_nohash_"; a clip without them is a group of its own.
std::string speaker_of(const Clip& clip) {
  const std::string file = clip.path.stem().string();
  const std::size_t end = file.find("_nohash_");
  if (end == std::string::npos || end < 8) return clip.word + "/" + file;
  return file.substr(end - 8, 8);
}

/// The published download has no folders _unknown_ and _silence_: other words become _unknown_, as many
/// clips as a word has on average, drawn with a fixed seed.
std::vector<Clip> to_twelve(const std::vector<Clip>& clips) {
  std::vector<Clip> kept, others;
  for (const Clip& clip : clips)
    (std::find(ten_words.begin(), ten_words.end(), clip.word) != ten_words.end() ? kept : others).push_back(clip);
  Random random(12);
  random.shuffle(others);
  others.resize(std::min(others.size(), kept.size() / ten_words.size()));
  for (Clip& clip : others) kept.push_back({clip.path, "_unknown_"});
  return kept;
}

/// The test part of the publisher's hash split, as the download lists it: "word/file.wav" a line; empty where there is no list.
std::set<std::string> read_testing_list(const fs::path& folder) {
  std::set<std::string> files;
  std::error_code code;
  if (!fs::exists(folder / "testing_list.txt", code)) return files;
  const std::string text = read_file_limited(folder / "testing_list.txt", std::size_t{1} << 24);
  for (const std::string_view line : split_lines(text))
    if (!trim(line).empty()) files.emplace(trim(line));
  return files;
}

/// Seconds of _background_noise_, half a second apart, for the class _silence_.
std::vector<SoundFile> read_silence(const fs::path& folder, std::size_t most) {
  std::vector<SoundFile> files;
  for (const fs::path& path : list_files(folder, ".wav")) {
    const std::size_t length = parse_wav(read_file(path), path.string()).samples.size();
    files.push_back({path, {}});
    for (std::size_t at = 0; at + rate <= length && most > 0; at += rate / 2, --most) files.back().starts.push_back(at);
  }
  return files;
}

}  // namespace

Dataset read_speech_commands(const fs::path& folder, int classes, const LoadOptions& options) {
  const std::string front_end = choose_front_end(options.front_end, "mfcc", sound_front_ends());
  std::vector<Clip> clips;
  bool prepared = false;
  for (const fs::path& word : list_folders(folder)) {
    const std::string name = word.filename().string();
    prepared = prepared || name == "_unknown_";
    if (name == "_background_noise_" || (classes == 35 && name[0] == '_')) continue;
    for (const fs::path& path : list_files(word, ".wav")) clips.push_back({path, name});
  }
  if (clips.empty())
    throw Error("speech-commands: no WAV files in folders under " + folder.string(),
                "give the folder that holds a folder a word (down, go, left, ...)");
  if (classes == 12 && !prepared) clips = to_twelve(clips);
  const std::set<std::string> testing = read_testing_list(folder);
  Dataset d;
  std::vector<SoundFile> files;
  std::vector<std::string> words, speakers;
  const auto add = [&](const std::string& word, const std::string& speaker, bool test) {
    words.push_back(word);
    speakers.push_back(speaker);
    if (!testing.empty()) d.official.push_back(test);
  };
  for (const Clip& clip : clips) {
    files.push_back({clip.path});
    add(clip.word, speaker_of(clip), testing.count(clip.path.parent_path().filename().string() + "/" + clip.path.filename().string()) > 0);
  }
  std::error_code code;
  if (classes == 12 && !prepared && fs::exists(folder / "_background_noise_", code)) {
    const auto silence = read_silence(folder / "_background_noise_", clips.size() / (ten_words.size() + 1));
    for (std::size_t i = 0; i < silence.size(); ++i) {  // each file is a group; the last is the test part of the official split
      for (std::size_t k = 0; k < silence[i].starts.size(); ++k) add("_silence_", "_silence_/" + silence[i].path.stem().string(), i > 0 && i + 1 == silence.size());
      files.push_back(silence[i]);
    }
  }
  d.name = "speech-commands";
  d.channels = 1;
  d.width = rate;
  d.rate_hz = rate;
  d.unit = "full scale";
  std::optional<WindowFeatures> features;
  if (front_end != "none") features.emplace(d, front_end);
  d.x = read_sound_windows(files, rate, rate, features ? &*features : nullptr, FeatureCache::standard());
  if (features) features->describe(d);
  set_labels(d, words, folder.string());
  set_groups(d, speakers);
  d.group_meaning = "speaker";
  d.provenance = folder.string() + "; Warden, arXiv:1804.03209";
  return d;
}

}  // namespace ditmos::data
