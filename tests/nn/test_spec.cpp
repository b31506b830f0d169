#include <gtest/gtest.h>

#include "core/error.hpp"
#include "fixtures.hpp"

namespace ditmos::nn {
namespace {

TEST(Spec, PaperNetworksHaveThePapersCounts) {
  EXPECT_EQ(paper_selector().parameters(), 4898);
  EXPECT_EQ(paper_selector().macs(), 91752);
  EXPECT_EQ(paper_classifier().parameters(), 6349);
  EXPECT_EQ(paper_classifier().macs(), 131176);
  EXPECT_EQ(paper_selector().features(), 52);
  const auto shapes = paper_selector().block_shapes();
  EXPECT_EQ(shapes[0], (Shape{8, 1, 68}));
  EXPECT_EQ(shapes[1], (Shape{8, 1, 30}));
  EXPECT_EQ(shapes[2], (Shape{4, 1, 13}));
}

TEST(Spec, BadValuesAreNamed) {
  const auto message = [](const NetworkSpec& spec) {
    try {
      spec.block_shapes();
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  auto spec = paper_selector();
  EXPECT_EQ(message(spec), "");
  spec.input.width = 40;
  EXPECT_NE(message(spec).find("block 3"), std::string::npos);
  spec = paper_selector();
  spec.blocks[1].pad_width = 9;
  EXPECT_NE(message(spec).find("padding"), std::string::npos);
  spec = paper_selector();
  spec.blocks[1].depthwise = true;
  spec.blocks[1].filters = 9;
  EXPECT_NE(message(spec).find("depthwise"), std::string::npos);
  spec = paper_selector();
  spec.outputs = 0;
  EXPECT_NE(message(spec).find("outputs"), std::string::npos);
}

}  // namespace
}  // namespace ditmos::nn
