#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "core/interrupt.hpp"
#include "report/serve.hpp"
#include "verbs.hpp"

namespace ditmos::cli {
namespace {

struct Options {
  std::string folder = "runs";
  std::string address = "127.0.0.1";
  int port = 8017;
};

void run(const Options& options) {
  report::RunServer server(options.folder);
  const int port = server.bind(options.address, options.port);
  const bool v6 = options.address.find(':') != std::string::npos;
  fmt::print("http://{}{}{}:{}/\n", v6 ? "[" : "", options.address, v6 ? "]" : "", port);
  std::fflush(stdout);
  if (!report::is_loopback(options.address))
    fmt::print(stderr, "note: anyone who can reach {} can see these runs\n", options.address);
  std::atomic<bool> done = false;
  std::thread watch([&] {
    while (!done && !interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    server.stop();
  });
  server.run();
  done = true;
  watch.join();
}

}  // namespace

void add_serve(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "serve",
      "Show a folder of runs as a web page: the list, any set of them compared, curves that follow a training.\n"
      "It only reads, and only this machine can reach it unless --address says otherwise. Ctrl-C ends it.");
  verb->add_option("folder", options->folder, "The folder that holds the runs.")->type_name("FOLDER")->capture_default_str();
  verb->add_option("--port", options->port, "Port; 0 takes any free one.")->check(CLI::Range(0, 65535))->capture_default_str();
  verb->add_option("--address", options->address, "Address to listen on; 0.0.0.0 lets other machines in.")->capture_default_str();
  verb->callback([options] { run(*options); });
}

}  // namespace ditmos::cli
