// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/assemble.h"

#include <algorithm>

#include "tokenizer/truncation.h"

namespace attnscope {
namespace {

void reserve(Encoding& encoding, std::size_t count) {
  encoding.tokens.reserve(count);
  encoding.input_ids.reserve(count);
  encoding.token_type_ids.reserve(count);
  encoding.offsets.reserve(count);
  encoding.word_ids.reserve(count);
  encoding.sequence_ids.reserve(count);
  encoding.special_tokens_mask.reserve(count);
}

void append_specials(const TemplatePiece& piece, Encoding& encoding) {
  for (const SpecialToken& special : piece.specials) {
    encoding.tokens.push_back(special.token);
    encoding.input_ids.push_back(special.id);
    encoding.token_type_ids.push_back(piece.type_id);
    encoding.offsets.emplace_back();
    encoding.word_ids.emplace_back();
    encoding.sequence_ids.emplace_back();
    encoding.special_tokens_mask.push_back(1);
  }
}

const std::string& content_of(const TokenizerDefinition& definition, std::uint32_t id) {
  const std::string* const token = definition.vocabulary.token(id);
  return token != nullptr ? *token : definition.added_tokens.find(id)->content;
}

/// The tokens of a text that go into an encoding.
struct Part {
  const TextTokens& text;
  TokenRange range;
};

void append_text(const TokenizerDefinition& definition, const Part& part, const TemplatePiece& piece,
                 Encoding& encoding) {
  const std::int64_t sequence = piece.kind == TemplatePiece::Kind::second ? 1 : 0;
  const TextTokens& text = part.text;
  auto literal = std::ranges::lower_bound(text.literals, part.range.begin, {}, &TextTokens::Literal::index);
  for (std::size_t i = part.range.begin; i < part.range.end; ++i) {
    const TextToken& token = text.tokens[i];
    const bool is_literal = literal != text.literals.end() && literal->index == i;
    encoding.tokens.push_back(is_literal ? (literal++)->text : content_of(definition, token.id));
    encoding.input_ids.push_back(token.id);
    encoding.token_type_ids.push_back(piece.type_id);
    encoding.offsets.push_back({token.begin, token.end});
    encoding.word_ids.emplace_back(token.word);
    encoding.sequence_ids.emplace_back(sequence);
    encoding.special_tokens_mask.push_back(0);
  }
}

/// Puts one text, or a pair, into a template.
Encoding fill(const TokenizerDefinition& definition, const Template& pieces, bool add_special_tokens,
              const Part& first, const Part* second) {
  using Kind = TemplatePiece::Kind;
  Encoding encoding;
  reserve(encoding,
          first.range.size() + (second != nullptr ? second->range.size() : 0) + count_specials(pieces));
  for (const TemplatePiece& piece : pieces) {
    if (piece.kind == Kind::first) append_text(definition, first, piece, encoding);
    if (piece.kind == Kind::second) append_text(definition, *second, piece, encoding);
    if (piece.kind == Kind::specials && add_special_tokens) append_specials(piece, encoding);
  }
  return encoding;
}

SequenceLengths kept_lengths(const TextTokens& first, const TextTokens* second, std::size_t specials,
                             const EncodeOptions& options) {
  SequenceLengths lengths{first.tokens.size(), std::nullopt};
  if (second != nullptr) lengths.second = second->tokens.size();
  if (!options.max_length) return lengths;
  return truncate(lengths, length_budget(*options.max_length, specials), options.truncation);
}

}  // namespace

Encoding assemble(const TokenizerDefinition& definition, const TextTokens& first, const TextTokens* second,
                  const EncodeOptions& options) {
  const PostProcessor& processor = definition.post_processor;
  const Template& pieces = second == nullptr ? processor.single : processor.pair;
  const std::size_t specials = options.add_special_tokens ? count_specials(pieces) : 0;
  const SequenceLengths kept = kept_lengths(first, second, specials, options);
  const Part first_part{first, {0, kept.first}};
  if (second == nullptr) return fill(definition, pieces, options.add_special_tokens, first_part, nullptr);
  const Part second_part{*second, {0, *kept.second}};
  return fill(definition, pieces, options.add_special_tokens, first_part, &second_part);
}

std::vector<Encoding> assemble_windows(const TokenizerDefinition& definition, const TextTokens& text,
                                       const WindowSize& size, bool add_special_tokens) {
  const Template& pieces = definition.post_processor.single;
  const std::size_t budget = length_budget(size.max_length, add_special_tokens ? count_specials(pieces) : 0);
  std::vector<Encoding> encodings;
  for (const TokenRange& range : overlapping_windows(text.tokens.size(), budget, size.stride)) {
    encodings.push_back(fill(definition, pieces, add_special_tokens, {text, range}, nullptr));
  }
  return encodings;
}

}  // namespace attnscope
