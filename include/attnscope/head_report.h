// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attnscope/analysis.h"
#include "attnscope/entities.h"
#include "attnscope/model.h"
#include "attnscope/probe.h"

/// What the heads of a model do on texts, and how much they matter. Texts are added one after another and are
/// not kept: a corpus of any size takes the memory of one batch.
namespace attnscope {

// ---- What heads do ----

/// Means over the query rows of all texts, of one head.
struct HeadSummary {
  std::int64_t layer = 0;
  std::int64_t head = 0;
  analysis::Pattern pattern = analysis::Pattern::mixed;
  analysis::HeadStatistics means;  ///< same_word is 0 unless it was asked for
  double relative_entropy = 0.0;   ///< of entropy / ln n, 0 in a text of one token
  double first_received = 0.0;     ///< of the weight on the first token
};

struct HeadReport {
  std::int64_t num_layers = 0;
  std::int64_t num_heads = 0;
  std::int64_t num_texts = 0;
  std::int64_t num_rows = 0;
  bool has_same_word = false;
  std::vector<HeadSummary> heads;  ///< layer by layer
  Tensor distances;  ///< analysis::HeadDistances, if asked for: [layers * heads, layers * heads]
  Tensor map;        ///< of the distances in the plane: [layers * heads, 2]
  /// The first ten things worth knowing, such as NaN in a text, with the number of the text.
  std::vector<std::string> notices;
};
/// The numbers of a head by name, in the order of tables: "entropy", "relative_entropy", "distance", "max",
/// "self", "previous", "next", "cls", "sep", "punctuation", "same_word" if it was asked for,
/// "first_received".
[[nodiscard]] std::vector<std::pair<std::string, double>> numbers_of(const HeadReport& report,
                                                                     const HeadSummary& head);
/// How many heads follow each pattern, the most frequent first.
[[nodiscard]] std::vector<std::pair<analysis::Pattern, std::int64_t>> count_patterns(
    const HeadReport& report);

struct HeadReportOptions {
  bool same_word = false;            ///< needs weights: the texts cost more
  bool distances = false;            ///< between heads: weights, and (layers * heads)^2 n^2 operations a text
  std::int64_t batch_tokens = 1024;  ///< texts are run together up to so many tokens
};

/// Statistics of heads over texts. Without same_word and distances no weights are stored, and a text costs
/// about what a plain forward costs.
///
/// Example:
///   HeadStatisticsCollector collector;
///   collector.add(run, {tokenizer.encode("Angela lives in Paris.")});
///   const HeadReport report = collector.report();
class HeadStatisticsCollector {
 public:
  explicit HeadStatisticsCollector(const HeadReportOptions& options = {});

  /// Throws:  as Run; the texts of the batch in which it happens do not count.
  void add(Run& run, const std::vector<Encoding>& texts);
  /// Throws:  InvalidArgument (NO_TEXT) if no token was added.
  [[nodiscard]] HeadReport report() const;

 private:
  void add_batch(Run& run, const std::vector<Encoding>& texts);
  void add_statistics(const TextCapture& text);
  void add_weights(const Run& run, const Encoding& text, const TensorView& weights);

  HeadReportOptions options_;
  std::int64_t num_layers_ = 0;
  std::int64_t num_heads_ = 0;
  std::int64_t num_texts_ = 0;
  std::int64_t num_rows_ = 0;
  std::vector<double> sums_;       // [numbers, layers, heads]
  std::vector<double> same_word_;  // [layers, heads]
  std::optional<analysis::HeadDistances> distances_;
  std::vector<std::string> notices_;
};

// ---- How much heads matter ----

enum class ImportanceBy {
  ablation,  ///< the change of the watched value when the head alone is ablated
  gradient   ///< |sum of context x gradient|, as head_sensitivity
};
[[nodiscard]] const char* name(ImportanceBy by);

struct HeadImportanceOptions {
  ImportanceBy by = ImportanceBy::ablation;
  /// How heads are ablated. Its progress is called with the heads of all texts so far, and of num_texts.
  ScanOptions scan = {};
  std::int64_t num_texts = 0;  ///< for progress; 0: not known, and then `all` is 0 too
};

struct HeadImportance {
  Tensor effect;       ///< ablation: mean change over the texts, ablated - unablated: [layers, heads]
  Tensor importance;   ///< mean of its size, or of the gradient's: [layers, heads]
  double value = 0.0;  ///< mean of the watched value, unablated
  std::int64_t num_texts = 0;
};

/// The targets "what the model says now": sequence classification the label, token classification the label
/// of each of `tokens`, question answering start and end among all tokens, masked LM the word at each of
/// `tokens`. `tokens` empty: all.
[[nodiscard]] std::vector<Target> predicted_targets(const TensorView& logits, Task task,
                                                    const std::vector<std::int64_t>& tokens = {},
                                                    Target::Of of = Target::Of::logit);
/// The first piece of each word, in order: what speaks for a word of a token classifier.
[[nodiscard]] std::vector<std::int64_t> first_pieces(const Encoding& text);
/// Loss of a token classifier whose words have these labels; a word that has no piece is left out.
/// Throws:  InvalidArgument (LABEL) for a label that the model does not have.
[[nodiscard]] std::vector<Target> label_targets(const Encoding& text, const std::vector<std::string>& labels,
                                                const ModelInfo& model);

/// Importance of heads for a value: of each text the sum of its targets, divided by the number of their
/// tokens (a target without tokens counts as one).
/// Cost:    ablation: of each text about half of layers * heads forwards. gradient: three forwards a target.
/// Source:  gradient: Michel et al. 2019.
class HeadImportanceCollector {
 public:
  explicit HeadImportanceCollector(const HeadImportanceOptions& options = {});

  /// Targets that are empty stand for predicted_targets at the first pieces of words (in a masked LM at the
  /// masks, if there are any). A text with nothing to watch does not count.
  /// Throws:  UnsupportedModel (NO_HEAD), InvalidArgument (TARGET), and what the progress callback throws:
  /// the
  ///          text does not count then.
  void add(Run& run, const Encoding& text, const std::vector<Target>& targets = {});
  /// Throws:  InvalidArgument (NO_TEXT) if no text was added.
  [[nodiscard]] HeadImportance result() const;

 private:
  HeadImportanceOptions options_;
  std::int64_t num_layers_ = 0;
  std::int64_t num_heads_ = 0;
  std::int64_t num_seen_ = 0;   // texts, for the progress
  std::int64_t num_texts_ = 0;  // texts that count
  double value_ = 0.0;
  std::vector<double> effects_;     // [layers, heads]
  std::vector<double> magnitudes_;  // [layers, heads]
};

/// Labels that a token classifier gives to words, by their first pieces; "O" for a word that has none.
/// Shapes:  logits [n, labels].
[[nodiscard]] std::vector<std::string> word_labels(const Encoding& text, const TensorView& logits,
                                                   const std::vector<std::string>& labels,
                                                   std::int64_t num_words);

struct HeadScores {
  EntityScore unablated;
  std::vector<EntityScore> ablated;  ///< with one head ablated alone: layer by layer
  std::int64_t num_layers = 0;
  std::int64_t num_heads = 0;
  std::int64_t num_texts = 0;
};
/// Precision, recall and F1 over entities of labelled texts, with each head ablated alone.
/// Cost:    as HeadImportanceCollector with ablation.
class HeadScoresCollector {
 public:
  explicit HeadScoresCollector(const HeadImportanceOptions& options = {});

  /// `text` is made by Tokenizer::encode_words of as many words as there are labels; words that were cut off
  /// are answered by "O".
  /// Throws:  UnsupportedModel (NO_LABELS) unless the model is a token classifier; as
  ///          HeadImportanceCollector::add.
  void add(Run& run, const Encoding& text, const std::vector<std::string>& labels);
  [[nodiscard]] const HeadScores& scores() const { return scores_; }

 private:
  HeadImportanceOptions options_;
  HeadScores scores_;
};

}  // namespace attnscope
