// SPDX-License-Identifier: Apache-2.0
#include "gradients/target.h"

#include <algorithm>
#include <cmath>

#include "core/message.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse(const char* field, const std::string& what, const std::string& hint) {
  throw InvalidArgument(
      problem(ErrorKind::usage, "TARGET", "target").field(field).found("{}", what).hint("{}", hint));
}

void check_index(const char* field, std::int64_t index, std::int64_t count) {
  if (index < 0 || index >= count)
    refuse(field, fmt::format("{} does not exist", index), fmt::format("choose from 0..{}", count - 1));
}

void check_tokens(const TensorView& logits, const std::vector<std::int64_t>& tokens) {
  if (logits.rank() == 1) {
    if (!tokens.empty()) refuse("tokens", "given, but the logits are of the whole text", "leave them out");
    return;
  }
  if (logits.rank() != 2)
    refuse("logits", "of shape " + to_string(logits.shape()), "give [labels] or [n, labels]");
  if (tokens.empty()) refuse("tokens", "none, but every token has logits", "say of which token");
  for (const std::int64_t token : tokens) check_index("tokens", token, logits.size(0));
}

void check(const TensorView& logits, const Target& target) {
  check_tokens(logits, target.tokens);
  check_index("label", target.label, logits.size(-1));
}

/// The logits that compete, and the one that the target names.
struct Choice {
  const float* logits;
  std::int64_t count;
  std::int64_t stride;
  std::int64_t chosen;

  [[nodiscard]] double logit(std::int64_t i) const { return double{logits[i * stride]}; }

  // log of the sum of exp(logit).
  [[nodiscard]] double log_sum() const {
    double largest = -INFINITY;
    for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, logit(i));
    double sum = 0.0;
    for (std::int64_t i = 0; i < count; ++i) sum += std::exp(logit(i) - largest);
    return largest + std::log(sum);
  }
};

std::vector<Choice> choices_of(const TensorView& logits, const Target& target) {
  const float* data = logits.f32();
  if (logits.rank() == 1) return {{data, logits.size(0), 1, target.label}};
  const std::int64_t labels = logits.size(1);
  std::vector<Choice> choices;
  for (const std::int64_t token : target.tokens)
    if (target.share == Target::Share::tokens)
      choices.push_back({data + target.label, logits.size(0), labels, token});
    else
      choices.push_back({data + token * labels, labels, 1, target.label});
  return choices;
}

double value_of(const Choice& choice, Target::Of of) {
  const double logit = choice.logit(choice.chosen);
  if (of == Target::Of::logit) return logit;
  const double log_probability = logit - choice.log_sum();
  if (of == Target::Of::probability) return std::exp(log_probability);
  return of == Target::Of::loss ? -log_probability : log_probability;
}

// Adds the derivative by every logit of the choice; `gradient` lies as the choice's logits.
void add_gradient(const Choice& choice, Target::Of of, float* gradient) {
  if (of == Target::Of::logit) {
    gradient[choice.chosen * choice.stride] += 1.0F;
    return;
  }
  const double log_sum = choice.log_sum();
  const double chosen = std::exp(choice.logit(choice.chosen) - log_sum);
  const double factor = of == Target::Of::probability ? chosen : of == Target::Of::loss ? -1.0 : 1.0;
  for (std::int64_t i = 0; i < choice.count; ++i) {
    const double share = std::exp(choice.logit(i) - log_sum);
    gradient[i * choice.stride] += static_cast<float>(factor * ((i == choice.chosen ? 1.0 : 0.0) - share));
  }
}

}  // namespace

double target_value(const TensorView& logits, const Target& target) {
  const Tensor own = logits.own();
  check(own.view(), target);
  double value = 0.0;
  for (const Choice& choice : choices_of(own.view(), target)) value += value_of(choice, target.of);
  return value;
}

Target predicted_target(const TensorView& logits, const std::vector<std::int64_t>& tokens, Target::Of of) {
  check_tokens(logits, tokens);
  if (logits.size(-1) == 0) refuse("logits", "of shape " + to_string(logits.shape()), "give some labels");
  const Tensor row = (logits.rank() == 1 ? logits : logits.select(0, tokens.front())).own();
  const float* values = row.f32();
  Target target;
  target.of = of;
  target.label = std::max_element(values, values + row.count()) - values;
  target.tokens = tokens;
  return target;
}

Target target_of_model(const Model& model, Target target) {
  const ModelInfo& info = model.info();
  if (model.parts().head.empty())
    throw UnsupportedModel(
        problem(ErrorKind::input, "NO_HEAD", info.source)
            .found("{} has no task head, whose output could be explained", info.architecture)
            .hint("load a model with one"));
  const bool answers = info.task == Task::question_answering;
  target.share = answers ? Target::Share::tokens : Target::Share::labels;
  return target;
}

void target_gradient(const TensorView& logits, const Target& target, float* gradient) {
  check(logits, target);
  std::fill_n(gradient, logits.count(), 0.0F);
  for (const Choice& choice : choices_of(logits, target))
    add_gradient(choice, target.of, gradient + (choice.logits - logits.f32()));
}

}  // namespace attnscope
