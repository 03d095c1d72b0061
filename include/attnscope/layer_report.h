// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attnscope/analysis.h"
#include "attnscope/model.h"

/// What the layers of a model do on a text, and how the attention of two texts, layers or models differs.
namespace attnscope {

/// Means over heads and query rows of one layer.
struct LayerSummary {
  std::int64_t layer = 0;
  double entropy = 0.0;           ///< nats
  double relative_entropy = 0.0;  ///< entropy / ln n
  double distance = 0.0;          ///< tokens
  double cls = 0.0;               ///< weight on [CLS]
  double sep = 0.0;
  double head_divergence = 0.0;      ///< mean Jensen-Shannon divergence (nats) of two heads, over all pairs
  double previous_divergence = 0.0;  ///< of the mean over heads from that of the layer before; NaN in layer 0
  double state_cosine = 0.0;         ///< of the hidden states behind and before the layer, mean over tokens
  double token_cosine = 0.0;         ///< of two tokens' states behind the layer, mean over all pairs
};
/// The numbers of a layer by name, in the order of tables.
[[nodiscard]] std::vector<std::pair<std::string, double>> numbers_of(const LayerSummary& layer);

struct LayerReport {
  std::vector<LayerSummary> layers;
  std::vector<std::int64_t> tokens;  ///< whose rows rollout and flow are
  Tensor rollout;                    ///< mean of their rows up to each layer: [layers, n]
  Tensor flow;                       ///< the same of the maximum flow, if asked for
  Tensor state_cosines;              ///< [layers + 1, layers + 1], the embeddings first
  Tensor token_cosines;              ///< [layers + 1]
  std::vector<std::string> notices;
};

struct LayerReportOptions {
  std::vector<std::int64_t> tokens = {0};  ///< for example the pieces of a word
  bool flow = false;                       ///< costs n^2 maximum flows a layer
  std::function<void()> poll = nullptr;    ///< called every 20 ms or so beside the run; may throw
};
/// Throws:  InvalidArgument (RANGE) for a token that the text does not have.
/// Cost:    one run with all weights and hidden states; memory layers * heads * n^2 floats.
[[nodiscard]] LayerReport layer_report(Run& run, const Encoding& text,
                                       const LayerReportOptions& options = {});

// ---- Differences ----

/// Attention between the words or the tokens of a text.
struct NamedAttention {
  std::vector<std::string> names;  ///< of words, as the text has them; of special tokens, the token
  Tensor weights;                  ///< [layers, heads, m, m]
};
/// Between words: analysis::word_attention (mean rule); special tokens are words of their own.
/// Shapes:  weights [layers, heads, n, n].
[[nodiscard]] NamedAttention attention_of_words(const std::string& text, const Encoding& encoding,
                                                const TensorView& weights);
[[nodiscard]] NamedAttention attention_of_tokens(const Encoding& encoding, const TensorView& weights);

/// A place where two maps differ.
struct AttentionChange {
  std::int64_t left_layer = 0;
  std::int64_t right_layer = 0;
  std::optional<std::int64_t> head;  ///< absent: mean over the heads
  std::int64_t from = 0;             ///< position among the aligned pairs
  std::int64_t to = 0;
  double left = 0.0;
  double right = 0.0;
};

struct DifferenceReport {
  std::vector<std::string> left_names;
  std::vector<std::string> right_names;
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;   ///< aligned: positions in the names
  std::vector<std::pair<std::int64_t, std::int64_t>> layers;  ///< compared: left and right
  bool by_head = true;                                        ///< else means over the heads were compared
  Tensor left;             ///< attention between aligned words: [layers, heads or 1, pairs, pairs]
  Tensor right;            ///< of the same shape
  Tensor mean_difference;  ///< mean of |right - left| over the pairs of aligned words: [layers, heads or 1]
  std::vector<AttentionChange> strongest;  ///< largest |right - left| first
};

struct DifferenceOptions {
  std::int64_t strongest = 10;  ///< so many places at most
};
/// Two texts in one model, or one text in two models. Words are aligned by analysis::align_words; attention
/// from or to a word without a partner is left out, so rows need not sum to 1. Heads are compared one by one
/// where both sides have equally many layers and heads, else means over the heads; of models of unequal depth
/// the layers at equal shares of the depth are compared.
/// Throws:  InvalidArgument (ALIGN) if nothing can be aligned.
[[nodiscard]] DifferenceReport difference(const NamedAttention& left, const NamedAttention& right,
                                          const DifferenceOptions& options = {});
/// Two layers of one text, by the mean over their heads: head 3 of one layer is no partner of head 3 of
/// another.
/// Throws:  InvalidArgument (RANGE) for a layer that is not there.
[[nodiscard]] DifferenceReport layer_difference(const NamedAttention& attention, std::int64_t left_layer,
                                                std::int64_t right_layer,
                                                const DifferenceOptions& options = {});

}  // namespace attnscope
