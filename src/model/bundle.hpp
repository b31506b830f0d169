#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "model/graph.hpp"

namespace ditmos::model {

/// How the networks of a bundle make one answer.
/// select:  networks[0] is the selector (outputs "logits", then the reused maps "map1".."mapM"); the argmax of its logits
///          picks one of the classifiers, networks[1..] (inputs "window", then the reused maps by name; output "logits").
///          A mixture of experts with hard top-1 is the same with no maps.
/// single:  one network, input "window", output "logits".
/// average: the softmax outputs of all networks are averaged.
enum class Combine { single, select, average };

/// A trained model on disk: manifest.json and one ONNX file a network (selector.onnx, classifier_<k>.onnx, network.onnx,
/// member_<k>.onnx). Shapes in the ONNX files: window (1, C, L) for series, (1, C, H, W) for images.
struct Bundle {
  static constexpr int schema = 1;
  std::string method;  ///< "ditmos", "single", "moe", ...
  Combine combine = Combine::single;
  int channels = 0, height = 1, width = 0;
  double rate_hz = 0;
  std::string unit;
  std::vector<std::string> classes;
  std::vector<Graph> networks;  ///< selector first where there is one
  Json front_end;               ///< null, or what turns raw samples into the window
  Json stream;                  ///< null, or how rows of the sensor become windows
  Json training;                ///< record of the run: config, seed, data set, protocol, versions
  Json metrics;                 ///< with their protocol
};

/// Throws Error before anything is written when the bundle is not one that read_bundle would take.
void write_bundle(const std::filesystem::path& folder, const Bundle& bundle);
/// Throws Error: no manifest, another schema version, a missing or broken ONNX file, a classifier whose inputs are not
/// the selector's outputs, class counts that disagree.
Bundle read_bundle(const std::filesystem::path& folder);

/// One network as the manifest names it: a plain file name beside it, and its SHA-256 or empty.
struct NetworkFile {
  std::string name, sha256;
};
/// The manifest alone: fills everything of `bundle` but the networks and returns their files in order. Throws Error.
std::vector<NetworkFile> parse_manifest(const std::string& text, const std::string& name, Bundle& bundle);

}  // namespace ditmos::model
