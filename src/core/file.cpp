#include "core/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "core/error.hpp"
#include "core/file_map.hpp"
#include "core/sha256.hpp"

namespace ditmos {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const std::string& action, const fs::path& path, int error) {
  std::string hint;
  if (error == ENOSPC) hint = "free some space and run the same command again; it goes on where it stopped";
  if (error == EACCES || error == EROFS) hint = "choose a folder that you may write to";
  throw Error("cannot " + action + " " + path.string() + ": " + std::strerror(error), hint);
}

void write_all(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      const int error = errno;
      ::close(fd);
      fail("write", path, error);
    }
    content.remove_prefix(static_cast<std::size_t>(n));
  }
}

void require_a_file(const fs::path& path) {
  std::error_code code;
  if (!fs::exists(path, code)) throw Error("no such file: " + path.string(), "check the path");
  if (fs::is_directory(path, code)) throw Error(path.string() + " is a folder, expected a file");
}

}  // namespace

std::string read_file(const fs::path& path) {
  require_a_file(path);
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("read", path, errno);
  std::ostringstream out;
  if (in.peek() != std::ifstream::traits_type::eof()) out << in.rdbuf();
  if (in.bad()) fail("read", path, errno);
  return std::move(out).str();
}

std::string read_file_limited(const fs::path& path, std::size_t most_bytes) {
  std::error_code code;
  const auto size = fs::file_size(path, code);
  if (!code && size > most_bytes)
    throw Error(path.string() + " has " + std::to_string(size) + " bytes, expected at most " +
                std::to_string(most_bytes));
  return read_file(path);
}

FileMap::FileMap(const fs::path& path) {
  require_a_file(path);
  std::error_code code;
  if (!fs::is_regular_file(path, code) || fs::file_size(path, code) == 0) {  // an empty file cannot be mapped either
    bytes_ = read_ = read_file(path);
    return;
  }
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("read", path, errno);
  const auto size = static_cast<std::size_t>(fs::file_size(path));
  void* const pages = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  const int error = errno;
  ::close(file);
  if (pages == MAP_FAILED) fail("read", path, error);
  bytes_ = {static_cast<const char*>(pages), size};
}

FileMap::~FileMap() {
  if (read_.empty() && !bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

void write_file_atomic(const fs::path& path, std::string_view content) { write_file_atomic(path, {content}); }

void write_file_atomic(const fs::path& path, std::initializer_list<std::string_view> parts) {
  std::error_code code;
  if (path.has_parent_path()) {
    fs::create_directories(path.parent_path(), code);
    if (code) fail("make the folder", path.parent_path(), code.value());
  }
  const fs::path temporary = path.string() + ".tmp" + std::to_string(::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) fail("write", path, errno);
  try {
    for (const std::string_view part : parts) write_all(fd, part, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  if (::close(fd) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail("write", path, error);
  }
}

void append_line(const fs::path& path, std::string_view line) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) fail("write", path, errno);
  off_t end = ::lseek(fd, 0, SEEK_END);
  char last = '\n';
  while (end > 0) {  // a torn line has no end of line: cut back to the one before it
    if (::pread(fd, &last, 1, end - 1) != 1 || last == '\n') break;
    --end;
  }
  if (::ftruncate(fd, end) != 0 || ::lseek(fd, end, SEEK_SET) < 0) {
    const int error = errno;
    ::close(fd);
    fail("write", path, error);
  }
  write_all(fd, std::string(line) + "\n", path);
  if (::close(fd) != 0) fail("write", path, errno);
}

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t seed) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = (c & 1) ? 0xedb88320u ^ (c >> 1) : c >> 1;
      t[i] = c;
    }
    return t;
  }();
  std::uint32_t crc = ~seed;
  for (const std::byte b : bytes) crc = table[(crc ^ static_cast<std::uint32_t>(b)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

std::uint32_t crc32(std::string_view bytes) { return crc32(std::as_bytes(std::span(bytes.data(), bytes.size()))); }

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

void make_output_folder(const fs::path& folder, const std::string& marker, bool reuse) {
  std::error_code code;
  if (fs::exists(folder, code) && !fs::is_directory(folder, code))
    throw Error(folder.string() + " is a file, expected a folder for the output", "choose another --out");
  if (fs::exists(folder, code) && !fs::is_empty(folder, code)) {
    const bool known = fs::exists(folder / marker, code);
    if (!(known && reuse))
      throw Error("output folder " + folder.string() + (known ? " already holds " + marker : " is not empty"),
                  "choose another --out, or remove the folder yourself");
  }
  fs::create_directories(folder, code);
  if (code) fail("make the folder", folder, code.value());
}

}  // namespace ditmos
