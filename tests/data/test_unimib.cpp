#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/file.hpp"
#include "data/catalogue.hpp"
#include "data/error_text.hpp"
#include "data/mat_writer.hpp"
#include "data/split.hpp"
#include "shared_data.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {
namespace fs = std::filesystem;

/// The official layout with four windows: value = 1000 * window + position.
void write_official(const fs::path& folder, const std::vector<double>& labels) {
  const std::size_t n = labels.size() / 3;
  std::vector<double> data(n * 453);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < 453; ++c) data[c * n + i] = 1000.0 * static_cast<double>(i) + static_cast<double>(c);
  write_mat(folder / "acc_data.mat", {mat_array("acc_data", {n, 453}, data)});
  write_mat(folder / "acc_labels.mat", {mat_array("acc_labels", {n, 3}, labels)});
  std::vector<std::string> names;
  for (int c = 1; c <= 17; ++c) {
    names.push_back("class " + std::to_string(c));
    names.push_back("short");
  }
  write_mat(folder / "acc_names.mat", {mat_texts("acc_names", 2, 17, names)});
}

TEST(Unimib, ReadsTheOfficialLayout) {
  TempFolder folder;
  // Columns: class, then subject, then trial.
  write_official(folder.path(), {1, 1, 10, 1, /**/ 1, 1, 1, 2, /**/ 1, 1, 1, 1});
  const Dataset d = load_dataset("unimib-shar", folder.path(), {});
  EXPECT_EQ(d.classes, (std::vector<std::string>{"class 1", "class 10"}));
  EXPECT_EQ(d.y, (std::vector<std::int32_t>{0, 0, 1, 0}));
  EXPECT_EQ(d.group, (std::vector<std::int32_t>{0, 0, 1, 2}));
  EXPECT_EQ(d.channels, 3);
  EXPECT_EQ(d.width, 151);
  EXPECT_EQ(d.window(2)[0], 2000.0f);
  EXPECT_EQ(d.window(2)[151], 2151.0f);
  LoadOptions by_subject;
  by_subject.group = "subject";
  EXPECT_EQ(load_dataset("unimib-shar", folder.path(), by_subject).group, (std::vector<std::int32_t>{0, 0, 0, 1}));
  const Dataset binary = load_dataset("unimib-shar-af2", folder.path(), {});
  EXPECT_EQ(binary.classes, (std::vector<std::string>{"activity", "fall"}));
  EXPECT_EQ(binary.y, (std::vector<std::int32_t>{0, 0, 1, 0}));
}

TEST(Unimib, BadInputIsOneSentence) {
  TempFolder folder;
  const auto load = [&] { load_dataset("unimib-shar", folder.path(), {}); };
  EXPECT_NE(message_of(load).find("acc_data.mat is missing"), std::string::npos);
  EXPECT_NE(message_of([] { load_dataset("unimib-shar", "/no/such", {}); }).find("no such folder: /no/such"), std::string::npos);
  write_official(folder.path(), {1, 1, 18, 1, /**/ 1, 1, 1, 2, /**/ 1, 1, 1, 1});
  EXPECT_NE(message_of(load).find("row 3, class is 18"), std::string::npos) << message_of(load);
  write_official(folder.path(), {1, 1, 1, 1, /**/ 1, 1, 1, 2, /**/ 1, 1, 1, 1});
  EXPECT_NE(message_of(load).find("only one class"), std::string::npos) << message_of(load);
  write_mat(folder.path() / "acc_data.mat", {mat_array("other", {1, 1}, {1})});
  EXPECT_NE(message_of(load).find("has no variable \"acc_data\""), std::string::npos) << message_of(load);
  EXPECT_EQ(hint_of(load), "its variables: other");
  write_file_atomic(folder.path() / "acc_data.mat", "this is no MAT file");
  EXPECT_NE(message_of(load).find("is no MATLAB file"), std::string::npos) << message_of(load);
}

TEST(Unimib, CutOffFileIsRefused) {
  TempFolder folder;
  write_official(folder.path(), {1, 2, 3, 1, /**/ 1, 1, 1, 2, /**/ 1, 1, 1, 1});
  const std::string whole = read_file(folder.path() / "acc_data.mat");
  for (const std::size_t keep : {std::size_t{0}, std::size_t{100}, std::size_t{130}, std::size_t{200}, whole.size() / 2}) {
    write_file_atomic(folder.path() / "acc_data.mat", whole.substr(0, keep));
    EXPECT_NE(message_of([&] { load_dataset("unimib-shar", folder.path(), {}); }), "") << keep;
  }
}

TEST(UnimibReal, FourSubjects) {
  REQUIRE_SHARED("unimib-shar");
  const Dataset d = load_dataset("unimib-shar", shared_data() / "unimib-shar", {});
  EXPECT_EQ(d.size(), 1569u);
  EXPECT_EQ(d.classes.size(), 17u);
  EXPECT_EQ(d.classes[0], "Standing up from sitting");
  EXPECT_EQ(std::count(d.y.begin(), d.y.end(), 8), 10);  // sitting down
  EXPECT_EQ(std::count(d.y.begin(), d.y.end(), 0), 26);
  SplitOptions options;
  options.protocol = "group";
  const Split s = make_split(d, options);
  std::set<int> train, test;
  for (const auto i : s.train) train.insert(d.group[i]);
  for (const auto i : s.test) test.insert(d.group[i]);
  for (const int id : test) EXPECT_EQ(train.count(id), 0u);
  std::vector<int> kept(17), held(17);
  for (const auto i : s.train) ++kept[static_cast<std::size_t>(d.y[i])];
  for (const auto i : s.test) ++held[static_cast<std::size_t>(d.y[i])];
  for (std::size_t c = 0; c < 17; ++c) {
    EXPECT_GT(kept[c], 0);
    EXPECT_GT(held[c], 0);
  }
  EXPECT_NEAR(static_cast<double>(s.test.size()) / 1569, 0.2, 0.05);
}

TEST(UnimibReal, Falls51) {
  REQUIRE_SHARED("unimib-shar-falls51");
  LoadOptions by_subject;
  by_subject.group = "subject";
  const Dataset d = load_dataset("unimib-shar-falls51", shared_data() / "unimib-shar-falls51", by_subject);
  EXPECT_EQ(d.size(), 4170u);
  EXPECT_EQ(d.classes[7], "falling_left");
  EXPECT_EQ(*std::max_element(d.group.begin(), d.group.end()), 29);
  // The subjects found by order are those that the set's own derived table names.
  const std::string derived = read_file(shared_data() / "unimib-shar-falls51" / "derived_label0to7_subject_trial_4170x3_u8.bin");
  std::map<int, int> subject_of;
  for (std::size_t i = 0; i < d.size(); ++i) {
    EXPECT_EQ(d.y[i], derived[3 * i]);
    const auto known = subject_of.emplace(d.group[i], derived[3 * i + 1]);
    ASSERT_EQ(known.first->second, derived[3 * i + 1]) << i;
  }
  // The publisher's five folds: each tests a fifth of every class, and each window once.
  EXPECT_EQ(d.folds, 5);
  std::vector<int> tested(d.size());
  for (int fold = 0; fold < 5; ++fold) {
    SplitOptions options;
    options.protocol = "official";
    options.held_out = fold;
    const Split split = make_split(d, options);
    EXPECT_EQ(split.test.size(), 834u);
    for (const std::uint32_t i : split.test) ++tested[i];
  }
  EXPECT_EQ(tested, std::vector<int>(d.size(), 1));
  SplitOptions sixth;
  sixth.protocol = "official";
  sixth.held_out = 5;
  EXPECT_NE(message_of([&] { make_split(d, sixth); }).find("has folds 0 to 4"), std::string::npos);
}

TEST(DsadsReal, NineThousandWindows) {
  REQUIRE_SHARED("dsads");
  const Dataset d = load_dataset("dsads", shared_data() / "dsads", {});
  EXPECT_EQ(d.size(), 9120u);
  EXPECT_EQ(d.window_size(), 750u);
  EXPECT_EQ(d.classes[18], "playing basketball");
  EXPECT_EQ(*std::max_element(d.group.begin(), d.group.end()), 7);
}

}  // namespace
}  // namespace ditmos::data
