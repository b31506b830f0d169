#include "method/tasks.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/names.hpp"

namespace ditmos::method {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

/// Selector and classifiers share kernels and pools, so that their maps have one size and can be read together.
Options committee(const std::string& kernels, const std::string& pools, const std::string& selector, const std::string& classifiers) {
  return {{"selector.kernels", kernels}, {"selector.pools", pools}, {"selector.channels", selector},
          {"classifiers.kernels", kernels}, {"classifiers.pools", pools}, {"classifiers.channels", classifiers}};
}

/// A network of blocks without a search or aggregation.
Options network(const std::string& prefix, const std::string& channels, const std::string& kernels, const std::string& pools, const std::string& padding,
                const std::string& hidden) {
  return {{prefix + ".channels", channels}, {prefix + ".kernels", kernels}, {prefix + ".pools", pools}, {prefix + ".padding", padding}, {prefix + ".hidden", hidden}};
}

/// A DS-CNN of `blocks` depthwise separable blocks after a convolution of `height` x `width`, stride 2.
Options ds_cnn(const std::string& filters, int blocks, const std::string& width, const std::string& height) {
  std::string channels = filters, kernels = width, heights = height;
  for (int i = 0; i < blocks; ++i) {
    channels += "," + filters;
    kernels += ",3";
    heights += ",3";
  }
  return {{"ds_cnn.channels", channels}, {"ds_cnn.kernels", kernels}, {"ds_cnn.heights", heights}};
}

Options join(std::initializer_list<Options> parts) {
  Options all;
  for (const Options& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Options sizes(const std::string& count, const std::string& selector_hidden, const std::string& classifiers_hidden) {
  return {{"classifiers.count", count}, {"selector.hidden", selector_hidden}, {"classifiers.hidden", classifiers_hidden}};
}

// Six-layer networks for windows of about 50 columns.
const Options short_strong = network("strong", "64,64,32,32,32,16", "9,7,5,5,3,3", "1,2,1,2,1,2", "1", "128");
const Options short_single = network("single", "16,16,16,16,16,8", "9,5,5,3,3,3", "2,2,1,1,1,2", "1", "64");
// The same for small images.
const Options image_strong = network("strong", "16,16,32,32,64,64", "3", "1,2,1,2,1,2", "1", "128");
const Options image_single = network("single", "16,16,24,24,32,32", "3", "2,1,2,1,1,1", "1", "64");

}  // namespace

const std::vector<Task>& tasks() {
  static const std::vector<Task> all = {
      {"motion", "acceleration and other sensors, windows of about 100 to 300 samples",
       join({committee("15,9,5", "2", "16,16,8", "32,32,16"), sizes("4", "64", "128"), network("dense", "32,32,16", "15,9,5", "2", "0", "128"), ds_cnn("32", 4, "15", "3")})},
      {"motion-small", "the same",
       join({committee("15,9,5", "2", "8,8,4", "8,8,4"), sizes("4", "64", "64"), network("dense", "16,12,8", "15,9,5", "2", "0", "64"), ds_cnn("16", 4, "15", "3")})},
      {"motion-short", "motion-small for windows of about 50 samples",
       join({committee("9,5,3", "2", "8,8,4", "8,8,4"), sizes("4", "64", "64"), network("dense", "16,12,8", "9,5,3", "2", "0", "64"), short_strong, short_single,
             ds_cnn("16", 4, "9", "3")})},
      {"sound", "MFCC or mel bands of about a second, convolutions along time",
       join({committee("9,5,3", "2", "16,16,16", "64,96,96"), sizes("4", "32", "64"), network("dense", "64,96,96", "9,5,3", "2", "0", "64"), short_strong, short_single,
             ds_cnn("64", 4, "10", "4")})},
      {"sound-small", "the same",
       join({committee("9,5,3", "2", "8,8,8", "24,32,32"), sizes("3", "16", "32"), network("dense", "24,32,32", "9,5,3", "2", "0", "32"), short_strong, short_single,
             ds_cnn("24", 4, "10", "4")})},
      {"eeg", "EEG windows of about 250 to 500 samples",
       join({committee("15,9,5", "4,2,2", "16,16,8", "32,32,16"), sizes("4", "32", "64"), network("dense", "32,32,16", "15,9,5", "4,2,2", "0", "64"), ds_cnn("32", 4, "15", "3")})},
      {"eeg-small", "the same",
       join({committee("15,9,5", "4,2,2", "8,8,4", "8,8,8"), sizes("4", "16", "32"), network("dense", "16,12,8", "15,9,5", "4,2,2", "0", "32"), ds_cnn("16", 4, "15", "3")})},
      {"image", "images of about 30 x 30",
       join({committee("3", "2,2,1", "8,16,16", "32,64,96"), sizes("3", "32", "128"), network("dense", "32,64,96", "3", "2,2,1", "0", "128"), image_strong, image_single,
             ds_cnn("64", 4, "3", "3")}), 2},
      {"image-small", "the same",
       join({committee("3", "2,2,1", "4,8,8", "12,24,32"), sizes("2", "16", "64"), network("dense", "16,32,48", "3", "2,2,1", "0", "64"), image_strong, image_single,
             ds_cnn("24", 4, "3", "3")}), 2},
  };
  return all;
}

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const Task& task : tasks()) names.push_back(task.name);
  return names;
}

void use_task(Config& config, const std::string& name) {
  const auto found = std::find_if(tasks().begin(), tasks().end(), [&](const Task& task) { return task.name == name; });
  if (found == tasks().end() && !name.empty()) throw Error("unknown task \"" + name + "\"", name_hint(name, task_names()));
  config.task = name;
  if (name.empty()) return;
  for (const auto& [option, value] : found->options) set_option(config, option, value);
  if (found->most_shift > 0) config.recipe.shift = std::min(config.recipe.shift, found->most_shift);
}

}  // namespace ditmos::method
