#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

#include "core/json.hpp"

namespace ditmos::method {

/// A stack of blocks and linear layers (nn::NetworkSpec without its input and outputs). `channels`, `kernels`, `pools` and `heights` have
/// one entry a block; a list of one entry holds for every block.
struct NetworkConfig {
  std::vector<int> channels, kernels, pools = {2};
  int padding = 0;
  std::vector<int> hidden = {64};
  std::vector<int> heights = {};  ///< of the kernels, for images; empty: square
  int stride = 1;                 ///< of the first block
  bool separable = false;         ///< every block but the first is depthwise (its kernel), then pointwise (1 x 1)
  bool average = false;           ///< global average pool before the linear layers
  bool operator==(const NetworkConfig&) const = default;
};

/// Epochs and learning rate of a stage. Schedule "step": learning_rate * decay^floor(epoch / decay_every);
/// "one-cycle": learning_rate is the peak.
struct StageConfig {
  int epochs = 0;
  double learning_rate = 0.01, decay = 1, decay_every = 1;
  bool operator==(const StageConfig&) const = default;
};

/// Everything that a training run depends on. Defaults: the paper's (docs/METHODS.md names what it left open).
struct Config {
  std::string preset = "paper", task;
  std::string method = "ditmos";
  std::string dataset = "synthetic", data;
  std::string group, front_end;
  double window_seconds = 0, hop_seconds = 0;
  int length = 0;
  std::string protocol = "window-random";
  double test_share = 0.2, validation_share = 0.15;
  int held_out = 0;
  std::uint64_t seed = 1;
  int threads = 0;

  NetworkConfig selector{{8, 8, 4}, {15, 9, 5}};
  NetworkConfig classifier{{8, 8, 4}, {15, 9, 5}};
  NetworkConfig strong{{64, 64, 32, 32, 32, 16}, {15, 13, 9, 9, 5, 5}, {1, 2, 1, 2, 1, 2}, 1, {128}};
  NetworkConfig single{{16, 16, 16, 16, 16, 8}, {15, 9, 7, 5, 5, 3}, {2, 2, 1, 1, 1, 2}, 1, {64}};
  NetworkConfig dense{{16, 12, 8}, {15, 9, 5}};
  NetworkConfig ds_cnn{{64, 64, 64, 64, 64}, {10, 3, 3, 3, 3}, {1}, 1, {}, {4, 3, 3, 3, 3}, 2, true, true};
  int classifiers = 6;
  bool aggregation = true;
  double dropout = 0.2;
  std::string checkpoint = "validation";
  int members = 2, teachers = 1;

  struct Splitting {
    std::string kind = "kmeans";
    int n_init = 50, iterations = 300;
    bool operator==(const Splitting&) const = default;
  } splitting;

  StageConfig strong_stage{50, 0.005, 0.2, 20};
  StageConfig classifier_stage{30, 0.01, 0.5, 6};
  StageConfig selector_stage{20, 0.01, 0.5, 8};

  struct Adversarial {
    int iterations = 40, selector_epochs = 6, classifier_epochs = 6;
    double learning_rate = 0.001, decay = 0.5, decay_every = 30;
    double routed = 1, single = 0.1, union_ = 0.1, overlap = 0.03;
    std::string labels = "confident", masks = "evaluate";
    bool operator==(const Adversarial&) const = default;
  } adversarial;

  StageConfig joint{120, 0.01, 0.5, 24};
  struct Mixture {
    double balance = 0.02, own = 0.3, own_last = 0, sharpness = 1;
    bool operator==(const Mixture&) const = default;
  } mixture;

  struct Search {
    int candidates = 6, epochs = 20;
    double macs = 0, parameters = 0, ram = 0;
    bool operator==(const Search&) const = default;
  } search;

  struct Recipe {
    std::string optimizer = "sgd", schedule = "step";
    int batch = 8;
    double momentum = 0.9, weight_decay = 1e-4;
    bool fresh_optimizer = true;
    double label_smoothing = 0, gain = 0, noise = 0, warp = 0, rotation = 0, mixup = 0, mask = 0;
    int shift = 0;
    double distillation = 0, temperature = 4;
    std::string distillation_form = "soft";
    bool operator==(const Recipe&) const = default;
  } recipe;

  bool operator==(const Config&) const = default;
};

namespace detail {
template <class N, class F>
void visit_network(N& n, const std::string& prefix, const std::string& what, F&& f) {
  f(prefix + ".channels", n.channels, "filters of each block of " + what);
  f(prefix + ".kernels", n.kernels, "kernel length of each block");
  f(prefix + ".pools", n.pools, "max-pooling window after each block (1: none)");
  f(prefix + ".padding", n.padding, "zeros on either side of each convolution's input");
  f(prefix + ".hidden", n.hidden, "widths of the hidden linear layers");
  f(prefix + ".heights", n.heights, "images: kernel height of each block (empty: square)");
  f(prefix + ".stride", n.stride, "stride of the first block");
  f(prefix + ".separable", n.separable, "every block but the first is depthwise, then pointwise");
  f(prefix + ".average", n.average, "global average pool before the linear layers");
}
template <class S, class F>
void visit_stage(S& s, const std::string& prefix, const std::string& what, F&& f) {
  f(prefix + ".epochs", s.epochs, "epochs of " + what);
  f(prefix + ".learning_rate", s.learning_rate, "first (schedule step) or highest (one-cycle) learning rate");
  f(prefix + ".decay", s.decay, "schedule step: factor of the learning rate");
  f(prefix + ".decay_every", s.decay_every, "schedule step: epochs between two decays");
}
}  // namespace detail

/// Calls f(dotted name, reference to the value, help) for every option, in a fixed order, groups together. The one list that
/// command line, TOML, JSON and help are made from.
template <class C, class F>
  requires std::is_same_v<std::remove_const_t<C>, Config>
void visit(C& c, F&& f) {
  f("preset", c.preset, "where the defaults come from: paper, best, or quick");
  f("task", c.task, "networks sized for a kind of data (docs/METHODS.md): motion, sound, eeg, image for 128 KB RAM; with -small for 16 KB");
  f("method", c.method, "what is trained; docs/METHODS.md describes each");
  f("dataset", c.dataset, "name of the data set");
  f("data", c.data, "folder that holds it (empty: where the catalogue finds it)");
  f("group", c.group, "what stays on one side of a split, where the set knows several (trial, subject); empty: its default");
  f("front_end", c.front_end, "none, mfcc, log-mel, band-power; empty: the set's default");
  f("window_seconds", c.window_seconds, "length of the windows cut from long records (0: the set's default)");
  f("hop_seconds", c.hop_seconds, "distance of two such windows (0: the set's default)");
  f("length", c.length, "length that series of unequal length are cut or padded to (0: the longest)");
  f("protocol", c.protocol, "window-random, group, leave-one-group-out, official, or paper (optimistic: chooses on the test part)");
  f("test_share", c.test_share, "share of the windows in the test part");
  f("validation_share", c.validation_share, "share of the rest in the validation part");
  f("held_out", c.held_out, "leave-one-group-out: position of the group that is the test part; official: the fold, where the publisher gives several");
  f("seed", c.seed, "seed of split, initial weights, order of samples, and dropout");
  f("threads", c.threads, "threads (0: all cores)");
  f("checkpoint", c.checkpoint, "the model kept: validation (best epoch on the validation part), last (last epoch), refit (last epoch, trained on the validation part as well)");
  f("dropout", c.dropout, "dropout before every linear layer");
  detail::visit_network(c.selector, "selector", "the selector", f);
  f("classifiers.count", c.classifiers, "number of classifiers");
  f("classifiers.aggregation", c.aggregation, "classifiers read the selector's maps beside their own");
  detail::visit_network(c.classifier, "classifiers", "each classifier", f);
  detail::visit_network(c.strong, "strong", "the strong model", f);
  f("strong.members", c.teachers, "strong models that teach together (recipe.distillation); the first alone splits");
  detail::visit_network(c.single, "single", "methods single and single-kd", f);
  f("ensemble.members", c.members, "networks of method ensemble");
  detail::visit_network(c.dense, "dense", "the first candidate of methods dense-*", f);
  detail::visit_network(c.ds_cnn, "ds_cnn", "method ds-cnn", f);
  f("splitting.kind", c.splitting.kind, "subsets of the classifiers: kmeans, random, or class");
  f("splitting.n_init", c.splitting.n_init, "k-means starts, of which the best is kept");
  f("splitting.iterations", c.splitting.iterations, "most k-means iterations of a start");
  detail::visit_stage(c.strong_stage, "strong_training", "the strong model", f);
  detail::visit_stage(c.classifier_stage, "classifier_training", "pre-training the classifiers", f);
  detail::visit_stage(c.selector_stage, "selector_training", "pre-training the selector", f);
  f("adversarial.iterations", c.adversarial.iterations, "iterations of adversarial training");
  f("adversarial.selector_epochs", c.adversarial.selector_epochs, "selector epochs of an iteration");
  f("adversarial.classifier_epochs", c.adversarial.classifier_epochs, "classifier epochs of an iteration");
  f("adversarial.learning_rate", c.adversarial.learning_rate, "first (step) or highest (one-cycle) learning rate");
  f("adversarial.decay", c.adversarial.decay, "schedule step: factor of the learning rate");
  f("adversarial.decay_every", c.adversarial.decay_every, "schedule step: in epochs, as 6p+t counts them");
  f("adversarial.routed", c.adversarial.routed, "weight of the samples routed to a classifier");
  f("adversarial.single", c.adversarial.single, "weight of the samples that only this classifier gets right");
  f("adversarial.union", c.adversarial.union_, "weight of the samples that no classifier gets right");
  f("adversarial.overlap", c.adversarial.overlap, "weight, taken off, of the samples that this and another get right");
  f("adversarial.labels", c.adversarial.labels, "selector's target: confident (signed largest softmax) or hard (first right one)");
  f("adversarial.masks", c.adversarial.masks, "who is right is judged in evaluate mode, or in train mode as published");
  detail::visit_stage(c.joint, "joint_training", "methods trained in one go", f);
  f("mixture.balance", c.mixture.balance, "moe, mixture: weight of the load balance");
  f("mixture.own", c.mixture.own, "mixture: first weight of every classifier's own loss");
  f("mixture.own_last", c.mixture.own_last, "mixture: its last weight (between them in a straight line)");
  f("mixture.sharpness", c.mixture.sharpness, "moe, mixture: 1 likelihood; below, samples are shared among more classifiers; 0 expected loss");
  f("search.candidates", c.search.candidates, "dense-*: networks tried");
  f("search.epochs", c.search.epochs, "dense-*: epochs of each try");
  f("search.macs", c.search.macs, "dense-latency, ds-cnn: budget in multiply-accumulates (0: that of ditmos; ds-cnn: none)");
  f("search.parameters", c.search.parameters, "dense-flash, ds-cnn: budget in parameters (0: that of ditmos; ds-cnn: none)");
  f("search.ram", c.search.ram, "dense-ram, ds-cnn: budget in values of input and maps alive together (0: that of ditmos; ds-cnn: none)");
  f("recipe.optimizer", c.recipe.optimizer, "sgd (Nesterov) or adamw");
  f("recipe.schedule", c.recipe.schedule, "step or one-cycle");
  f("recipe.batch", c.recipe.batch, "samples of a step");
  f("recipe.momentum", c.recipe.momentum, "momentum of sgd");
  f("recipe.weight_decay", c.recipe.weight_decay, "weight decay");
  f("recipe.fresh_optimizer", c.recipe.fresh_optimizer, "forget the optimizer's momentum after each epoch, as published");
  f("recipe.label_smoothing", c.recipe.label_smoothing, "share of the target spread over all classes");
  f("recipe.gain", c.recipe.gain, "augmentation: standard deviation of a random gain");
  f("recipe.shift", c.recipe.shift, "augmentation: largest random shift in samples (wide images: both ways)");
  f("recipe.noise", c.recipe.noise, "augmentation: white noise, in standard deviations of the training windows");
  f("recipe.warp", c.recipe.warp, "augmentation: standard deviation of a random change of speed (time warp)");
  f("recipe.rotation", c.recipe.rotation, "augmentation: standard deviation of a random turn of a sensor's three axes, in degrees (acceleration only)");
  f("recipe.mask", c.recipe.mask, "augmentation: largest share of the window's length that is blanked (each channel its mean)");
  f("recipe.mixup", c.recipe.mixup, "mixes windows in pairs, share of Beta(mixup, mixup) (0: off)");
  f("recipe.distillation", c.recipe.distillation, "weight of the strong model's answers in every classifier's target");
  f("recipe.temperature", c.recipe.temperature, "distillation temperature");
  f("recipe.distillation_form", c.recipe.distillation_form, "soft (Hinton 2015) or decoupled (Zhao 2022)");
}

/// "paper", "best", "quick".
const std::vector<std::string>& preset_names();
/// Throws Error (nearest name) for an unknown preset.
Config preset(const std::string& name);

/// Sets one option from text, as on the command line; lists as "8,8,4"; "task" sets the task's networks as well (tasks.hpp). Throws Error: unknown name (nearest), bad value.
void set_option(Config& config, const std::string& name, const std::string& value);
/// Every dotted name, in order.
std::vector<std::string> option_names();

/// Reads TOML over `config`; "preset" in it is applied first, then "task". `origin` names the file in errors. Throws Error with the line for what
/// is not TOML, for unknown keys (nearest name), and for values of the wrong type.
void apply_toml(Config& config, const std::string& text, const std::string& origin);
/// Complete, with each option's help as a comment; reads back to the same config.
std::string to_toml(const Config& config);
Json to_json(const Config& config);

/// Throws Error for values outside their range (which option, which value, what is allowed).
void validate(const Config& config);

}  // namespace ditmos::method
