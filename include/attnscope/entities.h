// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/tensor.h"
#include "attnscope/tokenizer.h"

namespace attnscope {

/// A stretch of text that a token classifier gives a kind.
struct Entity {
  std::string kind;  ///< "PER" of "B-PER"
  Span span;         ///< bytes of the text
  std::string text;
  double score = 0.0;                ///< mean probability of the labels of its parts
  std::vector<std::int64_t> tokens;  ///< positions in the encoding, in order
  std::int64_t label = 0;            ///< of its first part, an index into the labels
};

/// Which piece speaks for a word of several; names and meanings of transformers' aggregation_strategy.
enum class Aggregation {
  none,     ///< every token for itself: entities may end inside a word
  simple,   ///< tokens are grouped into entities as they are
  first,    ///< the first piece of a word
  average,  ///< the mean of the pieces' probabilities
  max       ///< the piece with the largest probability
};

/// Entities of a text, from the logits of a token classifier with labels in BIO, IO, BILOU or BIOES.
/// Neighbouring parts of one kind are one entity unless a B, a U (S), or the end by an L (E) is between.
/// Words are told apart as transformers does, by the lengths of a token and its text: a word that lost
/// combining marks counts as a piece of the one before it.
/// Shapes:  logits [n, labels].
/// Throws:  InvalidArgument (SHAPE) if text, encoding, logits and labels do not fit.
/// Source:  transformers' TokenClassificationPipeline, whose result it equals for BIO.
[[nodiscard]] std::vector<Entity> find_entities(const std::string& text, const Encoding& encoding,
                                                const TensorView& logits,
                                                const std::vector<std::string>& labels,
                                                Aggregation aggregation = Aggregation::first);

/// Entities as words [first, last) of one kind.
struct WordEntity {
  std::string kind;
  std::int64_t first = 0;
  std::int64_t last = 0;
  [[nodiscard]] bool operator==(const WordEntity&) const = default;
};
/// Entities that word labels ("B-PER", "O", ...) spell, by the rules above.
[[nodiscard]] std::vector<WordEntity> spell_entities(const std::vector<std::string>& labels);

/// Counts of entities found and expected, for precision, recall and F1 as seqeval computes them (micro).
struct EntityScore {
  std::int64_t correct = 0;
  std::int64_t found = 0;
  std::int64_t expected = 0;
  void add(const std::vector<std::string>& found_labels, const std::vector<std::string>& expected_labels);
  [[nodiscard]] double precision() const;
  [[nodiscard]] double recall() const;
  [[nodiscard]] double f1() const;  ///< 0 when nothing is correct
};

/// A sentence of a labelled file.
struct LabelledSentence {
  std::vector<std::string> words;
  std::vector<std::string> labels;
  std::int64_t line = 0;  ///< of its first word, from 1
};
/// Reads CoNLL columns: a word a line, columns apart by tabs or blanks, the word first and the label last; an
/// empty line ends a sentence; lines that begin with "-DOCSTART-" are left out, and before the first word of
/// a sentence those that begin with "# ". Constant memory.
/// Example:
///   ConllReader reader("dev.conll");
///   while (auto sentence = reader.next()) use(*sentence);
class ConllReader {
 public:
  /// Throws:  StorageError.
  explicit ConllReader(const std::string& path);
  ConllReader(ConllReader&&) noexcept;
  ~ConllReader();
  /// Nothing at the end.
  /// Throws:  TextError (CONLL_LINE) naming file and line: fewer than two columns, a label that is neither O
  ///          nor PREFIX-KIND, bytes that are not UTF-8, a line over 1 MiB, a sentence over 100,000 words;
  ///          StorageError.
  [[nodiscard]] std::optional<LabelledSentence> next();
  [[nodiscard]] std::optional<double> fraction() const;  ///< read so far, 0 to 1; nothing for a pipe

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace attnscope
