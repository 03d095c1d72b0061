// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attnscope/tensor.h"

/// Numbers made of attention weights alone, wherever the weights come from. F32 in any strides; sums are
/// taken in double. n is the number of tokens; row = query, column = key. Layers and heads are counted from
/// 0. Results have the same bits whatever the number of threads.
///
/// All functions throw InvalidArgument for another dtype (DTYPE), for sizes that do not fit or are 0 (SHAPE)
/// and for a weight that is negative, infinite or NaN (VALUE); the message names its layer, head and row.
namespace attnscope::analysis {

/// Tokens that belong to a set, one flag a token.
using TokenSet = std::vector<bool>;

// ---- Statistics: weights [..., n, n] -> [...], for example [layers, heads]: the mean over the queries.
// ---- `rows`: the queries to take the mean over, at least one; absent: all.

/// -sum p ln p, in nats; 0 ln 0 = 0.
/// Shapes:  weights [..., n, n].  Returns: [...].
/// Source:  Clark et al. 2019, without their smoothing.
[[nodiscard]] Tensor entropy(const TensorView& weights, const std::optional<TokenSet>& rows = std::nullopt);
/// sum p |query - key|, in tokens.
/// Shapes:  weights [..., n, n].  Returns: [...].
[[nodiscard]] Tensor distance(const TensorView& weights, const std::optional<TokenSet>& rows = std::nullopt);
/// The largest weight.
/// Shapes:  weights [..., n, n].  Returns: [...].
/// Source:  "confidence" of Voita et al. 2019.
[[nodiscard]] Tensor confidence(const TensorView& weights,
                                const std::optional<TokenSet>& rows = std::nullopt);
/// The weight on the keys of a set.
/// Shapes:  weights [..., n, n].  Returns: [...].
[[nodiscard]] Tensor mass_on(const TensorView& weights, const TokenSet& keys,
                             const std::optional<TokenSet>& rows = std::nullopt);
/// The weight on the key at a fixed offset: 0 self, -1 previous, 1 next. A query whose key would lie outside
/// counts with 0.
/// Shapes:  weights [..., n, n].  Returns: [...].
[[nodiscard]] Tensor mass_at_offset(const TensorView& weights, std::int64_t offset,
                                    const std::optional<TokenSet>& rows = std::nullopt);
/// The weight on the other tokens of the query's own word; word_ids as in word_attention.
/// Shapes:  weights [..., n, n].  Returns: [...].
[[nodiscard]] Tensor mass_on_same_word(const TensorView& weights, const std::vector<std::int64_t>& word_ids);

/// For each key the mean over the queries of its weight.
/// Shapes:  weights [..., n, n].  Returns: [..., n].
[[nodiscard]] Tensor received(const TensorView& weights);

/// What a head does, from the statistics above.
enum class Pattern { broad, previous, next, self, cls, sep, punctuation, same_word, mixed };
[[nodiscard]] const char* name(Pattern pattern);  ///< "previous", ...
/// Means over the queries of one head, over one text or many. What is unknown stays 0.
struct HeadStatistics {
  double entropy = 0.0;
  double distance = 0.0;
  double confidence = 0.0;
  double self = 0.0;
  double previous = 0.0;
  double next = 0.0;
  double cls = 0.0;
  double sep = 0.0;
  double punctuation = 0.0;
  double same_word = 0.0;
};
/// The largest of: previous, next or self above 0.5; [CLS], [SEP] or punctuation above 0.6; same word above
/// 0.5. If none is, broad where the entropy is above 3.8 nats, else mixed.
/// Source:  thresholds of Clark et al. 2019; self and same word by analogy.
[[nodiscard]] Pattern pattern(const HeadStatistics& statistics);

// ---- Words

enum class WordRule {
  mean,   ///< from a word: the mean of its pieces' rows (the paper)
  first,  ///< from a word: the row of its first piece (the paper's code)
  max     ///< from and to a word: the largest weight; rows are divided by their sum afterwards
};

/// For each word its first token and one past its last. A word is a run of tokens with one id; a token with
/// -1 (special) is a word of its own.
/// Throws:  InvalidArgument (WORD_IDS) for ids below -1, and for ids that fall without a -1 in between.
[[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> word_ranges(
    const std::vector<std::int64_t>& word_ids);
/// Attention between the words of word_ranges(): to a word the sum over its pieces, from a word by the rule.
/// Rows sum to 1 if those of the weights do.
/// Shapes:  weights [..., n, n]; word_ids: one a token.  Returns: [..., words, words].
/// Source:  Clark et al. 2019, section 4.1.
[[nodiscard]] Tensor word_attention(const TensorView& weights, const std::vector<std::int64_t>& word_ids,
                                    WordRule rule = WordRule::mean);

/// What becomes of the rows when keys are taken away.
enum class Hidden {
  keep_mass,   ///< nothing: they sum to less than before
  renormalise  ///< they are divided by their sum; a row of which nothing is left is 0
};
/// Weights without the rows and columns of a set of tokens, of which it leaves at least one.
/// Shapes:  weights [..., n, n].  Returns: [..., m, m].
[[nodiscard]] Tensor without_tokens(const TensorView& weights, const TokenSet& tokens, Hidden rule);

// ---- Across layers: weights [layers, heads, n, n], or [layers, n, n] of heads that were reduced.
// ---- A_l is the mean over the heads, B_l is A_l + I with rows divided by their sum: (A_l + I)/2 where rows
// ---- of A_l sum to 1.
// ---- `poll` is called on the calling thread every 20 ms or so; what it throws ends the work.

/// Attention rollout, one matrix a layer: R_l = B_l R_(l-1). The last is the usual result. Rows sum to 1.
/// Shapes:  weights [layers, heads, n, n] or [layers, n, n].  Returns: [layers, n, n].
/// Source:  Abnar & Zuidema 2020.
[[nodiscard]] Tensor rollout(const TensorView& weights, const std::function<void()>& poll = nullptr);
/// The products C_l C_(l-1) ... C_0 of matrices as they are: no identity is added, no row divided. How
/// contributions whose rows sum to 1 (ALTI, value zeroing) are carried to the input. Any finite numbers.
/// Shapes:  contributions [layers, n, n].  Returns: [layers, n, n].
[[nodiscard]] Tensor accumulate(const TensorView& contributions, const std::function<void()>& poll = nullptr);
/// Maximum flow from each token of the top layer to each input token, with capacities B_l; rows divided by
/// their sum. With `add_identity` false the capacities are A_l as they are. Flows are exact for capacities
/// rounded to 2^-44 of the largest row sum.
/// Shapes:  weights [layers, heads, n, n] or [layers, n, n].  Returns: [n, n].
/// Cost:    n^2 maximum flows by Dinic's algorithm, on the threads of the process's pool; 8 layers n^2 bytes
///          for each.
/// Source:  Abnar & Zuidema 2020.
[[nodiscard]] Tensor flow(const TensorView& weights, bool add_identity = true,
                          const std::function<void()>& poll = nullptr);

// ---- Comparisons

/// Jensen-Shannon distance of heads: the divergence (nats), summed over queries and texts, after smoothing
/// weights to 0.999 p + 0.001 / n. Add texts one after another; memory does not grow.
/// Cost:    (layers heads n)^2 / 2 logarithms a text, on the threads of the process's pool.
/// Source:  Clark et al. 2019 (their code).
class HeadDistances {
 public:
  HeadDistances(std::int64_t layers, std::int64_t heads);
  /// `poll` as in flow(); what it throws leaves the text partly added: give the object up then.
  /// Shapes:  weights [layers, heads, n, n].
  void add(const TensorView& weights, const std::function<void()>& poll = nullptr);
  /// Symmetric, 0 on the diagonal. Head h of layer l is row l * heads + h.
  /// Returns: [layers * heads, layers * heads].
  [[nodiscard]] Tensor matrix() const;

 private:
  std::int64_t layers_;
  std::int64_t heads_;
  std::vector<double> sums_;
};
/// Points whose distances are near those given. Classical multidimensional scaling; the largest coordinate
/// of each axis is positive.
/// Shapes:  distances [m, m], symmetric; dimensions from 1 to m.  Returns: [m, dimensions].
/// Cost:    O(m^3).
[[nodiscard]] Tensor scale_to_plane(const TensorView& distances, std::int64_t dimensions = 2);
/// Mean Jensen-Shannon divergence (nats) of the rows of two stacks of equal shape.
/// Shapes:  left, right [..., n, n].  Returns: [...].
[[nodiscard]] Tensor divergence(const TensorView& left, const TensorView& right);

/// Kendall's tau-b of two rankings of equal length (at least 2); NaN if one is constant.
/// Throws:  InvalidArgument for a NaN in them.
/// Cost:    O(m log m).
/// Source:  Knight 1966.
[[nodiscard]] double kendall_tau(const std::vector<double>& left, const std::vector<double>& right);
/// Half of the sum of absolute differences of two distributions of equal length.
[[nodiscard]] double total_variation(const std::vector<double>& left, const std::vector<double>& right);
/// Mean over the tokens of the cosine of each pair of states; that with a state of nothing but 0 is 0.
/// Shapes:  hidden_states [states, n, width].  Returns: [states, states].
[[nodiscard]] Tensor state_cosines(const TensorView& hidden_states);
/// Mean over the pairs of different tokens, of which there have to be two, of their cosine, for each state.
/// Shapes:  hidden_states [states, n, width].  Returns: [states].
[[nodiscard]] Tensor token_cosines(const TensorView& hidden_states);

/// Pairs of words that stand for each other in two texts, in order: a longest common subsequence, and before,
/// between and behind its matches what was replaced one for one, where both sides have equally many. Words
/// are compared as bytes.
/// Cost:    O(left * right) time and memory, beginnings and ends that agree left out.
[[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> align_words(
    const std::vector<std::string>& left, const std::vector<std::string>& right);

}  // namespace attnscope::analysis
