// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/assemble.h"

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

/// Appends the first `count` tokens of a text.
void append_text(const TokenizerDefinition& definition, const TextTokens& text, std::size_t count,
                 const TemplatePiece& piece, Encoding& encoding) {
  const std::int64_t sequence = piece.kind == TemplatePiece::Kind::second ? 1 : 0;
  auto literal = text.literals.begin();
  for (std::size_t i = 0; i < count; ++i) {
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

  Encoding encoding;
  reserve(encoding, kept.total() + specials);
  for (const TemplatePiece& piece : pieces) {
    if (piece.kind == TemplatePiece::Kind::first) append_text(definition, first, kept.first, piece, encoding);
    if (piece.kind == TemplatePiece::Kind::second)
      append_text(definition, *second, *kept.second, piece, encoding);
    if (piece.kind == TemplatePiece::Kind::specials && options.add_special_tokens)
      append_specials(piece, encoding);
  }
  return encoding;
}

}  // namespace attnscope
