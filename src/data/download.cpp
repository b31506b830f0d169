#include "data/download.hpp"

#include <curl/curl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/sha256.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

constexpr int tries = 4;
const char* const go_on = "run the same command again; it goes on where it stopped";

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct Transfer {
  std::FILE* file;
  std::int64_t start;  ///< bytes that were there before
  const DownloadProgress& progress;
  bool stopped = false;
  int write_error = 0;
};

std::size_t on_data(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::size_t written = std::fwrite(bytes, 1, size * count, transfer->file);
  if (written != size * count) transfer->write_error = errno;
  return written;
}

int on_progress(void* user, curl_off_t total, curl_off_t done, curl_off_t, curl_off_t) {
  auto* transfer = static_cast<Transfer*>(user);
  transfer->stopped = interrupted();
  if (transfer->progress) transfer->progress(transfer->start + done, total > 0 ? transfer->start + total : 0);
  return transfer->stopped ? 1 : 0;
}

std::int64_t size_of(const fs::path& path) {
  std::error_code code;
  const auto size = fs::file_size(path, code);
  return code ? 0 : static_cast<std::int64_t>(size);
}

struct Answer {
  CURLcode code = CURLE_OK;
  long status = 0;
};

/// One request that appends to `part`.
Answer request(const std::string& url, const fs::path& part, const DownloadProgress& progress) {
  const File file(std::fopen(part.c_str(), "ab"));
  if (!file) throw Error("cannot write " + part.string() + ": " + std::strerror(errno), "choose another folder with --to");
  std::setvbuf(file.get(), nullptr, _IONBF, 0);  // what the disk took is in the file, to the byte, also when it is full
  Transfer transfer{file.get(), size_of(part), progress};
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) throw Error("cannot start a download: libcurl does not start");
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, 30L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME, 60L);
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "ditmos");
  curl_easy_setopt(curl.get(), CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(transfer.start));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  Answer answer;
  answer.code = curl_easy_perform(curl.get());
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  if (transfer.stopped) throw Interrupted("the download of " + url + " was stopped", go_on);
  if (transfer.write_error != 0)
    throw Error("cannot write " + part.string() + ": " + std::strerror(transfer.write_error),
                std::string("free some space, then ") + go_on);
  return answer;
}

std::string hash_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  Sha256 hash;
  std::vector<char> buffer(1 << 20);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0)
    hash.update({buffer.data(), static_cast<std::size_t>(in.gcount())});
  if (in.bad()) throw Error("cannot read " + path.string());
  return hash.finish();
}

void bring(const std::string& url, const fs::path& part, const DownloadProgress& progress) {
  for (int attempt = 1;; ++attempt) {
    const std::int64_t before = size_of(part);
    const Answer answer = request(url, part, progress);
    if (answer.code == CURLE_OK) return;
    const bool cannot_resume = answer.code == CURLE_RANGE_ERROR || answer.status == 416;
    if (cannot_resume && before > 0 && attempt < tries) {  // a server without ranges, or a part that is no part
      std::error_code code;
      fs::remove(part, code);
      continue;
    }
    const std::string reason = curl_easy_strerror(answer.code);
    if (answer.code == CURLE_HTTP_RETURNED_ERROR)
      throw Error(url + " answers with HTTP status " + std::to_string(answer.status), "the address may have changed; see \"ditmos datasets NAME\"");
    const bool broken = answer.code == CURLE_PARTIAL_FILE || answer.code == CURLE_RECV_ERROR ||
                        answer.code == CURLE_GOT_NOTHING || answer.code == CURLE_OPERATION_TIMEDOUT;
    if (broken && attempt < tries) continue;
    throw Error("cannot download " + url + ": " + reason + (broken ? " after " + std::to_string(size_of(part)) + " bytes" : ""),
                broken ? go_on : "check the address and the network");
  }
}

}  // namespace

std::string download(const std::string& url, const fs::path& target, const std::string& sha256, const DownloadProgress& progress) {
  std::error_code code;
  fs::create_directories(target.parent_path(), code);
  const fs::path part = target.string() + ".part";
  bring(url, part, progress);
  const std::string found = hash_file(part);
  if (!sha256.empty() && found != sha256) {
    fs::remove(part, code);
    throw Error(url + " has SHA-256 " + found + ", expected " + sha256,
                "the file was altered on its way or replaced by its publisher; nothing was kept");
  }
  fs::rename(part, target, code);
  if (code) throw Error("cannot write " + target.string() + ": " + code.message());
  return found;
}

}  // namespace ditmos::data
