#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "browser.hpp"
#include "core/error.hpp"
#include "fixture.hpp"
#include "report/run_report.hpp"
#include "report/run_tables.hpp"
#include "temp_folder.hpp"

namespace ditmos::report {
namespace {

using ::testing::HasSubstr;

TEST(RunReport, ShowsEveryPartAndDrawsEveryChartInABrowser) {
  REQUIRE_CHROMIUM();
  const TempFolder folder;
  const auto run = folder.path() / "unimib";
  write_run(run);
  write_build(run / "f767zi", run.string());
  const Page page = run_report(read_run_files(run));
  write_file_atomic(run / "report.html", page.html());
  const Opened opened = open_in_chromium("file://" + (run / "report.html").string());
  EXPECT_EQ(opened.console, "");
  // confusion, overlap, classifiers, CKA, two charts a stage, memory map, instructions
  EXPECT_EQ(page.chart_count(), 10u);
  EXPECT_THAT(opened.dom, HasSubstr("data-charts=\"10\""));
  EXPECT_EQ(count_of(opened.dom, "<svg"), 10);
  for (const char* text : {"FallingBackSC", "selector.features", "ditmos_conv_relu_pool_f32", "1.944", "arXiv 2403.09035", "union accuracy", "1-nn",
                           "ms (modelled)", "batch = 8"})
    EXPECT_THAT(opened.dom, HasSubstr(text));
}

TEST(RunReport, LabelsTheProtocolPaperAsOptimistic) {
  const TempFolder folder;
  write_run(folder.path() / "run", 1, "paper");
  const RunFiles files = read_run_files(folder.path() / "run");
  EXPECT_THAT(run_report(files).html(), HasSubstr("Optimistic: under this protocol"));
  EXPECT_THAT(run_summary_text(files, false), HasSubstr("paper (optimistic"));
  EXPECT_TRUE(run_summary_json(files)["optimistic"].get<bool>());
}

TEST(RunReport, NamesWhatIsMissing) {
  const TempFolder folder;
  write_file_atomic(folder.path() / "run" / "run.json", "{\"dataset\": \"motion\"}");
  write_file_atomic(folder.path() / "run" / "evaluation.json", "{\"parts\": ");
  const RunFiles files = read_run_files(folder.path() / "run");
  const std::string html = run_report(files).html();
  EXPECT_THAT(html, HasSubstr("metrics.jsonl is absent"));
  EXPECT_THAT(html, HasSubstr("evaluation.json: line 1"));
  EXPECT_THAT(html, HasSubstr("no build of this run was found"));
  EXPECT_EQ(run_report(files).chart_count(), 0u);
}

TEST(RunReport, KeepsALineThatIsStillBeingWrittenOut) {
  const TempFolder folder;
  write_file_atomic(folder.path() / "metrics.jsonl", "{\"loss\": 1}\n[3]\nnonsense\n{\"loss\": 0.5}\n{\"loss\": 0.");
  const RunFiles files = read_run_files(folder.path());
  EXPECT_EQ(files.metrics.size(), 2u);
  EXPECT_THAT(files.missing, ::testing::Contains(HasSubstr("2 lines are no JSON objects")));
}

TEST(RunReport, SurvivesMembersOfEveryWrongType) {
  const TempFolder folder;
  const auto run = folder.path() / "run";
  write_run(run);
  write_build(run / "build", run.string());
  const auto spoil = [](const Json& from, auto&& self) -> std::vector<Json> {
    std::vector<Json> out = {Json(nullptr), Json("text"), Json(-1e300), Json::array({1, "x", nullptr}), Json::object()};
    if (!from.is_object()) return out;
    for (const auto& [key, value] : from.items())
      for (Json& bad : self(value, self)) {
        Json copy = from;
        copy[key] = std::move(bad);
        out.push_back(std::move(copy));
      }
    return out;
  };
  for (const char* file : {"run.json", "evaluation.json", "build/compile.json", "build/simulation.json"}) {
    const Json good = read_json(run / file);
    RunFiles files = read_run_files(run);
    for (const Json& bad : spoil(good, spoil)) {
      Json& part = file == std::string("run.json")             ? files.run
                   : file == std::string("evaluation.json")    ? files.evaluation
                   : file == std::string("build/compile.json") ? files.builds[0].compile
                                                               : files.builds[0].simulation;
      part = bad;
      EXPECT_FALSE(run_summary_text(files, false).empty());
      EXPECT_NO_THROW(run_summary_json(files).dump());
      EXPECT_LE(run_report(files).chart_count(), 12u);
    }
  }
}

TEST(RunReport, FindsBuildsInsideTheRunAndThoseThatNameIt) {
  const TempFolder folder;
  const auto run = folder.path() / "runs" / "a";
  write_run(run);
  write_build(run / "inside", "");
  write_build(folder.path() / "build" / "named", run.string());
  write_build(folder.path() / "build" / "other", (folder.path() / "runs" / "b").string());
  const auto found = find_builds(run);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].filename(), "named");
  EXPECT_EQ(found[1].filename(), "inside");
}

TEST(RunReport, RefusesWhatIsNoRun) {
  const TempFolder folder;
  EXPECT_THROW(read_run_files(folder.path()), Error);
  EXPECT_THROW(read_run_files(folder.path() / "absent"), Error);
  write_run(folder.path() / "run");
  EXPECT_THROW(read_run_files(folder.path() / "run", {folder.path()}), Error);
}

TEST(RunReport, NumbersClassifiersAsTheBundleDoes) {
  const TempFolder folder;
  write_run(folder.path() / "run");
  const Table table = classifier_table(read_run_files(folder.path() / "run"));
  ASSERT_EQ(table.rows.size(), 6u);
  EXPECT_EQ(table.rows.front()[0].text, "0");
  EXPECT_EQ(table.rows.back()[0].text, "5");
}

TEST(RunReport, SaysPlannedWhereNothingWasMeasured) {
  const TempFolder folder;
  write_run(folder.path() / "run");
  write_build(folder.path() / "run" / "b", "", false);
  const RunFiles files = read_run_files(folder.path() / "run");
  const BuildCost cost = build_cost(files.builds.at(0));
  EXPECT_FALSE(cost.measured);
  EXPECT_EQ(cost.ram, 7124);
  EXPECT_THAT(run_report(files).html(), HasSubstr("planned arena"));
}

TEST(Comparison, SetsRunsSideBySideAndWarnsOfMixedProtocols) {
  REQUIRE_CHROMIUM();
  const TempFolder folder;
  write_run(folder.path() / "a", 1, "group");
  write_run(folder.path() / "b", 2, "window-random");
  write_build(folder.path() / "a" / "chip", "");
  write_build(folder.path() / "b" / "chip", "");
  const Page page = comparison_report({read_run_files(folder.path() / "a"), read_run_files(folder.path() / "b")});
  write_file_atomic(folder.path() / "comparison.html", page.html());
  const Opened opened = open_in_chromium("file://" + (folder.path() / "comparison.html").string());
  EXPECT_EQ(opened.console, "");
  EXPECT_EQ(count_of(opened.dom, "<svg"), 4);
  EXPECT_THAT(opened.dom, HasSubstr("differ in data set or protocol"));
  EXPECT_THAT(opened.dom, HasSubstr("a / chip"));
}

}  // namespace
}  // namespace ditmos::report
