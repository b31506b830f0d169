#include <algorithm>
#include <cctype>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "data/folders.hpp"
#include "data/formats/wav.hpp"
#include "data/front_end.hpp"
#include "data/labels.hpp"
#include "data/parallel.hpp"
#include "data/sets/sets.hpp"
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

void read_clip(const fs::path& path, std::span<float> window) {
  const Audio audio = parse_wav(read_file(path), path.string());
  if (audio.rate_hz != rate || audio.channels != 1)
    throw Error(path.string() + " has " + std::to_string(audio.rate_hz) + " Hz and " + std::to_string(audio.channels) +
                    " channels, expected 16000 Hz and 1",
                "convert it, for example with: ffmpeg -i IN -ar 16000 -ac 1 OUT.wav");
  std::copy_n(audio.samples.begin(), std::min(audio.samples.size(), window.size()), window.begin());
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

/// Seconds of _background_noise_, half a second apart, for the class _silence_; each file is a group. The last file is the test part of
/// the official split.
void append_silence(Dataset& d, std::vector<std::string>& words, std::vector<std::string>& speakers, const fs::path& folder,
                    std::size_t most) {
  const std::vector<fs::path> files = list_files(folder, ".wav");
  for (const fs::path& path : files) {
    const Audio audio = parse_wav(read_file(path), path.string());
    for (std::size_t at = 0; at + rate <= audio.samples.size() && most > 0; at += rate / 2, --most) {
      d.x.insert(d.x.end(), audio.samples.begin() + static_cast<std::ptrdiff_t>(at),
                 audio.samples.begin() + static_cast<std::ptrdiff_t>(at + rate));
      words.push_back("_silence_");
      speakers.push_back("_silence_/" + path.stem().string());
      if (!d.official.empty()) d.official.push_back(files.size() > 1 && path == files.back());
    }
  }
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
  Dataset d;
  d.channels = 1;
  d.width = rate;
  d.rate_hz = rate;
  d.unit = "full scale";
  d.x.resize(clips.size() * rate);
  parallel_for(clips.size(), [&](std::size_t i) { read_clip(clips[i].path, std::span(d.x).subspan(i * rate, rate)); });
  const std::set<std::string> testing = read_testing_list(folder);
  std::vector<std::string> words, speakers;
  for (const Clip& clip : clips) {
    words.push_back(clip.word);
    speakers.push_back(speaker_of(clip));
    if (!testing.empty()) d.official.push_back(testing.count(clip.path.parent_path().filename().string() + "/" + clip.path.filename().string()) > 0);
  }
  std::error_code code;
  if (classes == 12 && !prepared && fs::exists(folder / "_background_noise_", code))
    append_silence(d, words, speakers, folder / "_background_noise_", clips.size() / (ten_words.size() + 1));
  set_labels(d, words, folder.string());
  set_groups(d, speakers);
  d.group_meaning = "speaker";
  d.name = "speech-commands";
  d.provenance = folder.string() + "; Warden, arXiv:1804.03209";
  apply_front_end(d, front_end);
  return d;
}

}  // namespace ditmos::data
