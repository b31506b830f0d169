// Times the training engine on the paper's configuration (PAPER.md): medians, spreads, arithmetic rates against the measured
// peak, where the time goes, and how it grows with shape. bench/train_peer.py times PyTorch on the same arithmetic.
#include <fmt/format.h>

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "nn/bank.hpp"
#include "nn/kernels/kernels.hpp"
#include "nn/kernels/peak.hpp"
#include "nn/loss.hpp"
#include "nn/optimizer.hpp"

namespace ditmos::nn {
namespace {

using Clock = std::chrono::steady_clock;

double median_of(std::vector<double>& v) {
  std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
  return v[v.size() / 2];
}

struct Timing {
  double median, least, high;  // milliseconds; high: third quartile
  double share;                // median of the rate over the peak measured just before and after; 0 without operations
};

/// Which clock: the thread's own processor time is what one thread is timed by, since other work on the machine does not
/// enter it; several threads can only be timed by the wall clock.
enum class Watch { processor, wall };

double milliseconds(Watch watch) {
  timespec t{};
  clock_gettime(watch == Watch::processor ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

double time_of(const std::function<void()>& f, Watch watch) {
  const double start = milliseconds(watch);
  f();
  return milliseconds(watch) - start;
}

/// Each time with the core's peak before and after it: where the machine is a virtual one, its cores may be halves of real ones whose
/// other halves are busy, and then peak and rate fall together.
Timing measure(const std::function<void()>& f, double seconds, double flops = 0) {
  for (int i = 0; i < 3; ++i) f();
  std::vector<double> times, shares;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end || times.size() < 11) {
    const double before = flops > 0 ? sample_peak_gflops() : 0;
    times.push_back(time_of(f, Watch::processor));
    if (flops > 0) shares.push_back(flops / times.back() * 1e-6 / ((before + sample_peak_gflops()) / 2));
  }
  const double share = flops > 0 ? median_of(shares) : 0;
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front(), times[times.size() * 3 / 4], share};
}

struct Shapes {
  int channels = 3, length = 151, batch = 8, classifiers = 6, classes = 17, windows = 256;
  std::vector<int> filters{8, 8, 4}, kernels{15, 9, 5};
  bool reuse = true;

  NetworkSpec selector() const {
    NetworkSpec spec;
    spec.input = {channels, 1, length};
    for (std::size_t b = 0; b < filters.size(); ++b) spec.blocks.push_back({.filters = filters[b], .kernel_width = kernels[b]});
    spec.outputs = classifiers;
    return spec;
  }
  NetworkSpec classifier() const {
    NetworkSpec spec = selector();
    spec.outputs = classes;
    for (std::size_t b = 1; reuse && b < filters.size(); ++b) spec.blocks[b].extra_channels = filters[b - 1];
    return spec;
  }
};

/// PAPER.md: the network that only splits the training set.
NetworkSpec strong_model() {
  NetworkSpec spec;
  spec.input = {3, 1, 151};
  const int filters[] = {64, 64, 32, 32, 32, 16}, kernels[] = {15, 13, 9, 9, 5, 5};
  for (int b = 0; b < 6; ++b)
    spec.blocks.push_back({.filters = filters[b], .kernel_width = kernels[b], .pad_width = 1, .pool_width = b % 2 ? 2 : 1});
  spec.hidden = {128};
  spec.outputs = 17;
  return spec;
}

/// Multiply-adds a sample of forward, gradients of weights, and gradients of inputs that are parameters' or layers' own.
double training_macs(const NetworkSpec& spec) {
  const auto shapes = spec.block_shapes();
  double sum = 2.0 * static_cast<double>(spec.macs());
  Shape in = spec.input;
  for (std::size_t b = 0; b < spec.blocks.size(); ++b) {
    const auto& s = spec.blocks[b];
    const double taps = static_cast<double>(s.kernel_height) * s.kernel_width;
    if (b > 0) sum += convolution_shape(s, in).size() * taps * (s.depthwise ? 1 : in.channels);
    in = shapes[b];
  }
  double width = spec.features();
  for (const int next : spec.hidden) {
    sum += width * next;
    width = next;
  }
  return sum + width * spec.outputs;
}

/// One batch of the paper's training, step by step.
class PaperStep {
 public:
  explicit PaperStep(const Shapes& shapes, const KernelTable<float>& table, Threads* threads = nullptr)
      : shapes_(shapes),
        random_(1),
        selector_(shapes.selector(), random_, table),
        bank_(shapes.classifier(), shapes.classifiers, random_, table) {
    selector_.use_threads(threads);
    bank_.use_threads(threads);
    selector_sgd_.emplace_back(selector_.parameters(), SgdOptions{});
    for (int k = 0; k < shapes.classifiers; ++k) sgd_.emplace_back(bank_.network(k).parameters(), SgdOptions{});
    windows_.resize(static_cast<std::size_t>(shapes.windows) * static_cast<std::size_t>(shapes.channels * shapes.length));
    for (float& v : windows_) v = static_cast<float>(random_.normal());
    for (int i = 0; i < shapes.batch; ++i) {
      rows_.push_back(0);
      labels_.push_back(static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(shapes.classes))));
    }
    const std::size_t n = static_cast<std::size_t>(shapes.batch), k = static_cast<std::size_t>(shapes.classifiers);
    dlogits_.resize(n * k * static_cast<std::size_t>(shapes.classes));
    probabilities_.resize(n * static_cast<std::size_t>(shapes.classes));
    weights_.resize(n);
    right_.resize(n * k);
    best_.resize(n * k);
    choice_.resize(n);
    selector_dlogits_.resize(n * k);
  }

  void gather() {
    for (auto& row : rows_) row = static_cast<std::uint32_t>(random_.below(static_cast<std::uint64_t>(shapes_.windows)));
    input_.gather(windows_, {shapes_.channels, 1, shapes_.length}, rows_);
  }
  void selector_forward(Mode mode) { selector_.forward(input_, mode, &random_); }
  void bank_forward(Mode mode) {
    extras_.assign(shapes_.filters.size(), nullptr);
    for (std::size_t b = 1; shapes_.reuse && b < extras_.size(); ++b) extras_[b] = &selector_.map(static_cast<int>(b) - 1);
    bank_.forward_all(input_, extras_, mode, &random_);
  }
  /// PAPER.md, adversarial training: who is right on what, and the four terms as sample weights.
  void classifier_losses() {
    const std::size_t n = labels_.size(), classifiers = static_cast<std::size_t>(shapes_.classifiers);
    argmax_rows<float>(selector_.logits(), shapes_.classifiers, choice_);
    for (std::size_t k = 0; k < classifiers; ++k)
      argmax_rows<float>(bank_.network(static_cast<int>(k)).logits(), shapes_.classes, std::span(best_).subspan(k * n, n));
    for (std::size_t k = 0; k < classifiers; ++k) {
      int routed = 0, single = 0, none = 0, overlap = 0;
      const auto kind = [&](std::size_t s) {
        int right = 0;
        for (std::size_t j = 0; j < classifiers; ++j) right += best_[j * n + s] == labels_[s];
        const bool own = best_[k * n + s] == labels_[s];
        return right == 0 ? 0 : !own ? 3 : right == 1 ? 1 : 2;
      };
      for (std::size_t s = 0; s < n; ++s) {
        const int what = kind(s);
        routed += choice_[s] == static_cast<std::int32_t>(k);
        none += what == 0;
        single += what == 1;
        overlap += what == 2;
      }
      const auto share = [](double factor, int count) { return static_cast<float>(factor / std::max(1, count)); };
      for (std::size_t s = 0; s < n; ++s) {
        const int what = kind(s);
        weights_[s] = (choice_[s] == static_cast<std::int32_t>(k) ? share(1, routed) : 0.0f) +
                      (what == 0 ? share(0.1, none) : what == 1 ? share(0.1, single) : what == 2 ? share(-0.03, overlap) : 0.0f);
      }
      const std::size_t each = n * static_cast<std::size_t>(shapes_.classes);
      softmax_cross_entropy<float>(bank_.network(static_cast<int>(k)).logits(), shapes_.classes, labels_, weights_, 0.0f,
                                   std::span(dlogits_).subspan(k * each, each));
    }
  }
  void bank_backward() {
    bank_.zero_gradients();
    bank_.backward_all(dlogits_);
  }
  void bank_update() {
    bank_.for_each([&](int k) { sgd_[static_cast<std::size_t>(k)].step(1e-4); });
  }
  void classifier_step() {
    gather();
    selector_forward(Mode::evaluate);
    bank_forward(Mode::train);
    classifier_losses();
    const std::size_t each = labels_.size() * static_cast<std::size_t>(shapes_.classes);
    bank_.for_each([&](int i) {  // network by network, the last forward first: what it reads is still in the cache
      const int k = shapes_.classifiers - 1 - i;
      bank_.network(k).zero_gradients();
      bank_.network(k).backward(std::span<const float>(dlogits_).subspan(static_cast<std::size_t>(k) * each, each));
      sgd_[static_cast<std::size_t>(k)].step(1e-4);
    });
  }
  void selector_loss() {
    const std::size_t n = labels_.size(), classes = static_cast<std::size_t>(shapes_.classes);
    std::vector<float>& best = weights_;
    std::fill(best.begin(), best.end(), -2.0f);
    for (int k = 0; k < shapes_.classifiers; ++k) {
      softmax_rows<float>(bank_.network(k).logits(), shapes_.classes, probabilities_);
      for (std::size_t s = 0; s < n; ++s) {
        const float* row = probabilities_.data() + s * classes;
        const auto most = std::max_element(row, row + classes);
        const float v = most - row == labels_[s] ? *most : -*most;
        if (v > best[s]) {
          best[s] = v;
          choice_[s] = k;
        }
      }
    }
    softmax_cross_entropy<float>(selector_.logits(), shapes_.classifiers, choice_, {}, 0.0f, selector_dlogits_);
  }
  void selector_step() {
    gather();
    selector_forward(Mode::train);
    bank_forward(Mode::evaluate);
    selector_loss();
    selector_.zero_gradients();
    selector_.backward(selector_dlogits_);
    selector_sgd_[0].step(1e-4);
  }
  void evaluation() {
    gather();
    selector_forward(Mode::evaluate);
    bank_forward(Mode::evaluate);
  }

  double classifier_step_flops() const {
    return 2.0 * shapes_.batch *
           (training_macs(shapes_.classifier()) * shapes_.classifiers + static_cast<double>(shapes_.selector().macs()));
  }
  double selector_step_flops() const {
    return 2.0 * shapes_.batch *
           (training_macs(shapes_.selector()) + static_cast<double>(shapes_.classifier().macs()) * shapes_.classifiers);
  }
  double evaluation_flops() const {
    return 2.0 * shapes_.batch *
           (static_cast<double>(shapes_.selector().macs()) + static_cast<double>(shapes_.classifier().macs()) * shapes_.classifiers);
  }

 private:
  Shapes shapes_;
  Random random_;
  Network<float> selector_;
  Bank<float> bank_;
  std::vector<Sgd<float>> selector_sgd_, sgd_;
  std::vector<float> windows_, dlogits_, selector_dlogits_, probabilities_, weights_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::int32_t> labels_, right_, best_, choice_;
  Maps<float> input_;
  std::vector<const Maps<float>*> extras_;
};

/// Training steps of one network on a plain cross-entropy.
class SingleStep {
 public:
  SingleStep(const NetworkSpec& spec, int batch, Threads* threads)
      : random_(1), spec_(spec), network_(spec, random_), sgd_(network_.parameters(), SgdOptions{}) {
    network_.use_threads(threads);
    std::vector<float> rows(static_cast<std::size_t>(batch * spec.input.size()));
    for (float& v : rows) v = static_cast<float>(random_.normal());
    input_.from_rows(rows, batch, spec.input);
    for (int i = 0; i < batch; ++i)
      labels_.push_back(static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(spec.outputs))));
    dlogits_.resize(static_cast<std::size_t>(batch * spec.outputs));
  }
  void step() {
    network_.forward(input_, Mode::train, &random_);
    softmax_cross_entropy<float>(network_.logits(), spec_.outputs, labels_, {}, 0.0f, dlogits_);
    network_.zero_gradients();
    network_.backward(dlogits_);
    sgd_.step(1e-4);
  }
  double flops() const { return 2.0 * input_.samples() * training_macs(spec_); }

 private:
  Random random_;
  NetworkSpec spec_;
  Network<float> network_;
  Sgd<float> sgd_;
  Maps<float> input_;
  std::vector<std::int32_t> labels_;
  std::vector<float> dlogits_;
};

/// Time spent in each kernel: a table that calls another and adds up.
struct Profile {
  static constexpr int kKernels = 10;
  const KernelTable<float>* table;
  double seconds[kKernels];
  long calls[kKernels];
};
Profile profile;  // kernels are plain functions, so that the profile must be found by name

template <int index, auto member, class Task>
void timed(const Task& task) {
  const auto start = Clock::now();
  (profile.table->*member)(task);
  profile.seconds[index] += std::chrono::duration<double>(Clock::now() - start).count();
  ++profile.calls[index];
}

void print_profile(const Shapes& shapes, double seconds) {
  using K = KernelTable<float>;
  const K timed_table{"timed",
                      timed<0, &K::convolve, ConvolveTask<float>>,
                      timed<1, &K::correlate, CorrelateTask<float>>,
                      timed<2, &K::normalize, NormalizeTask<float>>,
                      timed<3, &K::reduce, PoolGradientTask<float>>,
                      timed<4, &K::spread, PoolGradientTask<float>>,
                      timed<5, &K::affine, AffineTask<float>>,
                      timed<6, &K::moments, MomentsTask<float>>,
                      timed<7, &K::linear, LinearTask<float>>,
                      timed<8, &K::outer, OuterTask<float>>,
                      fast_kernels<float>().sgd};
  PaperStep step(shapes, timed_table);
  std::vector<double> columns[Profile::kKernels];  // a step's seconds in each kernel, and in all
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    profile = {&fast_kernels<float>(), {}, {}};
    const auto start = Clock::now();
    step.classifier_step();
    profile.seconds[9] = std::chrono::duration<double>(Clock::now() - start).count();
    for (int i = 0; i < Profile::kKernels; ++i) columns[i].push_back(profile.seconds[i]);
  }
  const auto median = [](std::vector<double>& v) { return median_of(v) * 1e3; };
  static const char* names[] = {"convolve", "correlate", "normalize", "reduce", "spread", "affine", "moments", "linear", "outer"};
  const double total = median(columns[9]);
  double known = 0;
  fmt::print("\nprofile of the classifier step, medians, timers included\n");
  for (int i = 0; i < 9; ++i) {
    const double part = median(columns[i]);
    known += part;
    fmt::print("  {:<10} {:.4f} ms {:5.1f} %  {:4} calls\n", names[i], part, 100 * part / total, profile.calls[i]);
  }
  fmt::print("  {:<10} {:.4f} ms {:5.1f} %\n", "the rest", total - known, 100 * (total - known) / total);
}

/// Measures and prints rows, those whose name holds `only`.
struct Report {
  double seconds;
  double peak;
  std::string only;

  bool wants(const std::string& name) const { return name.find(only) != std::string::npos; }
  void row(const std::string& name, const std::function<void()>& f, double flops) const {
    if (!wants(name)) return;
    const Timing t = measure(f, seconds, flops);
    fmt::print("  {:<34} {:8.4f} ms  ({:.4f} .. {:.4f})", name, t.median, t.least, t.high);
    if (flops > 0)
      fmt::print("  {:6.1f} GFLOP/s  {:4.1f} % of peak  {:4.1f} % of the peak beside it", flops / t.median * 1e-6, flops / t.median * 1e-4 / peak,
                 100 * t.share);
    fmt::print("\n");
    std::fflush(stdout);
  }
  /// The same work on one thread and on several, in turns, by the wall clock.
  void compare(const std::string& name, const std::function<void()>& one, const std::function<void()>& several) const {
    if (!wants(name)) return;
    std::vector<double> single, many, ratios;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (Clock::now() < end || single.size() < 11) {
      one();  // brings its data into the caches
      single.push_back(time_of(one, Watch::wall));
      several();
      many.push_back(time_of(several, Watch::wall));
      ratios.push_back(single.back() / many.back());
    }
    for (auto* v : {&many, &ratios}) std::sort(v->begin(), v->end());
    const auto at = [](const std::vector<double>& v, std::size_t quarter) { return v[v.size() * quarter / 4]; };
    fmt::print("  {:<34} {:8.4f} ms  ({:.4f} .. {:.4f}), one {:.4f} ms: times as fast {:.2f} ({:.2f} .. {:.2f}, quartiles)\n", name, at(many, 2), many.front(),
               at(many, 3), median_of(single), at(ratios, 2), at(ratios, 1), at(ratios, 3));
    std::fflush(stdout);
  }
};

void paper_rows(const Report& report, const KernelTable<float>& table) {
  PaperStep step(Shapes{}, table);
  step.classifier_step();  // every row below may run alone
  report.row("classifier step", [&] { step.classifier_step(); }, step.classifier_step_flops());
  report.row("  gather", [&] { step.gather(); }, 0);
  report.row("  selector forward", [&] { step.selector_forward(Mode::evaluate); }, 0);
  report.row("  classifiers forward", [&] { step.bank_forward(Mode::train); }, 0);
  report.row("  losses", [&] { step.classifier_losses(); }, 0);
  report.row("  classifiers backward", [&] { step.bank_backward(); }, 0);
  report.row("  update", [&] { step.bank_update(); }, 0);
  report.row("selector step", [&] { step.selector_step(); }, step.selector_step_flops());
  report.row("evaluation", [&] { step.evaluation(); }, step.evaluation_flops());
  PaperStep plain(Shapes{}, plain_kernels<float>());
  report.row("classifier step, plain kernels", [&] { plain.classifier_step(); }, plain.classifier_step_flops());
  SingleStep strong(strong_model(), 8, nullptr);
  report.row("strong model step", [&] { strong.step(); }, strong.flops());
}

void thread_rows(const Report& report, const KernelTable<float>& table, int count) {
  fmt::print("\n{} threads and one, in turns, wall clock, medians\n", count);
  Threads threads(count);
  const auto peaks = [](int n) {
    for (int i = 0; i < n; ++i) sample_peak_gflops();
  };
  report.compare(fmt::format("multiply-adds alone, {} threads", count), [&] { peaks(20 * count); }, [&] { threads.run(count, [&](int) { peaks(20); }); });
  PaperStep one(Shapes{}, table), several(Shapes{}, table, &threads);
  report.compare(fmt::format("classifier step, {} threads", count), [&] { one.classifier_step(); }, [&] { several.classifier_step(); });
  report.compare(fmt::format("selector step, {} threads", count), [&] { one.selector_step(); }, [&] { several.selector_step(); });
  SingleStep strong_one(strong_model(), 8, nullptr), strong_several(strong_model(), 8, &threads);
  report.compare(fmt::format("strong model step, {} threads", count), [&] { strong_one.step(); }, [&] { strong_several.step(); });
}

void growth_rows(const Report& report, const KernelTable<float>& table) {
  const auto grow = [&](const std::string& name, const std::function<void(Shapes&)>& change) {
    if (!report.wants(name)) return;
    Shapes shapes;
    change(shapes);
    PaperStep step(shapes, table);
    report.row(name, [&] { step.classifier_step(); }, step.classifier_step_flops());
  };
  for (const int n : {1, 8, 16, 32, 64, 128}) grow(fmt::format("batch {}", n), [&](Shapes& s) { s.batch = n; });
  for (const int n : {256, 2048, 9409}) grow(fmt::format("windows {}", n), [&](Shapes& s) { s.windows = n; });
  for (const int n : {1, 9, 32, 256}) grow(fmt::format("channels {}", n), [&](Shapes& s) { s.channels = n; });
  for (const int n : {1, 2, 4, 8, 12}) grow(fmt::format("classifiers {}", n), [&](Shapes& s) { s.classifiers = n; });
  for (const int n : {76, 302, 604}) grow(fmt::format("window length {}", n), [&](Shapes& s) { s.length = n; });
  for (const auto& f : {std::vector<int>{1, 1, 1}, {3, 3, 3}, {5, 5, 5}, {7, 7, 3}, {16, 16, 8}, {32, 32, 16}, {64, 64, 32}})
    grow(fmt::format("filters {}, {}, {}", f[0], f[1], f[2]), [&](Shapes& s) { s.filters = f; });
  for (const auto& k : {std::vector<int>{3, 3, 3}, {31, 15, 9}, {65, 17, 5}})
    grow(fmt::format("kernels {}, {}, {}", k[0], k[1], k[2]), [&](Shapes& s) { s.kernels = k; });
}

/// Networks of other kinds, one at a time.
void shape_rows(const Report& report) {
  const auto single = [&](const std::string& name, const NetworkSpec& spec) {
    if (!report.wants(name)) return;
    SingleStep step(spec, 8, nullptr);
    report.row(name, [&] { step.step(); }, step.flops());
  };
  NetworkSpec wide;
  wide.input = {256, 1, 64};
  wide.blocks = {{.filters = 256, .kernel_width = 5, .pad_width = 2}};
  wide.outputs = 10;
  single("256 channels, kernel 5", wide);
  NetworkSpec keyword;  // depthwise separable convolutions on a 49 x 10 spectrogram
  keyword.input = {1, 49, 10};
  keyword.blocks = {{.filters = 64, .kernel_height = 10, .kernel_width = 4, .stride = 2, .pad_height = 4, .pad_width = 1, .pool_width = 1}};
  for (int i = 0; i < 4; ++i) {
    keyword.blocks.push_back({.filters = 64, .kernel_height = 3, .kernel_width = 3, .pad_height = 1, .pad_width = 1, .pool_width = 1, .depthwise = true});
    keyword.blocks.push_back({.filters = 64, .kernel_width = 1, .pool_width = 1});
  }
  keyword.global_average_pool = true;
  keyword.hidden = {};
  keyword.outputs = 12;
  single("depthwise separable, 49 x 10", keyword);
  NetworkSpec image;
  image.input = {3, 32, 32};
  for (const int filters : {16, 32, 32})
    image.blocks.push_back({.filters = filters, .kernel_height = 3, .kernel_width = 3, .pad_height = 1, .pad_width = 1, .pool_height = 2});
  image.outputs = 10;
  single("image 32 x 32", image);
}

int run(double seconds, int threads, const std::string& only) {
  const KernelTable<float>& table = fast_kernels<float>();
  const Report report{seconds, measure_peak_gflops(), only};
  fmt::print("kernels {}, measured peak of one core {:.1f} GFLOP/s (float32 multiply-adds)\n", table.name, report.peak);
  fmt::print("median (least .. third quartile), one thread (its processor time), batch 8 unless said otherwise; the peak beside it: of the\n"
             "moments before and after each step, which other work on the machine slows as well\n");
  paper_rows(report, table);
  if (threads > 1) thread_rows(report, table, threads);
  if (report.wants("profile")) print_profile(Shapes{}, seconds);
  fmt::print("\ngrowth of the classifier step, and other shapes\n");
  growth_rows(report, table);
  shape_rows(report);
  return 0;
}

}  // namespace
}  // namespace ditmos::nn

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1.0;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 2;
  if (argc > 4 || !(seconds > 0) || threads < 1) {
    std::fprintf(stderr, "usage: bench_train [seconds a row] [threads] [part of the rows' names]\n");
    return 2;
  }
  return ditmos::nn::run(seconds, threads, argc > 3 ? argv[3] : "");
}
