#include "report/serve.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <cctype>

#include "core/error.hpp"
#include "report/assets.hpp"
#include "report/experiment_report.hpp"
#include "report/format.hpp"
#include "report/run_files.hpp"
#include "report/run_list.hpp"
#include "report/run_report.hpp"

namespace ditmos::report {
namespace {

/// An id inside an address: everything but plain characters and '/' as %XX.
std::string encode(const std::string& id) {
  std::string out;
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte < 0x80 && (std::isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~' || c == '/');
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

std::string experiments_html(const std::vector<ExperimentEntry>& experiments) {
  if (experiments.empty()) return {};
  std::string out =
      "<div class=scroll><table><caption>Experiments</caption><thead><tr><th scope=col>experiment</th><th scope=col>about</th><th scope=col>preset</th>"
      "<th scope=col class=n>rows</th></tr></thead><tbody>\n";
  for (const ExperimentEntry& e : experiments)
    out += fmt::format("<tr><td><a href=\"/experiment/{}\">{}</a></td><td>{}</td><td>{}</td><td class=n>{}</td></tr>\n", escape_html(encode(e.id)), escape_html(e.id),
                       escape_html(e.title), escape_html(e.preset), e.rows);
  return out + "</tbody></table></div>\n";
}

std::string runs_html(const std::vector<RunEntry>& runs) {
  if (runs.empty()) return "<p class=note>No run in this folder yet: ditmos train --out makes one.</p>";
  std::string out =
      "<div class=scroll><table><caption>Runs, with the accuracy on the test part where they are evaluated</caption><thead><tr>"
      "<th scope=col>compare</th><th scope=col>run</th><th scope=col>data set</th><th scope=col>protocol</th><th scope=col>method</th>"
      "<th scope=col class=n>seed</th><th scope=col class=n>accuracy</th><th scope=col class=n>macro</th><th scope=col>state</th>"
      "<th scope=col class=n>epochs</th></tr></thead><tbody>\n";
  const auto share = [](const std::optional<double>& value) { return value ? format_percent(*value) : std::string(); };
  for (const RunEntry& run : runs) {
    const std::string id = escape_html(run.id);
    out += fmt::format("<tr><td><input type=checkbox name=run value=\"{}\" aria-label=\"compare {}\"></td><td><a href=\"/run/{}\">{}</a></td>", id,
                       id, escape_html(encode(run.id)), id);
    out += fmt::format("<td>{}</td><td>{}{}</td><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td>{}{}</td><td class=n>{}</td></tr>\n",
                       escape_html(run.dataset), escape_html(run.protocol), run.optimistic ? " (optimistic)" : "", escape_html(run.method),
                       run.seed ? format_count(*run.seed) : "", share(run.accuracy), share(run.macro_accuracy), escape_html(run.state),
                       run.stage.empty() || run.accuracy ? "" : escape_html(", " + run.stage), run.epochs);
  }
  return out + "</tbody></table></div>\n<button class=act type=submit>Compare the marked runs</button>\n";
}

void make_live(Page& page, const std::string& attributes) {
  page.raw("<p id=live class=subtitle aria-live=polite " + attributes + ">Waiting for ditmos serve.</p>\n");
  page.script(live_js());
}

void send_page(httplib::Response& response, const Page& page) { response.set_content(page.html(), "text/html; charset=utf-8"); }

void send_json(httplib::Response& response, const Json& json) {
  response.set_content(json.dump(-1, ' ', false, Json::error_handler_t::replace), "application/json");
}

void send_error(httplib::Response& response, int status, const std::string& text) {
  Page page(fmt::format("{}: {}", status, text));
  page.raw("<p><a href=\"/\">All runs</a></p>\n");
  response.status = status;
  send_page(response, page);
}

}  // namespace

bool is_loopback(const std::string& address) {
  return address == "localhost" || address == "::1" || address == "[::1]" ||
         (address.starts_with("127.") && address.find_first_not_of("0123456789.") == std::string::npos);
}

struct RunServer::State {
  explicit State(const std::filesystem::path& folder) : list(folder) {}
  RunList list;
  httplib::Server server;
  std::atomic<bool> loopback = true;

  void routes();
  void show_runs(httplib::Response& response);
  std::string list_html(const std::vector<RunEntry>& runs) const { return experiments_html(list.experiments()) + runs_html(runs); }
  void show_experiment(const std::string& id, httplib::Response& response);
  void show_run(const std::string& id, httplib::Response& response);
  void show_charts(const std::string& id, httplib::Response& response);
  void show_comparison(const httplib::Request& request, httplib::Response& response);
};

void RunServer::State::show_runs(httplib::Response& response) {
  Page page("Runs", std::filesystem::absolute(list.root()).lexically_normal().string());
  make_live(page, "data-page=runs data-source=\"/api/runs\"");
  page.raw("<form class=pick id=runs action=\"/compare\" method=get>" + list_html(list.runs()) + "</form>\n");
  send_page(response, page);
}

void RunServer::State::show_experiment(const std::string& id, httplib::Response& response) {
  const auto folder = list.experiment_folder_of(id);
  if (!folder) return send_error(response, 404, "no such experiment");
  Page page = experiment_report(read_json(*folder / "summary.json"));
  page.raw("<p><a href=\"/\">All runs</a></p>\n");
  send_page(response, page);
}

void RunServer::State::show_run(const std::string& id, httplib::Response& response) {
  const auto folder = list.folder_of(id);
  if (!folder) return send_error(response, 404, "no such run");
  const RunFiles files = read_run_files(*folder);
  Page page = run_report(files);
  page.raw("<p><a href=\"/\">All runs</a></p>\n");
  make_live(page, fmt::format("data-page=run data-source=\"/api/charts/{}\" data-lines={} data-state=\"{}\"", escape_html(encode(id)),
                              files.metrics.size(), escape_html(text_at(files.run, {"state"}))));
  send_page(response, page);
}

void RunServer::State::show_charts(const std::string& id, httplib::Response& response) {
  const auto folder = list.folder_of(id);
  if (!folder) return send_error(response, 404, "no such run");
  const RunFiles files = read_run_files(*folder);
  send_json(response, {{"lines", files.metrics.size()},
                       {"state", text_at(files.run, {"state"})},
                       {"charts", run_report(files).chart_options()}});
}

void RunServer::State::show_comparison(const httplib::Request& request, httplib::Response& response) {
  std::vector<RunFiles> runs;
  const auto [first, last] = request.params.equal_range("run");
  for (auto it = first; it != last; ++it) {
    const auto folder = list.folder_of(it->second);
    if (!folder) return send_error(response, 404, "no run named " + it->second);
    runs.push_back(read_run_files(*folder));
    runs.back().name = it->second;
  }
  if (runs.empty()) return send_error(response, 400, "mark at least one run to compare");
  Page page = comparison_report(runs);
  page.raw("<p><a href=\"/\">All runs</a></p>\n");
  send_page(response, page);
}

void RunServer::State::routes() {
  using httplib::Request;
  using httplib::Response;
  server.set_socket_options([](socket_t socket) {  // a second server on the same port must fail, not share it
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.set_payload_max_length(4096);
  server.set_read_timeout(10);
  server.set_write_timeout(30);
  server.set_default_headers(
      {{"Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
       {"X-Content-Type-Options", "nosniff"},
       {"Referrer-Policy", "no-referrer"},
       {"Cache-Control", "no-store"}});
  server.set_pre_routing_handler([this](const Request& request, Response& response) {
    using Handled = httplib::Server::HandlerResponse;
    if (request.method != "GET" && request.method != "HEAD") {
      response.set_header("Allow", "GET, HEAD");
      send_error(response, 405, "this server only shows");
      return Handled::Handled;
    }
    std::string host = request.get_header_value("Host");
    if (const std::size_t colon = host.rfind(':'); colon != std::string::npos && host.back() != ']') host.resize(colon);
    if (loopback && !host.empty() && !is_loopback(host)) {
      send_error(response, 403, "this server answers to localhost only");
      return Handled::Handled;
    }
    return Handled::Unhandled;
  });
  server.set_exception_handler([](const Request&, Response& response, std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      send_error(response, 500, error.what());
    }
  });
  server.set_error_handler([](const Request&, Response& response) {
    if (response.body.empty()) send_error(response, response.status, response.status == 404 ? "no such page" : "request refused");
  });
  server.Get("/", [this](const Request&, Response& response) { show_runs(response); });
  server.Get("/api/runs", [this](const Request&, Response& response) {
    const auto runs = list.runs();
    send_json(response, {{"count", runs.size()}, {"html", list_html(runs)}});
  });
  server.Get("/run/(.+)", [this](const Request& request, Response& response) { show_run(request.matches[1], response); });
  server.Get("/experiment/(.+)", [this](const Request& request, Response& response) { show_experiment(request.matches[1], response); });
  server.Get("/api/charts/(.+)", [this](const Request& request, Response& response) { show_charts(request.matches[1], response); });
  server.Get("/compare", [this](const Request& request, Response& response) { show_comparison(request, response); });
}

RunServer::RunServer(const std::filesystem::path& folder) {
  std::error_code code;
  if (!std::filesystem::is_directory(folder, code)) throw Error("no folder " + folder.string(), "give the folder that holds the runs");
  state_ = std::make_unique<State>(folder);
  state_->routes();
}

RunServer::~RunServer() { stop(); }

int RunServer::bind(const std::string& address, int port) {
  state_->loopback = is_loopback(address);
  const int taken = port == 0 ? state_->server.bind_to_any_port(address) : state_->server.bind_to_port(address, port) ? port : -1;
  if (taken <= 0)
    throw Error(fmt::format("cannot listen on {} port {}: it is taken, or not an address of this machine", address, port),
                "choose another --port; 0 takes any free one");
  return taken;
}

void RunServer::run() { state_->server.listen_after_bind(); }

void RunServer::stop() { state_->server.stop(); }

}  // namespace ditmos::report
