// SPDX-License-Identifier: Apache-2.0
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "attnscope/head_report.h"
#include "core/message.h"
#include "probe/scan_progress.h"

namespace attnscope {
namespace {

std::int64_t largest(const float* values, std::int64_t count, std::int64_t stride = 1) {
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < count; ++i)
    if (values[i * stride] > values[best * stride]) best = i;
  return best;
}

std::vector<std::int64_t> all_tokens(std::int64_t count) {
  std::vector<std::int64_t> tokens;
  for (std::int64_t token = 0; token < count; ++token) tokens.push_back(token);
  return tokens;
}

/// Tokens by their label, as targets.
std::vector<Target> grouped(const std::map<std::int64_t, std::vector<std::int64_t>>& tokens_of,
                            Target::Of of) {
  std::vector<Target> targets;
  for (const auto& [label, tokens] : tokens_of) targets.push_back({of, label, tokens});
  return targets;
}

/// What HeadImportanceCollector watches of a text unless it is told: the tokens.
std::vector<std::int64_t> watched_tokens(const Model& model, const Encoding& text) {
  if (model.info().task == Task::masked_lm) {
    const auto mask = model.tokenizer().token_to_id("[MASK]");
    std::vector<std::int64_t> masks;
    for (std::size_t token = 0; token < text.size(); ++token)
      if (text.input_ids[token] == mask) masks.push_back(static_cast<std::int64_t>(token));
    if (!masks.empty()) return masks;
  }
  return first_pieces(text);
}

bool is_per_token(Task task) { return task == Task::token_classification || task == Task::masked_lm; }

double num_watched(const std::vector<Target>& targets) {
  std::size_t count = 0;
  for (const Target& target : targets) count += std::max<std::size_t>(1, target.tokens.size());
  return static_cast<double>(count);
}

Sequence sequence_of(const Encoding& text) {
  return {.input_ids = text.input_ids, .token_type_ids = text.token_type_ids};
}

/// The targets of a text for which none are given.
std::vector<Target> usual_targets(const Model& model, const Encoding& text, const Tensor& logits) {
  const Task task = model.info().task;
  return predicted_targets(logits.view(), task,
                           is_per_token(task) ? watched_tokens(model, text) : std::vector<std::int64_t>{});
}

Tensor logits_of(Run& run, const Encoding& text) {
  Request request;
  request.logits = true;
  return run(std::vector<Encoding>{text}, request).texts[0].logits;
}

void refuse_without_head(const ModelInfo& model) {
  if (model.task != Task::none) return;
  throw UnsupportedModel(
      problem(ErrorKind::input, "NO_HEAD", "head importance")
          .found("'{}' has no task head, so there is nothing to see an effect in", model.architecture)
          .hint("load a checkpoint with a classifier"));
}

/// What one text says.
struct Watched {
  double value = 0.0;
  std::vector<double> effects;  // [layers, heads], signed
};

Watched by_ablation(Run& run, const Encoding& text, std::vector<Target> targets, const ScanOptions& options) {
  const Model model = run.model();
  const AblationScan scan = ablation_scan(run, sequence_of(text), options);
  if (targets.empty()) targets = usual_targets(model, text, scan.logits);
  const double watched = num_watched(targets);
  Watched found;
  found.effects.resize(static_cast<std::size_t>(scan.ablated.size(0) * scan.ablated.size(1)));
  for (const Target& target : targets) {
    found.value += target_value(scan.logits.view(), target) / watched;
    const Tensor effects = ablation_effects(scan, target);
    for (std::size_t head = 0; head < found.effects.size(); ++head)
      found.effects[head] += static_cast<double>(effects.f32()[head]) / watched;
  }
  return found;
}

// <context, gradient> of each head, summed over tokens and features.
void add_products(const TextGradients& text, double factor, std::vector<double>& effects) {
  const Shape& shape = text.contexts.shape();  // [layers, n, heads, head_dim]
  const float* context = text.contexts.f32();
  const float* gradient = text.context_gradients.f32();
  for (std::int64_t layer = 0; layer < shape[0]; ++layer)
    for (std::int64_t token = 0; token < shape[1]; ++token)
      for (std::int64_t head = 0; head < shape[2]; ++head)
        for (std::int64_t i = 0; i < shape[3]; ++i, ++context, ++gradient)
          effects[static_cast<std::size_t>(layer * shape[2] + head)] +=
              factor * static_cast<double>(*context) * static_cast<double>(*gradient);
}

Watched by_gradient(Run& run, const Encoding& text, std::vector<Target> targets) {
  const Model model = run.model();
  const ModelInfo& info = model.info();
  if (targets.empty()) targets = usual_targets(model, text, logits_of(run, text));
  const double factor = 1.0 / num_watched(targets);
  Watched found;
  found.effects.resize(static_cast<std::size_t>(info.num_layers * info.num_heads));
  for (const Target& target : targets) {
    const auto results = gradients(run, {sequence_of(text)}, {target}, {.contexts = true});
    found.value += factor * results[0].value;
    add_products(results[0], factor, found.effects);
  }
  return found;
}

Tensor means_of(const std::vector<double>& sums, std::int64_t layers, std::int64_t heads,
                std::int64_t texts) {
  Tensor means({layers, heads});
  std::transform(sums.begin(), sums.end(), means.mutable_view().f32(),
                 [texts](double sum) { return static_cast<float>(sum / static_cast<double>(texts)); });
  return means;
}

}  // namespace

const char* name(ImportanceBy by) { return by == ImportanceBy::ablation ? "ablation" : "gradient"; }

std::vector<std::int64_t> first_pieces(const Encoding& text) {
  std::vector<std::int64_t> tokens;
  for (std::size_t token = 0; token < text.size(); ++token) {
    const bool begins = token == 0 || text.word_ids[token] != text.word_ids[token - 1] ||
                        text.sequence_ids[token] != text.sequence_ids[token - 1];
    if (text.word_ids[token] && begins) tokens.push_back(static_cast<std::int64_t>(token));
  }
  return tokens;
}

std::vector<Target> predicted_targets(const TensorView& logits, Task task,
                                      const std::vector<std::int64_t>& tokens, Target::Of of) {
  const Tensor owned = logits.own();
  const float* values = owned.f32();
  if (task == Task::sequence_classification) return {{of, largest(values, owned.count()), {}}};
  const std::int64_t width = owned.size(1);
  if (task == Task::question_answering)  // [n, 2]
    return {{of, 0, {largest(values, owned.size(0), width)}},
            {of, 1, {largest(values + 1, owned.size(0), width)}}};
  std::map<std::int64_t, std::vector<std::int64_t>> tokens_of;
  for (const std::int64_t token : tokens.empty() ? all_tokens(owned.size(0)) : tokens)
    tokens_of[largest(values + token * width, width)].push_back(token);
  return grouped(tokens_of, of);
}

std::vector<Target> label_targets(const Encoding& text, const std::vector<std::string>& labels,
                                  const ModelInfo& model) {
  std::map<std::int64_t, std::vector<std::int64_t>> tokens_of;
  for (const std::int64_t token : first_pieces(text)) {
    const auto word = static_cast<std::size_t>(*text.word_ids[static_cast<std::size_t>(token)]);
    if (word >= labels.size()) continue;
    const auto known = std::find(model.labels.begin(), model.labels.end(), labels[word]);
    if (known == model.labels.end())
      throw InvalidArgument(problem(ErrorKind::usage, "LABEL", "labels")
                                .at(fmt::format("word {}", word))
                                .found("the model has no label '{}'", labels[word])
                                .hint("its labels are: {}", fmt::join(model.labels, ", ")));
    tokens_of[known - model.labels.begin()].push_back(token);
  }
  return grouped(tokens_of, Target::Of::loss);
}

HeadImportanceCollector::HeadImportanceCollector(const HeadImportanceOptions& options) : options_(options) {}

void HeadImportanceCollector::add(Run& run, const Encoding& text, const std::vector<Target>& targets) {
  const Model model = run.model();
  refuse_without_head(model.info());
  num_layers_ = model.info().num_layers;
  num_heads_ = model.info().num_heads;
  const auto heads = static_cast<std::size_t>(num_layers_ * num_heads_);
  effects_.resize(heads);
  magnitudes_.resize(heads);
  const std::int64_t seen = num_seen_++;
  if (targets.empty() && is_per_token(model.info().task) && watched_tokens(model, text).empty()) return;
  const ScanOptions scan = scan_of_text(options_, seen, num_layers_ * num_heads_);
  const Watched found = options_.by == ImportanceBy::ablation ? by_ablation(run, text, targets, scan)
                                                              : by_gradient(run, text, targets);
  ++num_texts_;
  value_ += found.value;
  for (std::size_t head = 0; head < heads; ++head) {
    effects_[head] += found.effects[head];
    magnitudes_[head] += std::abs(found.effects[head]);
  }
  if (options_.by == ImportanceBy::gradient && scan.progress)
    scan.progress(num_layers_ * num_heads_, num_layers_ * num_heads_);
}

HeadImportance HeadImportanceCollector::result() const {
  if (num_texts_ == 0)
    throw InvalidArgument(problem(ErrorKind::usage, "NO_TEXT", "head importance")
                              .found("there is nothing to watch: no text was added, or none has a word")
                              .hint("add a text with words"));
  HeadImportance result;
  if (options_.by == ImportanceBy::ablation)
    result.effect = means_of(effects_, num_layers_, num_heads_, num_texts_);
  result.importance = means_of(magnitudes_, num_layers_, num_heads_, num_texts_);
  result.value = value_ / static_cast<double>(num_texts_);
  result.num_texts = num_texts_;
  return result;
}

}  // namespace attnscope
