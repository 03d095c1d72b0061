// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "attnscope/checkpoint.h"
#include "attnscope/error.h"
#include "health.h"

namespace attnscope::cli {
namespace {

constexpr std::size_t kShownNames = 4;
constexpr double kUniform = 0.97;             // of the largest entropy there can be
constexpr std::int64_t kTokensOfNoText = 12;  // where there is no tokenizer

/// Parts of BERT that its task classes do not have: leaving them over is usual.
bool is_usual(const std::string& tensor) {
  return tensor.find("pooler.") != std::string::npos || tensor.find("seq_relationship.") != std::string::npos;
}

std::vector<std::string> unusual(std::vector<std::string> tensors) {
  std::erase_if(tensors, is_usual);
  return tensors;
}

std::string listed(const std::vector<std::string>& names) {
  const std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShownNames)));
  return fmt::format("{}{}", fmt::join(shown, ", "), names.size() > shown.size() ? ", ..." : "");
}

/// The class that leaves fewest tensors over, if it leaves over none but the usual.
std::optional<ModelInfo> class_that_fits(const std::string& source, LoadOptions options) {
  constexpr std::array kTasks{Task::none, Task::masked_lm, Task::sequence_classification,
                              Task::token_classification, Task::question_answering};
  std::optional<ModelInfo> best;
  for (const Task task : kTasks) {
    options.task = task;
    try {
      const ModelInfo info = Model::load(source, options).info();
      if (!unusual(info.unused_tensors).empty()) continue;
      if (!best || info.unused_tensors.size() < best->unused_tensors.size()) best = info;
    } catch (const CheckpointError&) {
      continue;  // it lacks a tensor
    }
  }
  return best;
}

/// The first weight that is NaN or infinite: "path.weight, element 3".
std::string first_not_finite(const Model& model) {
  for (const ModuleInfo& module : model.modules())
    for (const ParameterInfo& parameter : module.parameters) {
      const Tensor value = parameter.value();
      if (const auto index = find_non_finite(value.view()))
        return fmt::format("{}.{}, element {}", module.path, parameter.name, *index);
    }
  return "";
}

Sequence some_ids(const ModelInfo& info) {
  Sequence text;
  for (std::int64_t token = 0; token < std::min(kTokensOfNoText, info.max_positions); ++token)
    text.input_ids.push_back(7 * token % info.vocab_size);
  return text;
}

Sequence sequence_of(const Model& model, const std::string& sample) {
  EncodeOptions options;
  options.max_length = model.info().max_positions;
  try {
    const Encoding encoding = model.tokenizer().encode(sample, options);
    return {encoding.input_ids, encoding.token_type_ids};
  } catch (const CheckpointError&) {
    return some_ids(model.info());  // check_tokenizer tells
  }
}

/// Of each head the mean entropy of its rows as a share of the largest there can be; the smallest of them.
/// Shapes:  entropy [layers, heads, n].
double smallest_relative_entropy(const TensorView& entropy) {
  const std::int64_t n = entropy.size(2);
  const double largest = static_cast<double>(n) * std::log(static_cast<double>(n));
  double smallest = std::numeric_limits<double>::infinity();
  for (std::int64_t layer = 0; layer < entropy.size(0); ++layer)
    for (std::int64_t head = 0; head < entropy.size(1); ++head) {
      double sum = 0.0;
      for (std::int64_t row = 0; row < n; ++row) sum += static_cast<double>(entropy.at({layer, head, row}));
      smallest = std::min(smallest, sum / largest);
    }
  return smallest;
}

}  // namespace

const char* name(Health health) {
  constexpr std::array kNames{"ok", "warning", "error"};
  return kNames[static_cast<std::size_t>(health)];
}

std::vector<Finding> check_weights(const Model& model, const LoadOptions& options) {
  const ModelInfo& info = model.info();
  const std::vector<std::string> left = unusual(info.unused_tensors);
  const std::string left_over = fmt::format("{} tensors are not used: {}", left.size(), listed(left));
  if (left.empty()) {
    const std::string usual = info.unused_tensors.empty() ? "no tensor is missing, none is left over"
                                                          : "no tensor is missing; not used, as is usual: " +
                                                                listed(info.unused_tensors);
    return {{"weights", Health::ok, usual}, {"class", Health::ok, info.architecture}};
  }
  if (const auto better = class_that_fits(info.source, options))
    return {
        {"weights", Health::warning, left_over},
        {"class", Health::error,
         fmt::format("read as {}, but the tensors are those of {}", info.architecture, better->architecture),
         fmt::format("write \"architectures\": [\"{}\"] into config.json, or load that class",
                     better->architecture)}};
  return {{"weights", Health::warning, left_over, "look whether config.json belongs to these weights"},
          {"class", Health::ok, info.architecture}};
}

Finding check_finite(const Model& model) {
  const std::string place = first_not_finite(model);
  if (place.empty()) return {"finite", Health::ok, "no weight is NaN or infinite"};
  return {"finite", Health::error, place + " is NaN or infinite",
          "the training has diverged or the file is damaged: take another checkpoint"};
}

Finding check_attention(const Model& model, const std::string& sample) {
  Request request;
  request.statistics = {Statistic::entropy};
  const Sequence text = sequence_of(model, sample);
  const Captures captures = Run(model)({text}, request);
  const double smallest = smallest_relative_entropy(captures.texts.front().statistics.view().select(0, 0));
  if (!std::isfinite(smallest)) return {"attention", Health::error, "is NaN", "see the check 'finite'"};
  const std::string share = fmt::format("{:.0f} % of the entropy of uniform attention", 100.0 * smallest);
  if (smallest < kUniform) return {"attention", Health::ok, "the sharpest head has " + share};
  return {
      "attention", Health::error,
      fmt::format("is uniform: even the sharpest head has {}, over {} tokens", share, text.input_ids.size()),
      "these weights look random, not trained: take another checkpoint, or the class it was saved from"};
}

}  // namespace attnscope::cli
