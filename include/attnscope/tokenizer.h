// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attnscope {

/// Half-open range of bytes in the user's text, as given.
struct Span {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  [[nodiscard]] bool operator==(const Span&) const = default;
};

/// A tokenized text (or pair). All vectors have one entry a token.
struct Encoding {
  std::vector<std::string> tokens;
  std::vector<std::int64_t> input_ids;
  std::vector<std::int64_t> token_type_ids;
  std::vector<Span> offsets;                          ///< bytes; (0, 0) for tokens that the template added
  std::vector<std::optional<std::int64_t>> word_ids;  ///< null for tokens the template added
  std::vector<std::optional<std::int64_t>> sequence_ids;  ///< 0 first text, 1 second; null as above
  std::vector<std::int64_t> special_tokens_mask;          ///< 1 for tokens that the template added
  [[nodiscard]] std::size_t size() const { return input_ids.size(); }
};

/// What to do with bytes that are not UTF-8.
enum class InvalidUtf8 { refuse, replace };
/// Which text of a pair loses tokens when the whole is too long.
enum class TruncationStrategy { longest_first, only_first, only_second };

struct EncodeOptions {
  bool add_special_tokens = true;
  /// Largest number of tokens, specials included; absent: no truncation (never silent).
  std::optional<std::int64_t> max_length = std::nullopt;
  TruncationStrategy truncation = TruncationStrategy::longest_first;
  InvalidUtf8 invalid_utf8 = InvalidUtf8::refuse;
};

/// BERT WordPiece, equal to the `tokenizers` wheel on every text. Immutable, shared by threads.
///
/// Example:
///   const auto tokenizer = attnscope::Tokenizer::load("builtin:demo");
///   const auto encoding = tokenizer.encode("Angela lives in Paris.");
class Tokenizer {
 public:
  /// `source` as for Model::load: a directory, "builtin:demo", or a hub id in the local cache.
  /// Reads tokenizer.json, else vocab.txt with tokenizer_config.json.
  /// Throws:  CheckpointError, UnsupportedModel, LimitError, HubError.
  [[nodiscard]] static Tokenizer load(const std::string& source);
  /// The same from the texts of the files, by name: "tokenizer.json", or "vocab.txt" and what belongs to it.
  /// `label` stands for the directory in messages.
  [[nodiscard]] static Tokenizer from_memory(const std::map<std::string, std::string>& files,
                                             const std::string& label = "memory");

  /// Throws:  TextError for invalid UTF-8 (code TEXT_UTF8, with the byte offset).
  [[nodiscard]] Encoding encode(std::string_view text, const EncodeOptions& options = {}) const;
  /// Offsets of each token are in the bytes of its own text (see sequence_ids).
  [[nodiscard]] Encoding encode_pair(std::string_view first, std::string_view second,
                                     const EncodeOptions& options = {}) const;
  /// A text that comes in words already (as the `tokenizers` package's is_pretokenized): a word id is the
  /// position of the word, offsets are bytes of the word. `second` is the second of a pair, if not empty.
  [[nodiscard]] Encoding encode_words(const std::vector<std::string>& words,
                                      const std::vector<std::string>& second = {},
                                      const EncodeOptions& options = {}) const;
  /// A text of any length as windows of at most `max_length` tokens, specials included. Each window begins
  /// with the last `stride` tokens (specials aside) of the one before; a text that fits is one window.
  /// max_length and truncation of `options` play no part. Word ids and offsets are those of the whole text.
  /// Throws:  as encode; InvalidArgument (TOK_TRUNC) unless 0 <= stride < max_length less the specials.
  /// Cost:    memory for tokens * max_length / (max_length - specials - stride) tokens.
  /// Example:
  ///   const auto windows = tokenizer.encode_windows(document, 512, 128);
  [[nodiscard]] std::vector<Encoding> encode_windows(std::string_view text, std::int64_t max_length,
                                                     std::int64_t stride,
                                                     const EncodeOptions& options = {}) const;

  [[nodiscard]] std::int64_t vocab_size() const;  ///< with added tokens
  /// One more than the largest id: rows that a word embedding needs. Ids without a token count.
  [[nodiscard]] std::int64_t id_limit() const;
  [[nodiscard]] std::optional<std::int64_t> token_to_id(std::string_view token) const;
  [[nodiscard]] std::optional<std::string> id_to_token(std::int64_t id) const;
  /// model_max_length of tokenizer_config.json where it says one.
  [[nodiscard]] std::optional<std::int64_t> model_max_length() const;
  /// Things worth telling the user (duplicate vocabulary lines, files that disagree, ...).
  [[nodiscard]] const std::vector<std::string>& notices() const;

  struct Impl;  // private to the library
  explicit Tokenizer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace attnscope
