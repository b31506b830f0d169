#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "browser.hpp"
#include "core/error.hpp"
#include "fixture.hpp"
#include "report/run_list.hpp"
#include "report/serve.hpp"
#include "temp_folder.hpp"

namespace ditmos::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A server over a temporary folder, answering until the end of the test.
class Serve : public ::testing::Test {
 protected:
  void start() {
    server_ = std::make_unique<RunServer>(folder_.path() / "runs");
    port_ = server_->bind("127.0.0.1", 0);
    thread_ = std::thread([this] { server_->run(); });
    httplib::Client client("127.0.0.1", port_);
    for (int i = 0; i < 600 && !client.Get("/api/runs"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  void TearDown() override {
    if (server_) server_->stop();
    if (thread_.joinable()) thread_.join();
  }
  httplib::Result get(const std::string& path, const httplib::Headers& headers = {}) {
    httplib::Client client("127.0.0.1", port_);
    client.set_read_timeout(60);
    return client.Get(path, headers);
  }
  std::filesystem::path runs() const { return folder_.path() / "runs"; }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }

  TempFolder folder_;
  std::unique_ptr<RunServer> server_;
  std::thread thread_;
  int port_ = 0;
};

TEST_F(Serve, ListsRunsAtAnyDepthAndShowsThem) {
  write_run(runs() / "one");
  write_run(runs() / "sweep" / "two & three", 2, "paper");
  start();
  const auto list = get("/");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->status, 200);
  EXPECT_THAT(list->body, HasSubstr("href=\"/run/one\""));
  EXPECT_THAT(list->body, HasSubstr("href=\"/run/sweep/two%20%26%20three\""));
  EXPECT_THAT(list->body, HasSubstr("paper (optimistic)"));
  EXPECT_THAT(list->get_header_value("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(get("/run/one")->status, 200);
  EXPECT_EQ(get("/run/sweep/two%20%26%20three")->status, 200);
  const auto compared = get("/compare?run=one&run=sweep%2Ftwo%20%26%20three");
  EXPECT_EQ(compared->status, 200);
  EXPECT_THAT(compared->body, HasSubstr("2 runs compared"));
  EXPECT_EQ(get("/compare")->status, 400);
}

TEST_F(Serve, ReachesNothingOutsideItsFolder) {
  write_run(runs() / "one");
  write_run(folder_.path() / "secret");
  std::filesystem::create_directory_symlink(folder_.path() / "secret", runs() / "link");
  start();
  for (const char* path : {"/run/../secret", "/run/%2e%2e/secret", "/run/one/../../secret", "/run/link", "/run//etc", "/run/one/run.json",
                           "/api/charts/..%2Fsecret", "/compare?run=../secret", "/runs/one/run.json", "/%00"}) {
    const auto answer = get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_GE(answer->status, 400) << path;
    EXPECT_LT(answer->status, 500) << path;
    EXPECT_THAT(answer->body, Not(HasSubstr("ditmos train --dataset"))) << path;
  }
}

TEST_F(Serve, OnlyShowsAndOnlyToLocalhost) {
  write_run(runs() / "one");
  start();
  httplib::Client client("127.0.0.1", port_);
  EXPECT_EQ(client.Post("/run/one", "x", "text/plain")->status, 405);
  EXPECT_EQ(client.Delete("/run/one")->status, 405);
  EXPECT_EQ(client.Head("/run/one")->status, 200);
  EXPECT_EQ(get("/", {{"Host", "evil.example:80"}})->status, 403);
  EXPECT_EQ(get("/", {{"Host", "localhost:" + std::to_string(port_)}})->status, 200);
  EXPECT_TRUE(std::filesystem::exists(runs() / "one" / "run.json"));
}

TEST_F(Serve, RefusesATakenPortAndAnAbsentFolder) {
  write_run(runs() / "one");
  start();
  RunServer second(runs());
  EXPECT_THROW(second.bind("127.0.0.1", port_), Error);
  EXPECT_THROW(RunServer(folder_.path() / "absent"), Error);
}

TEST_F(Serve, ListIsEmptyUntilARunComes) {
  std::filesystem::create_directories(runs());
  start();
  EXPECT_THAT(get("/")->body, HasSubstr("No run in this folder yet"));
  write_run(runs() / "late");
  EXPECT_THAT(get("/api/runs")->body, HasSubstr("late"));
}

TEST_F(Serve, FollowsATrainingInABrowser) {
  REQUIRE_CHROMIUM();
  write_run(runs() / "one");
  Json record = read_json(runs() / "one" / "run.json");
  record["state"] = "running";
  write_json(runs() / "one" / "run.json", record);
  start();
  std::atomic<bool> done = false;
  std::thread training([&] {
    for (int epoch = 40; epoch < 3000 && !done; ++epoch) {
      append_line(runs() / "one" / "metrics.jsonl",
                  Json{{"stage", "adversarial"}, {"loss", 1.0 / epoch}, {"validation", {{"accuracy", 0.8}}}}.dump());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  Opened opened;
  try {
    opened = open_in_chromium(address() + "/run/one", 6000);
  } catch (const std::exception& e) {
    ADD_FAILURE() << e.what();
  }
  done = true;
  training.join();
  EXPECT_EQ(opened.console, "");
  EXPECT_THAT(opened.dom, ::testing::ContainsRegex("data-polls=\"[1-9]"));
  EXPECT_THAT(opened.dom, HasSubstr("State: running"));
  EXPECT_EQ(count_of(opened.dom, "<svg"), 8);
}

TEST_F(Serve, ListFollowsTheFolderInABrowser) {
  REQUIRE_CHROMIUM();
  write_run(runs() / "one");
  start();
  const Opened opened = open_in_chromium(address() + "/", 2500);
  EXPECT_EQ(opened.console, "");
  EXPECT_THAT(opened.dom, HasSubstr("1 runs; this list follows the folder."));
}

TEST_F(Serve, ListsExperimentsAndTheirRunsAndComparesThemInABrowser) {
  REQUIRE_CHROMIUM();
  const std::string sweep = "overall/unimib-shar/group";
  write_run(runs() / sweep / "ditmos" / "seed-1");
  write_run(runs() / sweep / "single" / "seed-1");
  const auto share = [](double mean) { return Json{{"mean", mean}, {"half_width", 0.01}, {"n", 3}}; };
  Json rows = Json::array();
  for (const char* variant : {"ditmos", "single"})
    rows.push_back({{"dataset", "unimib-shar"}, {"protocol", "group"}, {"variant", variant}, {"accuracy", share(0.8)}, {"macro_accuracy", share(0.7)}, {"parameters", 9000}});
  write_json(runs() / "overall" / "summary.json", {{"name", "overall"}, {"title", "All methods <here>"}, {"preset", "best"}, {"rows", rows}});
  start();
  const Opened list = open_in_chromium(address() + "/", 2500);
  EXPECT_EQ(list.console, "");
  EXPECT_THAT(list.dom, HasSubstr("href=\"/experiment/overall\""));
  EXPECT_THAT(list.dom, HasSubstr("All methods &lt;here&gt;"));
  EXPECT_THAT(list.dom, HasSubstr("href=\"/run/" + sweep + "/ditmos/seed-1\""));
  const Opened experiment = open_in_chromium(address() + "/experiment/overall", 2500);
  EXPECT_EQ(experiment.console, "");
  EXPECT_GE(count_of(experiment.dom, "<svg"), 2);
  EXPECT_THAT(experiment.dom, HasSubstr("80.0 ± 1.0 %"));
  const Opened compared = open_in_chromium(address() + "/compare?run=" + sweep + "/ditmos/seed-1&run=" + sweep + "/single/seed-1", 2500);
  EXPECT_EQ(compared.console, "");
  EXPECT_THAT(compared.dom, HasSubstr("2 runs compared"));
  EXPECT_EQ(get("/experiment/overall/unimib-shar")->status, 404);
  EXPECT_EQ(get("/experiment/..")->status, 404);
}

TEST_F(Serve, ADamagedSummaryIsListedAndItsPageSaysWhatIsWrong) {
  write_file_atomic(runs() / "broken" / "summary.json", "{\"rows\":");
  start();
  EXPECT_THAT(get("/")->body, HasSubstr("/experiment/broken"));
  EXPECT_EQ(get("/experiment/broken")->status, 500);
  EXPECT_EQ(get("/")->status, 200);
}

TEST(Loopback, NamesTheAddressesOfThisMachineAlone) {
  for (const char* yes : {"localhost", "127.0.0.1", "127.9.9.9", "::1"}) EXPECT_TRUE(is_loopback(yes)) << yes;
  for (const char* no : {"0.0.0.0", "10.0.0.1", "127.evil.example", "example.org", ""}) EXPECT_FALSE(is_loopback(no)) << no;
}

}  // namespace
}  // namespace ditmos::report
