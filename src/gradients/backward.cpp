// SPDX-License-Identifier: Apache-2.0
#include "gradients/backward.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "gradients/kept_gradients.h"
#include "gradients/layer_backward.h"
#include "gradients/target.h"
#include "nn/activation.h"
#include "nn/parallel.h"
#include "nn/threads.h"

namespace attnscope {
namespace {

/// The way back from the logits of one run.
class Backward {
 public:
  Backward(Run& run, const Recording& recording, const nn::Batch& batch,
           std::optional<std::int64_t> only_layer, KeptGradients& kept)
      : run_(run),
        model_(run.model()),
        parts_(model_.parts()),
        layer_list_(parent_path(parts_.layers.front().layer)),
        recording_(recording),
        changes_(recording.changes()),
        batch_(batch),
        only_layer_(only_layer),
        kept_(kept),
        poll_(run.options().poll),
        tokens_(batch.num_tokens()),
        width_(model_.info().hidden_size),
        num_layers_(static_cast<std::int64_t>(parts_.layers.size())) {}

  /// `gradient`: of the logits, [tokens or texts, labels].
  void walk(Tensor gradient) {
    gradient = head(gradient);  // [tokens, hidden_size], as from here on
    changes_.leave(layer_list_, parts_.head.front().linear, data(gradient), gradient.count());
    for (std::int64_t layer = num_layers_ - 1; layer >= 0; --layer) {
      kept_.hidden_state(layer + 1, gradient);
      gradient = this->layer(layer, gradient);
      if (only_layer_ == layer) return;
    }
    kept_.hidden_state(0, gradient);
    if (kept_.wants_inputs_embeds()) embeddings(gradient);
  }

 private:
  static float* data(Tensor& tensor) { return tensor.mutable_view().f32(); }
  [[nodiscard]] Tensor rows(std::int64_t count, std::int64_t width) { return run_.memory({count, width}); }

  [[nodiscard]] Tensor weight(const std::string& path) const {
    return model_.module(path).parameters.front().value();
  }

  // ---- the kinds of layers

  [[nodiscard]] Tensor linear(const std::string& path, const Tensor& gradient) {
    const Tensor matrix = weight(path);
    Tensor result = rows(gradient.size(0), matrix.size(1));
    linear_backward(matrix, gradient.f32(), gradient.size(0), data(result), poll_);
    return result;
  }

  void norm(const std::string& path, Tensor& gradient) {
    layer_norm_backward(weight(path), parts_.layer_norm_eps, recording_.value(path).f32(), gradient.size(0),
                        data(gradient), poll_);
    changes_.cut_input(path, 0, data(gradient), gradient.count());
  }

  void activation(const std::string& kind, const std::string& recorded, Tensor& gradient) {
    activation_backward(nn::activation_kind(kind).function, recording_.value(recorded).f32(),
                        gradient.count(), data(gradient), poll_);
  }

  void add(Tensor& sum, const Tensor& term) {
    nn::parallel_rows(poll_, sum.count(), 1, [&](std::int64_t first, std::int64_t last) {
      float* target = data(sum) + first;
      kernels::add(target, term.f32() + first, target, last - first);
    });
  }

  // From the gradient of what `producer` made to that of what reached `consumer`, or the other way round.
  void leave(const std::string& producer, const std::string& consumer, Tensor& gradient) {
    changes_.leave(producer, consumer, data(gradient), gradient.count());
  }
  void enter(const std::string& consumer, const std::string& producer, Tensor& gradient) {
    changes_.enter(consumer, producer, data(gradient), gradient.count());
  }

  // ---- the task head

  [[nodiscard]] Tensor head(Tensor gradient) {
    leave_model(gradient);
    for (std::size_t i = parts_.head.size(); i-- > 0;) {
      const std::string producer = i == 0 ? layer_list_ : last_module(parts_.head[i - 1]);
      gradient = head_step(parts_.head[i], gradient);
      if (i == 0 && parts_.head_is_pooled) {
        enter(parts_.head[i].linear, producer, gradient);
        gradient = unpooled(gradient);
      }
      enter(parts_.head[i].linear, producer, gradient);
      if (i > 0) leave(producer, parts_.head[i].linear, gradient);
    }
    return gradient;
  }

  static const std::string& last_module(const HeadStep& step) {
    if (!step.norm.empty()) return step.norm;
    return step.activation_module.empty() ? step.linear : step.activation_module;
  }

  // Changes where the logits leave the model.
  void leave_model(Tensor& gradient) {
    const std::string& last = last_module(parts_.head.back());
    leave(last, "", gradient);
    if (model_.info().task == Task::question_answering)
      leave_as_columns(gradient);
    else
      changes_.cut_output("", 0, data(gradient), gradient.count());
  }

  // Start and end logits are two outputs of one number a token.
  void leave_as_columns(Tensor& gradient) {
    for (std::int64_t column = 0; column < 2; ++column) {
      std::vector<float> values(static_cast<std::size_t>(tokens_));
      for (std::int64_t i = 0; i < tokens_; ++i)
        values[static_cast<std::size_t>(i)] = gradient.f32()[2 * i + column];
      changes_.cut_output("", static_cast<std::size_t>(column), values.data(), tokens_);
      for (std::int64_t i = 0; i < tokens_; ++i)
        data(gradient)[2 * i + column] = values[static_cast<std::size_t>(i)];
    }
  }

  [[nodiscard]] Tensor head_step(const HeadStep& step, Tensor gradient) {
    const bool has_module = !step.activation_module.empty();
    if (!step.norm.empty()) {
      norm(step.norm, gradient);
      leave(has_module ? step.activation_module : step.linear, step.norm, gradient);
    }
    if (!step.activation.empty())
      activation(step.activation, has_module ? step.activation_module : step.linear, gradient);
    if (has_module) {
      enter(step.activation_module, step.linear, gradient);
      leave(step.linear, step.activation_module, gradient);
    } else {
      changes_.cut_output(step.linear, 0, data(gradient), gradient.count());
    }
    return linear(step.linear, gradient);
  }

  // [texts, hidden_size] -> [tokens, hidden_size]
  [[nodiscard]] Tensor unpooled(const Tensor& gradient) {
    Tensor result({tokens_, width_});
    for (std::int64_t text = 0; text < batch_.num_texts(); ++text)
      std::copy_n(gradient.f32() + text * width_, width_, data(result) + batch_.pooled_token(text) * width_);
    return result;
  }

  // ---- the encoder

  [[nodiscard]] Tensor layer(std::int64_t index, Tensor gradient) {
    const LayerParts& parts = parts_.layers[static_cast<std::size_t>(index)];
    leave(parts.output_norm, layer_list_, gradient);
    gradient = feed_forward(parts, gradient);
    leave(parts.attention_norm, parts.up, gradient);
    norm(parts.attention_norm, gradient);
    Tensor beside = gradient.view().own();
    changes_.enter_beside(parts.attention_norm, layer_list_, data(beside), beside.count());
    leave(parts.output, parts.attention_norm, gradient);
    gradient = linear(parts.output, gradient);
    const std::optional<Tensor> through = attention(parts, index, gradient);
    if (!through.has_value()) return {};
    add(beside, *through);
    return beside;
  }

  // From the output of the layer to the output of the norm in its middle.
  [[nodiscard]] Tensor feed_forward(const LayerParts& parts, Tensor gradient) {
    norm(parts.output_norm, gradient);
    Tensor beside = gradient.view().own();
    changes_.enter_beside(parts.output_norm, parts.attention_norm, data(beside), beside.count());
    leave(parts.down, parts.output_norm, gradient);
    gradient = linear(parts.down, gradient);
    enter(parts.down, parts.activation, gradient);
    leave(parts.activation, parts.down, gradient);
    activation(parts_.activation, parts.activation, gradient);
    enter(parts.activation, parts.up, gradient);
    leave(parts.up, parts.activation, gradient);
    gradient = linear(parts.up, gradient);
    enter(parts.up, parts.attention_norm, gradient);
    add(gradient, beside);
    return gradient;
  }

  // From the context to the input of query, key and value; nothing if the walk ends at the weights.
  [[nodiscard]] std::optional<Tensor> attention(const LayerParts& parts, std::int64_t index,
                                                Tensor& context) {
    enter(parts.output, parts.attn, context);
    const std::string around = parent_path(parts.attn);
    leave(around, parts.output, context);
    kept_.contexts(index, context);
    changes_.cut_output(parts.attn, 1, data(context), context.count());
    const bool is_end = only_layer_ == index;
    std::array<Tensor, 3> inputs;  // query, key, value
    if (!is_end)
      for (Tensor& input : inputs) input = rows(tokens_, width_);
    const auto memory = [&](std::size_t i) { return is_end ? nullptr : data(inputs[i]); };
    attention_backward({.record = recording_.attention(parts.attn),
                        .batch = batch_,
                        .num_heads = model_.info().num_heads,
                        .width = width_,
                        .context_gradient = context.f32(),
                        .weights_mask = changes_.output_mask(parts.attn, 0),
                        .weights_gradient = kept_.weights(index),
                        .query_gradient = memory(0),
                        .key_gradient = memory(1),
                        .value_gradient = memory(2)},
                       poll_);
    if (is_end) return std::nullopt;
    return projections(parts, inputs);
  }

  [[nodiscard]] Tensor projections(const LayerParts& parts, std::array<Tensor, 3>& inputs) {
    const std::array paths{&parts.query, &parts.key, &parts.value};
    Tensor sum;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      changes_.cut_input(parts.attn, i, data(inputs[i]), inputs[i].count());
      leave(*paths[i], parts.attn, inputs[i]);
      Tensor term = linear(*paths[i], inputs[i]);
      enter(*paths[i], layer_list_, term);
      if (i == 0)
        sum = term;
      else
        add(sum, term);
    }
    return sum;
  }

  void embeddings(Tensor& gradient) {
    enter(layer_list_, parts_.embedding_norm, gradient);
    leave(parts_.embedding_norm, layer_list_, gradient);
    norm(parts_.embedding_norm, gradient);
    kept_.inputs_embeds(gradient);
  }

  Run& run_;
  Model model_;
  const EncoderParts& parts_;
  std::string layer_list_;
  const Recording& recording_;
  const Changes& changes_;
  const nn::Batch& batch_;
  std::optional<std::int64_t> only_layer_;
  KeptGradients& kept_;
  Poll poll_;
  std::int64_t tokens_;
  std::int64_t width_;
  std::int64_t num_layers_;
};

// Gradient of the logits of all texts: [tokens or texts, labels].
Tensor logits_gradient(Run& run, const std::vector<TextCapture>& captures,
                       const std::vector<Target>& targets) {
  const std::int64_t labels = captures.front().logits.size(-1);
  std::int64_t count = 0;
  for (const TextCapture& capture : captures) count += capture.logits.count();
  Tensor gradient = run.memory({count / std::max<std::int64_t>(1, labels), labels});
  float* memory = gradient.mutable_view().f32();
  for (std::size_t i = 0; i < captures.size(); ++i) {
    target_gradient(captures[i].logits.view(), targets[i], memory);
    memory += captures[i].logits.count();
  }
  return gradient;
}

std::vector<TextGradients> run_together(Run& run, const std::vector<Sequence>& texts,
                                        const std::vector<Target>& targets, const BackwardRequest& request) {
  const nn::Batch batch = batch_of(texts);
  const Recording recording(run);
  Request logits;
  logits.logits = true;
  const Captures captures = run(texts, logits);
  const nn::ThreadCount threads(run.options().threads);
  KeptGradients kept(run.model(), request, recording, batch);
  Backward(run, recording, batch, request.only_layer, kept)
      .walk(logits_gradient(run, captures.texts, targets));
  std::vector<TextGradients> results = kept.take();
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].value = target_value(captures.texts[i].logits.view(), targets[i]);
    results[i].logits = captures.texts[i].logits;
  }
  return results;
}

/// Texts [first, last) of a list that run together.
struct TextRange {
  std::size_t first;
  std::size_t last;
};

std::vector<TextRange> ranges_of(const std::vector<Sequence>& texts) {
  std::vector<TextRange> ranges;
  std::int64_t tokens = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::int64_t length = batch_of({texts[i]}).num_tokens();
    if (ranges.empty() || tokens + length > kTokensAtOnce) {
      ranges.push_back({i, i});
      tokens = 0;
    }
    ++ranges.back().last;
    tokens += length;
  }
  return ranges;
}

}  // namespace

std::vector<TextGradients> run_backward(Run& run, const std::vector<Sequence>& texts,
                                        const std::vector<Target>& targets, const BackwardRequest& request) {
  std::vector<TextGradients> results;
  for (const TextRange& range : ranges_of(texts)) {
    const auto part = [range](const auto& list) {
      const auto begin = list.begin();
      return std::vector(begin + static_cast<std::ptrdiff_t>(range.first),
                         begin + static_cast<std::ptrdiff_t>(range.last));
    };
    std::vector<TextGradients> some = run_together(run, part(texts), part(targets), request);
    std::move(some.begin(), some.end(), std::back_inserter(results));
  }
  return results;
}

}  // namespace attnscope
