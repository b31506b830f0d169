#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "command.hpp"
#include "core/file.hpp"
#include "temp_folder.hpp"

namespace ditmos {
namespace {
namespace fs = std::filesystem;

/// The command fails with one "error:" sentence that holds every one of `words`.
void expect_error(const std::string& arguments, std::initializer_list<const char*> words, int status = 1) {
  const Outcome outcome = run(arguments);
  EXPECT_EQ(outcome.status, status) << arguments << "\n" << outcome.output;
  if (status == 1) {
    const auto first = outcome.output.find("error: ");
    ASSERT_NE(first, std::string::npos) << arguments << "\n" << outcome.output;
    EXPECT_EQ(outcome.output.find("error: ", first + 1), std::string::npos) << outcome.output;
  }
  for (const char* word : words) EXPECT_NE(outcome.output.find(word), std::string::npos) << word << "\n" << outcome.output;
}

TEST(Cli, HelpOfEveryVerb) {
  for (const char* verb : {"datasets", "inspect", "train", "evaluate", "compile", "simulate", "report", "boards", "experiment"}) {
    const Outcome outcome = run(std::string(verb) + " --help");
    EXPECT_EQ(outcome.status, 0) << verb << outcome.output;
    EXPECT_NE(outcome.output.find("Usage"), std::string::npos) << verb << outcome.output;
  }
}

TEST(Cli, UsageErrorsExitTwoAndSuggest) {
  expect_error("trian", {"did you mean", "train"}, 2);
  expect_error("train --dataset synthetic --methd mixture", {"--methd", "did you mean \"--method\"?"}, 2);
  expect_error("train --no-such-flag", {"no-such-flag"}, 2);
}

TEST(Cli, WrongPathsAndNames) {
  const TempFolder folder;
  const std::string out = " --out " + (folder.path() / "out").string();
  expect_error("train --dataset unimib-sha" + out, {"unimib-sha", "unimib-shar"});
  expect_error("train --dataset unimib-shar --data /no/such/folder" + out, {"/no/such/folder"});
  expect_error("train --dataset synthetic --protocol grop" + out, {"grop", "group"});
  expect_error("train --dataset synthetic --method ditmoss" + out, {"ditmoss", "ditmos"});
  expect_error("evaluate /no/such/run", {"/no/such/run"});
  expect_error("compile /no/such/run --board nucleo-f767zi" + out, {"/no/such/run"});
  expect_error("simulate /no/such/build", {"/no/such/build"});
  expect_error("report /no/such/run", {"/no/such/run"});
  EXPECT_FALSE(fs::exists(folder.path() / "out")) << "a failed command left an output folder";
}

TEST(Cli, BadFiles) {
  const TempFolder folder;
  const fs::path out = folder.path() / "out";
  const auto with = [&](const std::string& name, const std::string& content) {
    write_file_atomic(folder.path() / name, content);
    return "train --data " + (folder.path() / name).string() + " --out " + out.string();
  };
  expect_error(with("empty.csv", ""), {"empty.csv"});
  expect_error(with("header.csv", "a,b,label\n"), {"header"});
  expect_error(with("ragged.csv", "a,b,label\n1,2,x\n1,x\n"), {"ragged.csv", "3"});
  expect_error(with("one.csv", "a,b,label\n1,2,x\n2,3,x\n"), {"one class"});
  write_file_atomic(folder.path() / "bundle" / "manifest.json", "{\"schema\": 99}");
  expect_error("compile " + (folder.path() / "bundle").string() + " --board nucleo-f767zi --out " + out.string(), {"schema"});
  write_file_atomic(folder.path() / "net.onnx", "not a network");
  expect_error("compile " + (folder.path() / "net.onnx").string() + " --board nucleo-f767zi --out " + out.string(), {"net.onnx"});
  EXPECT_FALSE(fs::exists(out)) << "a failed command left an output folder";
}

/// One short training, then every way to go wrong with its results.
TEST(Cli, NothingIsWrittenOverAndSmallBoardsAreRefused) {
  const TempFolder folder;
  const std::string out = (folder.path() / "run").string();
  const std::string train = "train --dataset synthetic --protocol group --method dense-latency --preset quick "
                            "--max-minutes 0.02 --out " + out;
  const Outcome trained = run(train);
  ASSERT_EQ(trained.status, 0) << trained.output;
  expect_error(train, {"run"});

  const std::string build = (folder.path() / "build").string();
  expect_error("compile " + out + " --board nucleo-f767z --out " + build, {"nucleo-f767z", "nucleo-f767zi"});
  expect_error("compile " + out + " --board nucleo-f767zi --ram 600 --out " + build, {"600", "byte"});
  const Outcome compiled = run("compile " + out + " --board nucleo-f767zi --out " + build);
  ASSERT_EQ(compiled.status, 0) << compiled.output;
  EXPECT_TRUE(fs::exists(folder.path() / "build" / "ditmos_model.c"));
  const Outcome without_tools = run("simulate " + build, (folder.path() / "no-programs").string());
  EXPECT_EQ(without_tools.status, 1);
  EXPECT_NE(without_tools.output.find("apt-get install "), std::string::npos) << without_tools.output;
  write_file_atomic(folder.path() / "mine" / "thesis.tex", "x");
  expect_error("compile " + out + " --board nucleo-f767zi --out " + (folder.path() / "mine").string(), {"mine"});
  EXPECT_EQ(read_file(folder.path() / "mine" / "thesis.tex"), "x");
}

TEST(Cli, InspectWritesAPageWithPictures) {
  TempFolder folder;
  write_file_atomic(folder.path() / "w.csv", "label,x_0,x_1,y_0,y_1\n<b>walk</b>,1,2,3,nan\nrun,2,3,4,5\nrun,2,3,4,5\n");
  const Outcome outcome = run("inspect " + (folder.path() / "w.csv").string() + " --html " + (folder.path() / "w.html").string());
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  const std::string page = read_file(folder.path() / "w.html");
  for (const char* text : {"&lt;b&gt;walk", "NaN", "duplicates", "Channels"}) EXPECT_NE(page.find(text), std::string::npos) << text;
  EXPECT_EQ(page.find("<b>walk"), std::string::npos);
}

}  // namespace
}  // namespace ditmos
