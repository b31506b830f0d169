#pragma once
#include <string_view>

namespace ditmos::report {

// Files that every page carries in itself, linked into the library when it is built.
std::string_view style_css();
std::string_view page_js();    ///< draws the charts, sorts tables
std::string_view live_js();    ///< keeps the pages of `ditmos serve` up to date
std::string_view echarts_js(); ///< Apache ECharts, minified, as its npm package ships it

}  // namespace ditmos::report
