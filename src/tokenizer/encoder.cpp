// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/encoder.h"

#include <algorithm>
#include <utility>

namespace attnscope {
namespace {

/// Text is normalized in pieces of about this size, so that memory follows the tokens and not the text.
constexpr std::size_t kChunkBytes = 16384;

bool is_blank(char byte) { return byte == ' ' || byte == '\n' || byte == '\t'; }

}  // namespace

/// One text on its way through the encoder.
class Encoder::Pass {
 public:
  Pass(const Encoder& encoder, std::string_view text) : encoder_(encoder), text_(text) {}

  TextTokens run() {
    for (const Segment& segment : encoder_.literal_matcher_.split(text_)) {
      if (segment.token == nullptr) {
        add_plain(segment.begin, segment.end);
      } else {
        add_token(*segment.token, source_range(segment.begin, segment.end),
                  text_.substr(segment.begin, segment.end - segment.begin));
      }
    }
    return std::move(result_);
  }

 private:
  static SourceRange source_range(std::size_t begin, std::size_t end) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }

  /// A chunk ends before a blank: words, and runs of combining marks, do not reach over it. Without a
  /// pre-tokenizer there are no words, and tokens looked for in normalized text may hold blanks.
  [[nodiscard]] std::size_t chunk_end(std::size_t begin, std::size_t end) const {
    const bool whole =
        encoder_.definition_.pre_tokenizer == PreTokenizer::none || !encoder_.normalized_matcher_.empty();
    if (whole || end - begin <= kChunkBytes) return end;
    const auto from = text_.begin() + static_cast<std::ptrdiff_t>(begin + kChunkBytes);
    const auto to = text_.begin() + static_cast<std::ptrdiff_t>(end);
    return static_cast<std::size_t>(std::find_if(from, to, is_blank) - text_.begin());
  }

  void add_plain(std::size_t begin, std::size_t end) {
    while (begin < end) {
      const std::size_t stop = chunk_end(begin, end);
      normalized_.clear();
      encoder_.normalizer_.append(text_, begin, stop, normalized_);
      add_normalized();
      begin = stop;
    }
  }

  void add_normalized() {
    for (const Segment& segment : encoder_.normalized_matcher_.split(normalized_.text)) {
      if (segment.token == nullptr) {
        add_words(segment.begin, segment.end);
      } else {
        add_token(*segment.token, normalized_.source(segment.begin, segment.end),
                  std::string_view(normalized_.text).substr(segment.begin, segment.end - segment.begin));
      }
    }
  }

  void add_words(std::size_t begin, std::size_t end) {
    words_.clear();
    split_words(encoder_.definition_.pre_tokenizer, normalized_.text, begin, end, words_);
    for (const Word& word : words_) add_word(word);
  }

  void add_word(const Word& word) {
    pieces_.clear();
    encoder_.wordpiece_.append_pieces(
        std::string_view(normalized_.text).substr(word.begin, word.end - word.begin), pieces_);
    for (const Piece& piece : pieces_) {
      const SourceRange source = normalized_.source(word.begin + piece.begin, word.begin + piece.end);
      result_.tokens.push_back({piece.id, source.begin, source.end, word_count_});
    }
    ++word_count_;
  }

  void add_token(const AddedToken& token, SourceRange source, std::string_view text) {
    if (text != token.content) result_.literals.push_back({result_.tokens.size(), std::string(text)});
    result_.tokens.push_back({token.id, source.begin, source.end, word_count_++});
  }

  const Encoder& encoder_;
  std::string_view text_;
  TextTokens result_;
  std::uint32_t word_count_ = 0;
  NormalizedText normalized_;  // the rest is kept for its memory
  std::vector<Word> words_;
  std::vector<Piece> pieces_;
};

Encoder::Encoder(const TokenizerDefinition& definition)
    : definition_(definition),
      normalizer_(definition.normalizer),
      wordpiece_(definition.vocabulary, definition.wordpiece) {
  add_matchers();
}

/// Special tokens come first: of two tokens that look for the same text the first is found.
void Encoder::add_matchers() {
  for (const bool special : {true, false}) {
    for (const AddedToken& token : definition_.added_tokens.tokens()) {
      if (token.special != special) continue;
      if (token.normalized) {
        normalized_matcher_.add(normalizer_.normalize(token.content), token);
      } else {
        literal_matcher_.add(token.content, token);
      }
    }
  }
}

TextTokens Encoder::encode(std::string_view text) const { return Pass(*this, text).run(); }

}  // namespace attnscope
