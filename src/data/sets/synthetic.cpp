// Motion of a phone in a pocket, made from a model, so that the whole road can be walked without a download.
//
// A window is 128 samples of acceleration at 50 Hz, in m/s^2. For subject s and class c, with t in seconds,
//   a(t) = R_s ( g u_c + sum over harmonics h = 1..3 of A_c,h m_s d_h sin(2 pi h f t + p_h) + e(t) ) + n(t)
// R_s  how the subject wears the device: a rotation of up to 35 degrees about a random axis
// u_c  the direction of gravity in that posture, tilted by up to 12 degrees in every window
// f    f_c times the subject's pace (0.85 .. 1.18) and the window's (0.95 .. 1.05)
// A_c  strength of the harmonics, times the subject's vigour m_s (0.7 .. 1.35); p_h: uniform phases
// d_h  direction of the harmonic: vertical for odd, forward for even ones, plus a lateral sway at f / 2
// e    an impact or a change of posture, for the two classes that are events and not rhythms
// n    white noise of 0.6 m/s^2 plus a random walk
// In one window of six the motion fills only a part and the subject stands still for the rest. Paces of
// walking and the two stairs overlap across subjects, so no classifier separates them wholly.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/random.hpp"
#include "data/sets/sets.hpp"

namespace ditmos::data {
namespace {

using Vector = std::array<double, 3>;

constexpr int width = 128;
constexpr double rate = 50;
constexpr double gravity = 9.81;
constexpr int subjects = 12;
constexpr double degree = std::numbers::pi / 180;

enum class Event { none, impact, posture };

struct Motion {
  const char* name;
  double tilt;       ///< degrees of the posture's gravity from vertical, forwards
  double frequency;  ///< Hz; 0: no rhythm
  std::array<double, 3> strength;
  double sway;
  Event event;
};

constexpr Motion motions[] = {
    {"standing", 0, 0, {0, 0, 0}, 0.15, Event::none},
    {"sitting", 28, 0, {0, 0, 0}, 0.10, Event::none},
    {"walking", 6, 1.85, {2.6, 1.3, 0.5}, 0.7, Event::none},
    {"running", 10, 2.65, {7.0, 2.4, 0.9}, 1.1, Event::none},
    {"stairs up", 12, 1.65, {2.1, 1.5, 0.4}, 0.9, Event::none},
    {"stairs down", 4, 1.95, {3.0, 1.2, 0.8}, 0.8, Event::none},
    {"sitting down", 4, 0, {0, 0, 0}, 0.3, Event::posture},
    {"falling", 5, 0, {0, 0, 0}, 0.5, Event::impact},
};

Vector unit_vector(Random& random) {
  Vector v{random.normal(), random.normal(), random.normal()};
  const double length = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) + 1e-12;
  for (double& x : v) x /= length;
  return v;
}

/// Rodrigues' rotation of v about a unit axis.
Vector rotate(const Vector& v, const Vector& k, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  const double dot = (k[0] * v[0] + k[1] * v[1] + k[2] * v[2]) * (1 - c);
  return {v[0] * c + (k[1] * v[2] - k[2] * v[1]) * s + k[0] * dot,
          v[1] * c + (k[2] * v[0] - k[0] * v[2]) * s + k[1] * dot,
          v[2] * c + (k[0] * v[1] - k[1] * v[0]) * s + k[2] * dot};
}

struct Subject {
  Vector axis;
  double angle, pace, vigour;
};

/// The event's part at time t, for an event around time `when`: a fall is near free fall, then a blow,
/// then lying; sitting down tilts gravity over half a second with a soft blow at its end.
Vector event_part(Event event, double t, double when, double strength) {
  const double after = t - when;
  const double step = 1 / (1 + std::exp(-after / 0.12));
  if (event == Event::impact) {
    const double fall = -0.8 * gravity * std::exp(-0.5 * std::pow((after + 0.25) / 0.13, 2));
    const double blow = 22 * strength * std::exp(-0.5 * std::pow(after / 0.04, 2));
    const double lie = strength * step;
    return {0.4 * blow + gravity * std::min(1.0, 0.8 * lie), 0.3 * blow, fall + blow - 0.7 * gravity * std::min(1.0, lie)};
  }
  const double blow = 4 * strength * std::exp(-0.5 * std::pow((after - 0.2) / 0.09, 2));
  return {gravity * 0.42 * step, 0.2 * blow, blow - gravity * 0.1 * step};
}

void append_window(Dataset& d, const Motion& motion, const Subject& subject, Random random) {
  std::array<double, 3> phase;
  for (double& p : phase) p = random.uniform(0, 2 * std::numbers::pi);
  const double sway_phase = random.uniform(0, 2 * std::numbers::pi);
  const double frequency = motion.frequency * subject.pace * random.uniform(0.95, 1.05);
  const double vigour = subject.vigour * random.uniform(0.85, 1.15);
  const Vector gravity_axis = unit_vector(random);
  const Vector up = rotate({std::sin(motion.tilt * degree), 0, std::cos(motion.tilt * degree)}, gravity_axis,
                           random.uniform(0, 12 * degree));
  const double when = random.uniform(0.6, 2.0);
  const bool partial = random.uniform() < 1.0 / 6;
  const double still_from = partial ? random.uniform(0.25, 0.7) * width / rate : 1e9;
  const bool still_first = random.uniform() < 0.5;
  Vector drift{};
  const std::size_t start = d.x.size();
  d.x.resize(start + 3 * width);
  for (int i = 0; i < width; ++i) {
    const double t = i / rate;
    const double clock = still_first ? width / rate - t : t;
    const double moving = motion.event != Event::none || clock < still_from ? 1 : 0.05;
    Vector a{up[0] * gravity, up[1] * gravity, up[2] * gravity};
    for (int h = 0; h < 3; ++h) {
      const double wave = moving * vigour * motion.strength[static_cast<std::size_t>(h)] *
                          std::sin(2 * std::numbers::pi * (h + 1) * frequency * t + phase[static_cast<std::size_t>(h)]);
      a[2] += h % 2 == 0 ? wave : 0.3 * wave;
      a[0] += h % 2 == 0 ? 0.35 * wave : wave;
    }
    const double sway_frequency = motion.frequency > 0 ? frequency / 2 : 0.4 * subject.pace;
    a[1] += moving * vigour * motion.sway * std::sin(2 * std::numbers::pi * sway_frequency * t + sway_phase);
    if (motion.event != Event::none) {
      const Vector e = event_part(motion.event, t, when, vigour);
      for (std::size_t k = 0; k < 3; ++k) a[k] += e[k];
    }
    a = rotate(a, subject.axis, subject.angle);
    for (std::size_t k = 0; k < 3; ++k) {
      drift[k] += 0.05 * random.normal();
      d.x[start + k * width + static_cast<std::size_t>(i)] = static_cast<float>(a[k] + drift[k] + 0.6 * random.normal());
    }
  }
}

}  // namespace

Dataset make_synthetic(const LoadOptions& options) {
  constexpr int classes = static_cast<int>(std::size(motions));
  const int windows = options.windows == 0 ? 1920 : options.windows;
  if (windows < classes || windows > 1'000'000)
    throw Error("synthetic: " + std::to_string(windows) + " windows asked for, expected " + std::to_string(classes) +
                " to 1000000");
  Dataset d;
  d.channels = 3;
  d.width = width;
  d.rate_hz = rate;
  d.unit = "m/s^2";
  d.channel_names = {"x", "y", "z"};
  d.group_meaning = "subject";
  d.provenance = "generated, seed " + std::to_string(options.seed);
  for (const Motion& motion : motions) d.classes.push_back(motion.name);
  const Random random(options.seed);
  std::array<Subject, subjects> people;
  for (int s = 0; s < subjects; ++s) {
    Random own = random.fork(static_cast<std::uint64_t>(s));
    Subject& person = people[static_cast<std::size_t>(s)];
    person.axis = unit_vector(own);
    person.angle = own.uniform(0, 35 * degree);
    person.pace = own.uniform(0.85, 1.18);
    person.vigour = own.uniform(0.7, 1.35);
  }
  for (int i = 0; i < windows; ++i) {
    const int label = i % classes;
    const int subject = i / classes % subjects;
    append_window(d, motions[label], people[static_cast<std::size_t>(subject)], random.fork(1000 + static_cast<std::uint64_t>(i)));
    d.y.push_back(label);
    d.group.push_back(subject);
  }
  return d;
}

}  // namespace ditmos::data
