#include "data/formats/wav.hpp"

#include <sndfile.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/error.hpp"

namespace ditmos::data {
namespace {

/// A file in memory for libsndfile.
struct Memory {
  const std::string& bytes;
  sf_count_t at = 0;
};

sf_count_t memory_size(void* user) { return static_cast<sf_count_t>(static_cast<Memory*>(user)->bytes.size()); }
sf_count_t memory_seek(sf_count_t offset, int whence, void* user) {
  auto* memory = static_cast<Memory*>(user);
  const sf_count_t size = memory_size(user);
  const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? memory->at : size;
  if (offset < -from || offset > size - from) return -1;
  memory->at = from + offset;
  return memory->at;
}
sf_count_t memory_read(void* to, sf_count_t count, void* user) {
  auto* memory = static_cast<Memory*>(user);
  const sf_count_t n = std::clamp<sf_count_t>(count, 0, memory_size(user) - memory->at);
  if (n > 0) std::memcpy(to, memory->bytes.data() + memory->at, static_cast<std::size_t>(n));
  memory->at += n;
  return n;
}
sf_count_t memory_write(const void*, sf_count_t, void*) { return 0; }
sf_count_t memory_tell(void* user) { return static_cast<Memory*>(user)->at; }

std::size_t little_endian(const std::string& bytes, std::size_t at) {
  std::size_t v = 0;
  for (std::size_t i = 4; i-- > 0;) v = v << 8 | static_cast<unsigned char>(bytes[at + i]);
  return v;
}

/// libsndfile shortens a file that is cut off; here its data chunk is held against the bytes there are.
void check_chunks(const std::string& bytes, const std::string& name) {
  if (bytes.size() < 12 || (bytes.compare(0, 4, "RIFF") != 0 && bytes.compare(0, 4, "RF64") != 0) ||
      bytes.compare(8, 4, "WAVE") != 0)
    throw Error(name + " is no WAV file", "expected a RIFF/WAVE file of PCM samples");
  if (bytes[1] == 'F') return;  // RF64 keeps its sizes elsewhere
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::size_t size = little_endian(bytes, at + 4);
    const std::size_t have = bytes.size() - at - 8;
    if (bytes.compare(at, 4, "data") == 0) {
      if (size > have)
        throw Error(name + " is cut off: " + std::to_string(have) + " bytes of sound, expected " + std::to_string(size));
      return;
    }
    if (size > have) break;
    at += 8 + size + size % 2;
  }
  throw Error(name + " has no sound: its data chunk is missing");
}

}  // namespace

Audio parse_wav(const std::string& bytes, const std::string& name) {
  check_chunks(bytes, name);
  SF_VIRTUAL_IO io{memory_size, memory_seek, memory_read, memory_write, memory_tell};
  Memory memory{bytes};
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open_virtual(&io, SFM_READ, &info, &memory), sf_close);
  if (!file) throw Error(name + " is a damaged WAV file: " + sf_strerror(nullptr));
  const int kind = info.format & SF_FORMAT_SUBMASK;
  const int plain[] = {SF_FORMAT_PCM_U8, SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_PCM_32, SF_FORMAT_FLOAT, SF_FORMAT_DOUBLE};
  if (std::find(std::begin(plain), std::end(plain), kind) == std::end(plain))
    throw Error(name + " is compressed, expected PCM or float samples", "convert it, for example with: ffmpeg -i IN OUT.wav");
  // A sample takes a byte or more, so no header can claim more than the bytes there are.
  if (info.channels < 1 || info.frames < 0 || info.samplerate < 1 ||
      static_cast<std::size_t>(info.frames) > bytes.size() / static_cast<std::size_t>(info.channels))
    throw Error(name + " is a damaged WAV file: " + std::to_string(info.frames) + " frames of " +
                std::to_string(info.channels) + " channels at " + std::to_string(info.samplerate) + " Hz");
  Audio audio;
  audio.rate_hz = info.samplerate;
  audio.channels = info.channels;
  audio.samples.resize(static_cast<std::size_t>(info.frames) * static_cast<std::size_t>(info.channels));
  if (info.frames > 0 && sf_readf_float(file.get(), audio.samples.data(), info.frames) != info.frames)
    throw Error(name + " is cut off");
  return audio;
}

}  // namespace ditmos::data
