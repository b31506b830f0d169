#include "report/assets.hpp"

#include <cstddef>

#include "core/source_dir.hpp"

// The assembler reads each file in; an end label tells its size.
#define DITMOS_ASSET(name, path)                                  \
  asm(".section .rodata\n"                                        \
      ".global ditmos_asset_" #name "\n"                          \
      "ditmos_asset_" #name ":\n"                                 \
      ".incbin \"" path "\"\n"                                    \
      ".global ditmos_asset_" #name "_end\n"                      \
      "ditmos_asset_" #name "_end:\n"                             \
      ".byte 0\n"                                                 \
      ".text\n");                                                 \
  extern "C" const char ditmos_asset_##name[];                    \
  extern "C" const char ditmos_asset_##name##_end[];

DITMOS_ASSET(style, DITMOS_SOURCE_DIR "/src/report/style.css")
DITMOS_ASSET(page, DITMOS_SOURCE_DIR "/src/report/page.js")
DITMOS_ASSET(live, DITMOS_SOURCE_DIR "/src/report/live.js")
DITMOS_ASSET(echarts, DITMOS_SOURCE_DIR "/node_modules/echarts/dist/echarts.min.js")

namespace ditmos::report {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view style_css() { return between(ditmos_asset_style, ditmos_asset_style_end); }
std::string_view page_js() { return between(ditmos_asset_page, ditmos_asset_page_end); }
std::string_view live_js() { return between(ditmos_asset_live, ditmos_asset_live_end); }
std::string_view echarts_js() { return between(ditmos_asset_echarts, ditmos_asset_echarts_end); }

}  // namespace ditmos::report
