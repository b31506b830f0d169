#include "method/teacher.hpp"

#include <algorithm>
#include <cmath>

#include "method/evaluation.hpp"

namespace ditmos::method {

Teacher::Teacher(const nn::NetworkSpec& spec, int members, Random& init) {
  members_.reserve(static_cast<std::size_t>(members));
  for (int k = 0; k < members; ++k) members_.emplace_back(spec, init);
}

Teacher Teacher::copy() const {
  Random unused(0);
  Teacher teacher(member(0).spec(), size(), unused);
  for (int k = 0; k < size(); ++k) teacher.member(k).restore(member(k).save());
  return teacher;
}

std::span<const float> Teacher::answer(const nn::Maps<float>& input) {
  for (auto& member : members_) member.forward(input, nn::Mode::evaluate, nullptr);
  if (members_.size() == 1) return members_[0].logits();
  const std::size_t values = members_[0].logits().size(), classes = static_cast<std::size_t>(members_[0].spec().outputs);
  std::vector<double> one(classes), mean(classes);
  answer_.resize(values);
  for (std::size_t at = 0; at < values; at += classes) {
    std::fill(mean.begin(), mean.end(), 0.0);
    for (const auto& member : members_) {
      softmax(member.logits().subspan(at, classes), one);
      for (std::size_t c = 0; c < classes; ++c) mean[c] += one[c] / static_cast<double>(members_.size());
    }
    for (std::size_t c = 0; c < classes; ++c) answer_[at + c] = static_cast<float>(std::log(std::max(mean[c], 1e-30)));
  }
  return answer_;
}

}  // namespace ditmos::method
