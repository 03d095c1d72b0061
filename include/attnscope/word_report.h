// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/analysis.h"
#include "attnscope/entities.h"
#include "attnscope/gradients.h"
#include "attnscope/model.h"

/// Which words a decision looks at, by several measures side by side: attention is not an explanation by
/// itself.
namespace attnscope {

/// How much one word has to do with another.
enum class Measure {
  attention,  ///< attention weights, mean over the chosen layers and heads
  rollout,    ///< attention rollout over the chosen heads, from the input to the last chosen layer
  norms,     ///< vector norms after the layer norm (N-ResLN), rows divided by their sum: accumulated over the
             ///< layers, or the mean of the chosen ones
  gradient,  ///< positive part of attention x gradient, mean over the chosen layers and heads, as shares of
             ///< its row
  leave_one_out  ///< change of the target when [MASK] takes the place of the word; negative: it spoke for it
};
[[nodiscard]] const char* name(Measure measure);  ///< "leave_one_out"
/// All of them, in this order.
[[nodiscard]] const std::vector<Measure>& all_measures();

/// What happens to special tokens ([CLS], [SEP]) in a report.
enum class Specials {
  shown,
  hidden,        ///< left out; the other numbers stay as they are
  renormalised,  ///< left out; what is left of a row is divided by its sum (not leave_one_out)
};
[[nodiscard]] const char* name(Specials specials);  ///< "shown", ...

struct ReportWord {
  std::string text;                    ///< of the user; of a special token the token
  Span span;                           ///< bytes of the text; (0, 0) for a special token
  std::optional<std::int64_t> number;  ///< among the words of the text, from 0; absent for a special token
  std::vector<std::int64_t> tokens;    ///< positions in the encoding
};

struct MeasuredWords {
  Measure measure = Measure::attention;
  std::vector<double> scores;  ///< one a word of the report; NaN where there is none
};

/// Kendall's tau-b between two measures.
struct Agreement {
  Measure left = Measure::attention;
  Measure right = Measure::leave_one_out;
  double tau = 0.0;  ///< NaN for fewer than two words, or if one of them is constant
};

/// What is explained: an entity, a word, the label of a text, or (without any) what all words look at.
struct Focus {
  enum class Kind { entity, word, label, text } kind = Kind::text;
  std::string text;                 ///< "Angela Merkel"; empty for label and text
  std::optional<Entity> entity;     ///< of kind entity
  std::vector<std::int64_t> words;  ///< whose rows are read, as positions in WordReport::words that are shown
  std::string label;                ///< "B-PER"; empty without a target
  std::optional<Target> target;     ///< what gradient and leave_one_out explain: a logit
  double value = 0.0;               ///< of the target
  std::vector<MeasuredWords> measures;
  /// Of every two measures, over the words of the text that are not its own; leave_one_out by its size.
  std::vector<Agreement> agreements;
  std::int64_t compared_words = 0;  ///< how many those are
};
[[nodiscard]] const char* name(Focus::Kind kind);  ///< "entity", ...
/// Whether a word of the report, by its position, is of what is explained. No word is, of the whole text.
[[nodiscard]] bool is_own(const Focus& focus, std::size_t word);

struct WordReportOptions {
  /// Absent: all that the model allows.
  std::optional<std::vector<Measure>> measures = std::nullopt;
  std::optional<std::vector<std::int64_t>> layers = std::nullopt;  ///< absent: all
  std::optional<std::vector<std::int64_t>> heads = std::nullopt;   ///< absent: all
  Specials specials = Specials::shown;
  analysis::WordRule rule = analysis::WordRule::mean;
  Aggregation aggregation = Aggregation::first;
  std::optional<std::string> entity = std::nullopt;  ///< only the entities of this text
  std::optional<std::int64_t> word = std::nullopt;   ///< in place of entities the word of this number
  std::optional<std::int64_t> replacement_id = std::nullopt;  ///< [MASK]; absent: as the tokenizer says
};

struct WordReport {
  std::vector<ReportWord> words;
  std::vector<Entity> entities;
  std::vector<Focus> focuses;
  std::vector<Measure> measures;  ///< in the order of all_measures()
  std::vector<std::int64_t> layers;
  std::vector<std::int64_t> heads;
  bool chosen_layers = false;  ///< not all because none were chosen: norms are not accumulated
  Specials specials = Specials::shown;
  analysis::WordRule rule = analysis::WordRule::mean;
  std::vector<std::string> notices;  ///< what was left out and why; NaN
};

/// Words and entities of a text, and what each entity looks at. Without entities: the label of a sequence
/// classifier, else what each word receives from all words (mean over the words of the text).
/// From an entity of several words the mean of their rows is read (first: the first row, max: the largest
/// weights, divided by their sum).
/// Throws:  InvalidArgument: ENTITY listing the entities there are, RANGE for a word, layer or head, SHAPE if
///          text and encoding do not fit, NO_MASK if leave_one_out is asked for without a [MASK];
///          UnsupportedModel (NO_HEAD) if gradient or leave_one_out is asked for without a task head that
///          gives a number to a word.
/// Cost:    one forward for attention and rollout; norms as in contributions.h; for each entity about three
///          forwards (gradient) and one a word (leave_one_out).
/// Example:
///   const std::string text = "Angela Merkel visited Paris.";
///   Run run(model);
///   const auto report = word_report(run, text, model.tokenizer().encode(text));
[[nodiscard]] WordReport word_report(Run& run, const std::string& text, const Encoding& encoding,
                                     const WordReportOptions& options = {});

/// What a measure of the report is, in a line for people: "mean over all 6 layers and 12 heads".
[[nodiscard]] std::string describe(Measure measure, const WordReport& report);

/// How pieces become words: "To a word: the sum over its pieces; ...".
[[nodiscard]] std::string describe(analysis::WordRule rule);

/// Where the row of a focus goes, by one measure; absent where there is no such word, or where scores cannot
/// be added (leave_one_out).
struct RowShares {
  std::optional<double> special_tokens;
  std::optional<double> itself;
  std::optional<double> words;  ///< of the text, its own left out
};
[[nodiscard]] RowShares row_shares(const WordReport& report, const Focus& focus,
                                   const MeasuredWords& measured);

/// A plain sentence: whether attention agrees with leave-one-out here, by tau and how far chance alone would
/// go with so few words. Empty if one of the two was not measured.
[[nodiscard]] std::string agreement_sentence(const Focus& focus);

}  // namespace attnscope
