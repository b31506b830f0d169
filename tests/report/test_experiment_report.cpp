#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "browser.hpp"
#include "core/file.hpp"
#include "report/experiment_report.hpp"
#include "temp_folder.hpp"

namespace ditmos::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Json interval(double mean, double half_width, int n = 3) {
  return {{"mean", mean}, {"half_width", half_width}, {"deviation", half_width / 2.5}, {"n", n}};
}

Json row(const std::string& variant, double accuracy, int parameters, int macs, const std::string& protocol = "group") {
  return {{"dataset", "unimib-shar"}, {"protocol", protocol}, {"optimistic", protocol == "paper"}, {"variant", variant},
          {"accuracy", interval(accuracy, 0.012)}, {"macro_accuracy", interval(accuracy - 0.05, 0.02)}, {"union_accuracy", interval(0.93, 0.01)},
          {"selector_accuracy", interval(0.88, 0.01)}, {"parameters", parameters}, {"macs", macs}, {"ram_values", 1800}, {"mean_cka", 0.41},
          {"seconds", 40.5}, {"difference", interval(accuracy - 0.81, 0.008)}, {"p", 0.0213}};
}

Json classifiers_experiment() {
  return {{"name", "classifiers"}, {"title", "2 to 12 classifiers"}, {"preset", "best"}, {"compare", "dense-latency"},
          {"rows",
           {row("mixture 2", 0.82, 17596, 222928), row("mixture 4", 0.835, 30294, 222928), row("mixture 8", 0.831, 55690, 222928),
            row("ditmos 2", 0.80, 17596, 222928), row("ditmos 4", 0.81, 30294, 222928), row("dense-latency", 0.81, 10789, 222544)}}};
}

TEST(ExperimentReport, DrawsBarsCurvesAndFrontierInABrowser) {
  REQUIRE_CHROMIUM();
  const TempFolder folder;
  const Page page = experiment_report(classifiers_experiment());
  write_file_atomic(folder.path() / "report.html", page.html());
  const Opened opened = open_in_chromium("file://" + (folder.path() / "report.html").string());
  EXPECT_EQ(opened.console, "");
  EXPECT_EQ(count_of(opened.dom, "<svg"), 7) << "bars, three curves, three frontiers";
  for (const char* text : {"83.5 ± 1.2 %", "+2.5 ± 0.8", "0.021", "against dense-latency", "30,294"}) EXPECT_THAT(opened.dom, HasSubstr(text));
}

TEST(ExperimentReport, HasNoCurveWithoutNumberedVariantsAndWarnsOfOptimism) {
  const Json summary = {{"name", "overall"}, {"rows", {row("ditmos", 0.9, 42992, 222928, "paper"), row("single", 0.88, 16000, 200000, "paper")}}};
  const Page page = experiment_report(summary);
  EXPECT_EQ(page.chart_count(), 4u);
  EXPECT_THAT(page.html(), HasSubstr("Optimistic: under this protocol"));
}

TEST(ExperimentReport, OneSeedHasNoInterval) {
  Json one = row("ditmos", 0.9, 42992, 222928);
  one["accuracy"] = interval(0.9, 0, 1);
  one["difference"] = interval(0.02, 0, 1);
  const std::string html = experiment_report({{"rows", {one}}}).html();
  EXPECT_THAT(html, HasSubstr("90.0 %"));
  EXPECT_THAT(html, Not(HasSubstr("90.0 ±")));
}

TEST(ExperimentReport, ShowsWhatTheBoardMadeOfTheModels) {
  const auto on_board = [](const std::string& variant, double accuracy, double instructions) {
    return Json{{"dataset", "unimib-shar"}, {"protocol", "group"}, {"variant", variant}, {"windows", 939}, {"differing", 0}, {"accuracy", interval(accuracy, 0.02)},
                {"macro_accuracy", interval(0.7, 0.02)}, {"float32", 0.815}, {"difference", interval(accuracy - 0.79, 0.01)}, {"p", 0.5}, {"instructions", instructions},
                {"front_end_instructions", 0}, {"ram", 1912}, {"flash", 50984}, {"ms_modelled", 3.004}, {"mj_modelled", 0.135}};
  };
  Json summary = classifiers_experiment();
  const std::size_t before = experiment_report(summary).chart_count();
  summary["emulated"] = {{"board", "nucleo-l4r5zi"}, {"rows", {on_board("mixture 4", 0.812, 267652), on_board("dense-latency", 0.79, 260513)}}};
  const Page page = experiment_report(summary);
  EXPECT_EQ(page.chart_count(), before + 3);
  for (const char* text : {"int8 on the emulated nucleo-l4r5zi", "81.2 ± 2.0 %", "+2.2 ± 1.0", "267,652", "50,984", "0.135"}) EXPECT_THAT(page.html(), HasSubstr(text));
}

TEST(ExperimentReport, SurvivesWhatIsNoSummary) {
  for (const Json& bad : {Json(nullptr), Json::array({1}), Json{{"rows", "x"}}, Json{{"rows", {1, nullptr}}}, Json{{"rows", {Json::object()}}},
                          Json{{"rows", {Json::object()}}, {"emulated", {{"board", 1}, {"rows", {Json::object(), 2}}}}}})
    EXPECT_FALSE(experiment_report(bad).html().empty());
}

TEST(Variant, NamesComeApartAtTheirNumber) {
  const auto check = [](const char* name, const char* series, double value, const char* unit) {
    const VariantName v = parse_variant(name);
    EXPECT_TRUE(v.numbered) << name;
    EXPECT_EQ(v.series, series);
    EXPECT_EQ(v.value, value);
    EXPECT_EQ(v.unit, unit);
  };
  check("mixture 4", "mixture", 4, "");
  check("ditmos 25 KB", "ditmos", 25, "KB");
  check("dense 60000 MACs", "dense", 60000, "MACs");
  for (const char* name : {"ditmos", "mixture 2 x 4-4-2", "without feature aggregation", "", " 4", "4"}) {
    EXPECT_FALSE(parse_variant(name).numbered) << name;
    EXPECT_EQ(parse_variant(name).series, name);
  }
}

}  // namespace
}  // namespace ditmos::report
