// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "attnscope/model.h"
#include "attnscope/tensor.h"

namespace attnscope {

/// A number that a model gives for a text, to be explained or differentiated.
struct Target {
  enum class Of {
    logit,
    probability,  ///< softmax over what `share` says
    log_probability,
    loss  ///< -log probability
  };
  Of of = Of::logit;
  std::int64_t label = 0;  ///< label, word of the vocabulary, or for question answering 0 start, 1 end
  /// Tokens whose numbers are added up; for sequence classification empty.
  std::vector<std::int64_t> tokens = {};
  /// What a probability is a share of: the labels of the token or text, or the tokens of the text (question
  /// answering). Functions that are given a Run set it as the model's task says.
  enum class Share { labels, tokens } share = Share::labels;
};

/// The value of a target in logits that a run gave ([n, labels] or [labels]).
/// Throws:  InvalidArgument (TARGET) for a label or token that is not there.
[[nodiscard]] double target_value(const TensorView& logits, const Target& target);

/// The target "what the model says now" of one text: the label with the largest logit, at `tokens`
/// (sequence classification: none). For several tokens the label of the first.
[[nodiscard]] Target predicted_target(const TensorView& logits, const std::vector<std::int64_t>& tokens = {},
                                      Target::Of of = Target::Of::logit);

/// What to differentiate by. All of a text of n tokens.
struct GradientRequest {
  bool attentions = false;  ///< weights of every layer, as if each were an input
  bool contexts = false;    ///< each head's weights times values
  bool inputs_embeds = false;
  bool hidden_states = false;
};

struct TextGradients {
  double value = 0.0;              ///< of the target
  Tensor logits;                   ///< as in TextCapture
  Tensor attentions;               ///< the weights themselves [layers, heads, n, n], with `attentions`
  Tensor attention_gradients;      ///< [layers, heads, n, n]
  Tensor contexts;                 ///< [layers, n, heads, head_dim]
  Tensor context_gradients;        ///< [layers, n, heads, head_dim]
  Tensor inputs_embeds;            ///< rows of the word embeddings [n, hidden_size]
  Tensor inputs_embeds_gradients;  ///< [n, hidden_size]
  Tensor hidden_state_gradients;   ///< [layers + 1, n, hidden_size]
};

/// Runs texts forward and back through the encoder and the task head, up to 1024 tokens at once.
///
/// The hooks apply that the run has when the function is called. A number that a hook changed is a constant:
/// it has a gradient itself, what the model had computed in its place has none. Numbers that a hook left as
/// they were stay functions of what lies before. The columns of unattended tokens are not read, so their
/// weights have gradient 0. In a bf16 model rounding counts as the identity, and the way back is fp32.
/// Throws:  UnsupportedModel (NO_HEAD) for a model without a task head; InvalidArgument (TARGET) for a label
///          or token that is not there, or another number of targets than of texts.
/// Cost:    about three forwards; memory for every activation of the texts that run together.
/// Source:  the gradients equal torch autograd's within 1e-4 of their largest (tests/oracle).
[[nodiscard]] std::vector<TextGradients> gradients(Run& run, const std::vector<Sequence>& texts,
                                                   const std::vector<Target>& targets,
                                                   const GradientRequest& request);

// ---- Methods on top: one score a token or a weight ----

/// Sum over the width of embedding x its gradient: [n]. Source: Denil et al. 2014.
[[nodiscard]] Tensor gradient_x_input(Run& run, const Sequence& text, const Target& target);

struct PathOptions {
  std::int64_t steps = 64;
  /// Integration rule: left as AttAttr's code, middle for the least error.
  enum class Rule { left, middle } rule = Rule::middle;
};
/// Integrated gradients from `baseline` (rows in place of the word embeddings [n, hidden_size]) to the text.
struct IntegratedGradients {
  Tensor scores;  ///< [n]; their sum is value - baseline_value, but for the steps' error
  double value = 0.0;
  double baseline_value = 0.0;
};
/// Hooks on the word embeddings see the text once and no step.
/// Throws:  as gradients; InvalidArgument (BASELINE) for another shape, (RANGE) for less than one step.
/// Cost:    `steps` times gradients, in batches.
/// Source:  Sundararajan et al. 2017.
[[nodiscard]] IntegratedGradients integrated_gradients(Run& run, const Sequence& text, const Target& target,
                                                       const Tensor& baseline,
                                                       const PathOptions& options = {});
/// The usual baseline of a text of ids: every token's embedding is that of `baseline_id` (for example
/// [MASK]'s or [PAD]'s), tokens that are flagged (specials) keep theirs.
[[nodiscard]] Tensor baseline_embeddings(const Model& model, const Sequence& text, std::int64_t baseline_id,
                                         const std::vector<std::int64_t>& kept_mask);

/// Weight x gradient: [layers, heads, n, n].
[[nodiscard]] Tensor gradient_x_attention(Run& run, const Sequence& text, const Target& target);

/// Attention attribution: A * integral over a of the gradient at a A, one layer's weights scaled at a time,
/// all of its heads together, after the hooks of the run. Of a hook that replaced the context of a layer
/// nothing is left while the weights of that layer are scaled: the context follows from them.
struct AttentionAttribution {
  Tensor scores;         ///< [layers, heads, n, n]
  double value = 0.0;    ///< of the target
  Tensor value_without;  ///< [layers]: with the layer's weights at 0; the sum of its scores is the difference
};
/// Throws:  as gradients; InvalidArgument (RANGE) for less than one step.
/// Cost:    layers * steps times gradients, in batches; on average half of the way back.
/// Source:  AttAttr, Hao et al. 2021.
[[nodiscard]] AttentionAttribution attention_attribution(Run& run, const Sequence& text, const Target& target,
                                                         const PathOptions& options = {});

/// Relevance of every input token for every token [n, n]: R <- R + mean_h (grad A * A)^+ R, from R = I.
/// Neither the diagonal is removed nor rows are normalised.  Source: Chefer et al. 2021 (generic attention
/// explainability), self-attention only.
[[nodiscard]] Tensor relevance_propagation(Run& run, const Sequence& text, const Target& target);

/// Head importance |sum_i <context_i, gradient_i>| of one text: [layers, heads]. Mean over texts is the
/// caller's.  Source: Michel et al. 2019.
[[nodiscard]] Tensor head_sensitivity(Run& run, const Sequence& text, const Target& target);

}  // namespace attnscope
