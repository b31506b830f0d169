#include "nn/spec.hpp"

#include <string>

#include "core/error.hpp"

namespace ditmos::nn {
namespace {

void check_block(const BlockSpec& b, const Shape& in, std::size_t index) {
  const std::string where = "block " + std::to_string(index + 1);
  const auto positive = [&](int value, const char* what) {
    if (value < 1) throw Error(where + ": " + what + " is " + std::to_string(value) + ", expected at least 1");
  };
  positive(b.filters, "filters");
  positive(b.kernel_height, "kernel height");
  positive(b.kernel_width, "kernel width");
  positive(b.stride, "stride");
  positive(b.pool_height, "pool height");
  positive(b.pool_width, "pool width");
  if (b.extra_channels < 0) throw Error(where + ": extra channels are negative");
  if (b.pad_height < 0 || b.pad_height >= b.kernel_height || b.pad_width < 0 || b.pad_width >= b.kernel_width)
    throw Error(where + ": padding " + std::to_string(b.pad_height) + " x " + std::to_string(b.pad_width) +
                    " must be at least 0 and less than the kernel " + std::to_string(b.kernel_height) + " x " +
                    std::to_string(b.kernel_width));
  if (b.depthwise && b.filters != in.channels + b.extra_channels)
    throw Error(where + ": depthwise with " + std::to_string(b.filters) + " filters on " +
                    std::to_string(in.channels + b.extra_channels) + " channels, expected as many filters as channels");
  const int height = in.height + 2 * b.pad_height, width = in.width + 2 * b.pad_width;
  if (height < b.kernel_height || width < b.kernel_width)
    throw Error(where + ": its input of " + std::to_string(height) + " x " + std::to_string(width) +
                    " is smaller than its kernel " + std::to_string(b.kernel_height) + " x " +
                    std::to_string(b.kernel_width),
                "use longer windows, smaller kernels or fewer pools");
  const Shape conv = convolution_shape(b, in);
  if (conv.height < b.pool_height || conv.width < b.pool_width)
    throw Error(where + ": its convolution output of " + std::to_string(conv.height) + " x " +
                    std::to_string(conv.width) + " is smaller than its pool " + std::to_string(b.pool_height) + " x " +
                    std::to_string(b.pool_width),
                "use longer windows, smaller kernels or fewer pools");
}

}  // namespace

Shape convolution_shape(const BlockSpec& b, const Shape& in) {
  return {b.filters, (in.height + 2 * b.pad_height - b.kernel_height) / b.stride + 1,
          (in.width + 2 * b.pad_width - b.kernel_width) / b.stride + 1};
}

std::vector<Shape> NetworkSpec::block_shapes() const {
  if (input.channels < 1 || input.height < 1 || input.width < 1)
    throw Error("the network's input is " + std::to_string(input.channels) + " x " + std::to_string(input.height) +
                " x " + std::to_string(input.width) + ", expected at least 1 in each");
  if (outputs < 1) throw Error("the network has " + std::to_string(outputs) + " outputs, expected at least 1");
  if (!(dropout >= 0.0f && dropout < 1.0f)) throw Error("dropout must be at least 0 and less than 1");
  for (const int width : hidden)
    if (width < 1) throw Error("a hidden layer has width " + std::to_string(width) + ", expected at least 1");
  std::vector<Shape> shapes;
  Shape in = input;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    check_block(blocks[i], in, i);
    const Shape conv = convolution_shape(blocks[i], in);
    in = {conv.channels, conv.height / blocks[i].pool_height, conv.width / blocks[i].pool_width};
    shapes.push_back(in);
  }
  return shapes;
}

int NetworkSpec::features() const {
  const auto shapes = block_shapes();
  const Shape last = shapes.empty() ? input : shapes.back();
  return global_average_pool ? last.channels : last.size();
}

std::int64_t NetworkSpec::parameters() const {
  std::int64_t sum = 0;
  int channels = input.channels;
  for (const auto& b : blocks) {
    const std::int64_t read = b.depthwise ? 1 : channels + b.extra_channels;
    sum += b.filters * (read * b.kernel_height * b.kernel_width + 1);
    channels = b.filters;
  }
  std::int64_t width = features();
  for (const int next : hidden) {
    sum += next * (width + 1);
    width = next;
  }
  return sum + outputs * (width + 1);
}

std::int64_t NetworkSpec::macs() const {
  const auto shapes = block_shapes();
  std::int64_t sum = 0;
  Shape in = input;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto& b = blocks[i];
    const std::int64_t read = b.depthwise ? 1 : in.channels + b.extra_channels;
    sum += convolution_shape(b, in).size() * read * b.kernel_height * b.kernel_width;
    in = shapes[i];
  }
  std::int64_t width = features();
  for (const int next : hidden) {
    sum += next * width;
    width = next;
  }
  return sum + outputs * width;
}

}  // namespace ditmos::nn
