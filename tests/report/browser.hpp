#pragma once
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "core/file.hpp"
#include "temp_folder.hpp"

namespace ditmos {

inline bool have_chromium() { return std::system("command -v chromium > /dev/null 2>&1") == 0; }

/// What headless Chromium made of a page.
struct Opened {
  std::string dom;      ///< the document after its scripts ran
  std::string console;  ///< what the page wrote to the console, errors included
};

/// Opens a file:// or http://127.0.0.1 address; ended after two minutes at the latest.
inline Opened open_in_chromium(const std::string& address, int budget_ms = 4000) {
  const TempFolder folder;
  const std::string at = folder.path().string();
  const std::string command = "HOME=" + at + " timeout -k 5 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage"
                              " --no-first-run --disable-background-networking --user-data-dir=" + at + "/profile"
                              " --window-size=1200,2000 --enable-logging=stderr --virtual-time-budget=" + std::to_string(budget_ms) +
                              " --dump-dom '" + address + "' > " + at + "/dom 2> " + at + "/log";
  if (const int status = std::system(command.c_str()); status != 0)
    throw std::runtime_error("chromium ended with status " + std::to_string(status) + ": " + read_file(folder.path() / "log"));
  Opened opened;
  opened.dom = read_file(folder.path() / "dom");
  const std::string log = read_file(folder.path() / "log");
  for (std::size_t begin = 0; begin < log.size();) {
    const std::size_t end = std::min(log.find('\n', begin), log.size());
    const std::string line = log.substr(begin, end - begin);
    if (line.find("CONSOLE") != std::string::npos) opened.console += line + "\n";
    begin = end + 1;
  }
  return opened;
}

inline int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace ditmos

/// Skips the test, saying why, where there is no browser.
#define REQUIRE_CHROMIUM() \
  if (!ditmos::have_chromium()) GTEST_SKIP() << "chromium is absent: apt-get install chromium"
