#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "model/bundle.hpp"
#include "small_networks.hpp"
#include "temp_folder.hpp"

namespace ditmos::model {
namespace {

TEST(Bundle, RoundTrip) {
  const TempFolder folder;
  const Bundle bundle = small_bundle(3, 4);
  write_bundle(folder.path(), bundle);
  for (const char* file : {"manifest.json", "selector.onnx", "classifier_0.onnx", "classifier_2.onnx"})
    EXPECT_TRUE(std::filesystem::exists(folder.path() / file)) << file;
  const Bundle again = read_bundle(folder.path());
  EXPECT_EQ(again.method, bundle.method);
  EXPECT_EQ(again.combine, bundle.combine);
  EXPECT_EQ(again.classes, bundle.classes);
  EXPECT_EQ(again.rate_hz, bundle.rate_hz);
  EXPECT_EQ(again.unit, bundle.unit);
  EXPECT_EQ(again.training, bundle.training);
  EXPECT_EQ(again.metrics, bundle.metrics);
  EXPECT_TRUE(again.front_end.is_null());
  ASSERT_EQ(again.networks.size(), bundle.networks.size());
  for (std::size_t i = 0; i < bundle.networks.size(); ++i)
    EXPECT_EQ(serialize_onnx(again.networks[i]), serialize_onnx(bundle.networks[i]));
}

/// Changes a good bundle on disk, expects read_bundle to refuse it with `message`.
template <class Change>
void expect_refused(Change change, const std::string& message) {
  const TempFolder folder;
  write_bundle(folder.path(), small_bundle(2, 4));
  change(folder.path());
  try {
    read_bundle(folder.path());
    ADD_FAILURE() << "accepted, expected: " << message;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

template <class Change>
void edit_manifest(const std::filesystem::path& folder, Change change) {
  Json manifest = read_json(folder / "manifest.json");
  change(manifest);
  write_json(folder / "manifest.json", manifest);
}

TEST(Bundle, RefusesDamagedFolders) {
  using Path = std::filesystem::path;
  expect_refused([](const Path& p) { std::filesystem::remove(p / "manifest.json"); }, "no manifest.json");
  expect_refused([](const Path& p) { std::filesystem::remove_all(p); }, "no bundle folder");
  expect_refused([](const Path& p) { std::filesystem::remove(p / "classifier_1.onnx"); }, "classifier_1.onnx, which is missing");
  expect_refused([](const Path& p) { write_file_atomic(p / "selector.onnx", "junk"); }, "SHA-256");
  expect_refused([](const Path& p) { write_file_atomic(p / "manifest.json", "{\"schema\": 1,"); }, "manifest.json");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["schema"] = 2; }); }, "schema 2");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m.erase("classes"); }); }, "\"classes\" is missing");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["combine"] = "vote"; }); }, "vote");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["input"]["width"] = 11; }); }, "the window has shape");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["input"]["width"] = 1.5; }); }, "whole number");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["classes"].push_back("one more"); }); }, "4 logits for 5 classes");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["classes"][1] = m["classes"][0]; }); }, "two classes");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["networks"].erase(2); }); }, "2 logits for 1 classifiers");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["networks"][0]["file"] = "../selector.onnx"; }); },
                 "plain file name");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["networks"][0]["role"] = "expert"; }); }, "expert");
  expect_refused([](const Path& p) { edit_manifest(p, [](Json& m) { m["networks"] = 3; }); }, "networks");
}

TEST(Bundle, BrokenNetworkIsNamed) {
  expect_refused(
      [](const std::filesystem::path& p) {
        write_file_atomic(p / "selector.onnx", "junk");
        edit_manifest(p, [](Json& m) { m["networks"][0].erase("sha256"); });
      },
      "selector.onnx is not an ONNX model");
}

TEST(Bundle, WritesNothingThatItWouldNotRead) {
  const TempFolder folder;
  const auto refused = [&](Bundle bundle) {
    EXPECT_THROW(write_bundle(folder.path() / "b", bundle), Error);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "b"));
  };
  Bundle bundle = small_bundle(2, 4);
  bundle.networks[1].inputs[1].name = "map7";
  refused(bundle);
  bundle = small_bundle(2, 4);
  bundle.networks[2].inputs[1].dims = {1, 3, 6};
  refused(bundle);
  bundle = small_bundle(2, 4);
  bundle.networks[0].outputs[0].name = "scores";
  refused(bundle);
  bundle = small_bundle(2, 4);
  bundle.combine = Combine::single;
  refused(bundle);
  bundle = small_bundle(2, 4);
  bundle.classes.clear();
  refused(bundle);
}

TEST(Bundle, SingleNetworkHasItsOwnFileName) {
  const TempFolder folder;
  Bundle bundle = small_bundle(4, 4);
  bundle.combine = Combine::single;
  bundle.networks.resize(1);
  write_bundle(folder.path(), bundle);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "network.onnx"));
  EXPECT_EQ(read_bundle(folder.path()).networks.size(), 1u);
}

}  // namespace
}  // namespace ditmos::model
