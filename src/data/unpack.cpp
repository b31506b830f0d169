#include "data/unpack.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/interrupt.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

class Unpacker {
 public:
  Unpacker(const fs::path& path, const fs::path& folder, const UnpackLimits& limits)
      : path_(path), folder_(folder), limits_(limits), archive_(archive_read_new(), archive_read_free), buffer_(1 << 16) {
    std::error_code code;
    if (limits_.bytes == 0) limits_.bytes = 200 * fs::file_size(path, code) + (std::uint64_t{1} << 26);
    for (const auto support : {archive_read_support_filter_gzip, archive_read_support_filter_bzip2, archive_read_support_filter_xz,
                               archive_read_support_format_tar, archive_read_support_format_zip, archive_read_support_format_7zip})
      support(archive_.get());
    if (archive_read_open_filename(archive_.get(), path.c_str(), 1 << 16) != ARCHIVE_OK) damaged();
  }

  void run() {
    make_folder(folder_);
    archive_entry* entry = nullptr;
    std::uint64_t entries = 0;
    for (int status; (status = archive_read_next_header(archive_.get(), &entry)) != ARCHIVE_EOF;) {
      if (status < ARCHIVE_WARN) damaged();
      if (++entries > limits_.entries) throw Error(path_.string() + " has more than " + std::to_string(limits_.entries) + " files");
      if (interrupted()) throw Interrupted("unpacking was stopped", "run the same command again");
      take(entry);
    }
  }

 private:
  [[noreturn]] void damaged() const {
    const char* reason = archive_error_string(archive_.get());
    throw Error(path_.string() + " is no archive, or damaged: " + (reason ? reason : "unknown format"), "download it again");
  }

  void make_folder(const fs::path& folder) const {
    std::error_code code;
    fs::create_directories(folder, code);
    if (code) throw Error("cannot make the folder " + folder.string() + ": " + code.message());
  }

  void take(archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    if (!name) damaged();
    const fs::path relative(name);
    bool outside = relative.is_absolute() || relative.has_root_name();
    for (const fs::path& step : relative) outside = outside || step == "..";
    if (outside) throw Error(path_.string() + " wants to write outside its folder (\"" + name + "\"); nothing was kept");
    const auto type = archive_entry_filetype(entry);
    if (archive_entry_hardlink(entry) || (type != AE_IFREG && type != AE_IFDIR))
      throw Error(path_.string() + " holds \"" + name + "\", which is a link or a device; nothing was kept");
    const fs::path target = folder_ / relative;
    if (type == AE_IFDIR) return make_folder(target);
    make_folder(target.parent_path());
    write(target);
  }

  void write(const fs::path& target) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(target.c_str(), "wb"), std::fclose);
    if (!file) throw Error("cannot write " + target.string() + ": " + std::strerror(errno));
    const auto fail = [&] { throw Error("cannot write " + target.string() + ": " + std::strerror(errno), "free some space and run the same command again"); };
    for (;;) {
      const auto n = archive_read_data(archive_.get(), buffer_.data(), buffer_.size());
      if (n < 0) damaged();
      if (n == 0) break;
      written_ += static_cast<std::uint64_t>(n);
      if (written_ > limits_.bytes)
        throw Error(path_.string() + " unpacks to more than " + std::to_string(limits_.bytes) + " bytes, which looks like an archive bomb");
      if (std::fwrite(buffer_.data(), 1, static_cast<std::size_t>(n), file.get()) != static_cast<std::size_t>(n)) fail();
    }
    if (std::fflush(file.get()) != 0) fail();
  }

  fs::path path_, folder_;
  UnpackLimits limits_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
  std::vector<char> buffer_;
  std::uint64_t written_ = 0;
};

}  // namespace

void unpack(const fs::path& archive, const fs::path& folder, const UnpackLimits& limits) { Unpacker(archive, folder, limits).run(); }

}  // namespace ditmos::data
