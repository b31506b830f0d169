#include "report/page.hpp"

#include <fmt/format.h>

#include "report/assets.hpp"

namespace ditmos::report {
namespace {

/// Length of the well-formed UTF-8 sequence at text[i], 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char first = byte(i);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length == 0 || first >= 0xf5 || i + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k)
    if ((byte(i + k) & 0xc0) != 0x80) return 0;
  if (first == 0xe0 && byte(i + 1) < 0xa0) return 0;
  if (first == 0xed && byte(i + 1) > 0x9f) return 0;
  if (first == 0xf0 && byte(i + 1) < 0x90) return 0;
  if (first == 0xf4 && byte(i + 1) > 0x8f) return 0;
  return length;
}

/// JSON inside a script element: no "<" that could close it.
std::string script_json(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<') out += "\\u003c";
    else out += c;
  }
  return out;
}

std::string table_html(const Table& table) {
  std::string out = fmt::format("<div class=scroll tabindex=0 role=region aria-label=\"{}\"><table{}>",
                                escape_html(table.caption.empty() ? "table" : table.caption),
                                table.sortable ? " class=sortable" : "");
  if (!table.caption.empty()) out += "<caption>" + escape_html(table.caption) + "</caption>";
  out += "<thead><tr>";
  for (const Column& column : table.columns) {
    out += fmt::format("<th scope=col{}{}>{}</th>", column.numeric ? " class=n" : "",
                       column.hint.empty() ? "" : " title=\"" + escape_html(column.hint) + "\"",
                       escape_html(column.title));
  }
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const Cell cell = c < row.size() ? row[c] : Cell();
      std::string text = escape_html(cell.text);
      if (cell.strong) text = "<strong>" + text + "</strong>";
      if (!cell.link.empty()) text = "<a href=\"" + escape_html(cell.link) + "\">" + text + "</a>";
      const char* style = table.columns[c].numeric ? " class=n" : cell.text.size() <= 32 ? " class=s" : "";
      out += fmt::format("<td{}{}>{}</td>", style,
                         cell.sort ? fmt::format(" data-sort=\"{}\"", *cell.sort) : "", text);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0) {
      out += "\xef\xbf\xbd";
      ++i;
      continue;
    }
    if (length > 1) {
      out += text.substr(i, length);
    } else {
      const char c = text[i];
      if (c == '&') out += "&amp;";
      else if (c == '<') out += "&lt;";
      else if (c == '>') out += "&gt;";
      else if (c == '"') out += "&quot;";
      else if (c == '\'') out += "&#39;";
      else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
    i += length;
  }
  return out;
}

Page::Page(std::string title, std::string subtitle) : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

void Page::section(const std::string& heading) {
  ++sections_;
  nav_ += fmt::format("<li><a href=\"#s{}\">{}</a></li>", sections_, escape_html(heading));
  body_ += fmt::format("<h2 id=s{}>{}</h2>\n", sections_, escape_html(heading));
}

void Page::heading(const std::string& heading) { body_ += "<h3>" + escape_html(heading) + "</h3>\n"; }

void Page::text(const std::string& paragraph) { body_ += "<p>" + escape_html(paragraph) + "</p>\n"; }

void Page::note(const std::string& paragraph, NoteKind kind) {
  body_ += fmt::format("<p class=\"note{}\">{}</p>\n", kind == NoteKind::warning ? " warning" : "",
                       escape_html(paragraph));
}

void Page::list(const std::vector<std::string>& items) {
  body_ += "<ul>\n";
  for (const auto& item : items) body_ += "<li>" + escape_html(item) + "</li>\n";
  body_ += "</ul>\n";
}

void Page::tiles(const std::vector<Tile>& tiles) {
  if (tiles.empty()) return;
  body_ += "<dl class=tiles>\n";
  for (const Tile& tile : tiles)
    body_ += fmt::format("<div class=tile><dt>{}</dt><dd>{}</dd><dd class=about>{}</dd></div>\n",
                         escape_html(tile.name), escape_html(tile.value), escape_html(tile.about));
  body_ += "</dl>\n";
}

void Page::table(const Table& table) { body_ += table_html(table); }

void Page::folded_table(const std::string& summary, const Table& table) {
  body_ += "<details><summary>" + escape_html(summary) + "</summary>" + table_html(table) + "</details>\n";
}

void Page::folded_text(const std::string& summary, const std::string& text) {
  body_ += "<details><summary>" + escape_html(summary) + "</summary><pre><code>" + escape_html(text) +
           "</code></pre></details>\n";
}

void Page::charts(const std::vector<Chart>& charts) {
  if (charts.empty()) return;
  body_ += "<div class=charts>\n";
  for (const Chart& chart : charts) {
    const std::string id = fmt::format("chart{}", options_.size() + 1);
    options_[id] = chart.option;
    const std::string label = chart.description.empty() ? chart.title : chart.title + ": " + chart.description;
    body_ += fmt::format(
        "<figure{}><figcaption>{}</figcaption><div class=frame><div class=chart id={} role=img aria-label=\"{}\" "
        "style=\"height:{}px{}\"></div></div>",
        chart.wide ? " class=wide" : "", escape_html(chart.title), id, escape_html(label), chart.height,
        chart.min_width > 0 ? fmt::format(";min-width:{}px", chart.min_width) : "");
    if (!chart.data.rows.empty()) body_ += "<details><summary>Figures</summary>" + table_html(chart.data) + "</details>";
    body_ += "</figure>\n";
  }
  body_ += "</div>\n";
}

std::string Page::html() const {
  std::string out;
  out.reserve(body_.size() + echarts_js().size() + 100000);
  out += "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
         "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=generator content=ditmos>\n<link rel=icon href=\"data:,\">\n<title>";
  out += escape_html(title_);
  out += "</title>\n<style>\n";
  out += style_css();
  out += "</style>\n</head>\n<body>\n<a class=skip href=\"#main\">Skip to the figures</a>\n<header>\n<h1>";
  out += escape_html(title_);
  out += "</h1>\n<p class=subtitle>" + escape_html(subtitle_) + "</p>\n</header>\n";
  if (!nav_.empty()) out += "<nav aria-label=Sections><ul>" + nav_ + "</ul></nav>\n";
  out += "<main id=main>\n" + body_ + "</main>\n<footer>Made by ditmos. Charts: Apache ECharts.</footer>\n";
  out += "<script type=\"application/json\" id=charts>" + script_json(options_) + "</script>\n";
  if (!options_.empty() || !scripts_.empty()) {
    out += "<script>";
    out += echarts_js();
    out += "</script>\n";
  }
  out += "<script>\n";
  out += page_js();
  out += "</script>\n";
  if (!scripts_.empty()) out += "<script>\n" + scripts_ + "</script>\n";
  out += "</body>\n</html>\n";
  return out;
}

}  // namespace ditmos::report
