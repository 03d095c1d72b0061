// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "attnscope/tokenizer.h"

namespace attnscope::python {

/// A token of a batch. Offsets count characters here.
struct BatchToken {
  std::int32_t id = 0;
  std::int32_t type_id = 0;
  std::int32_t begin = 0;
  std::int32_t end = 0;
  std::int32_t word = -1;     ///< -1: none
  std::int8_t sequence = -1;  ///< -1: none
  bool special = true;
  bool attended = true;  ///< false for padding
};

/// What fills rows up to one length.
struct Padding {
  std::size_t length = 0;
  std::int32_t id = 0;
  std::int32_t type_id = 0;
  std::string token;
  bool left = false;
};

/// Token strings by id, shared by all batches of a tokenizer.
using TokenStrings = std::shared_ptr<const std::vector<std::string>>;

/// Encodings of many texts in 24 bytes a token: ten million short texts fit. Padding is not stored.
class TokenBatch {
 public:
  explicit TokenBatch(TokenStrings strings) : strings_(std::move(strings)) {}

  /// Adds a row. `sample` is the index of the text that it comes from; a pair has two sequences.
  void append(const Encoding& encoding, std::int64_t sample, int sequences);
  /// Longer rows stay as they are.
  void pad(Padding padding) { padding_ = std::move(padding); }

  [[nodiscard]] std::size_t rows() const { return samples_.size(); }
  [[nodiscard]] std::size_t length(std::size_t row) const;  ///< with padding
  [[nodiscard]] int sequences(std::size_t row) const { return sequences_[row]; }
  [[nodiscard]] BatchToken at(std::size_t row, std::size_t column) const;
  [[nodiscard]] const std::string& text_at(std::size_t row, std::size_t column) const;
  [[nodiscard]] const std::vector<std::int64_t>& samples() const { return samples_; }
  /// The length of all rows, if they have one.
  [[nodiscard]] std::optional<std::size_t> common_length() const;
  /// The longest first row of a text, to which a batch is padded; windows that follow do not count.
  [[nodiscard]] std::size_t longest_first_row() const;
  [[nodiscard]] std::size_t longest_row() const;

 private:
  [[nodiscard]] std::size_t stored(std::size_t row) const { return starts_[row + 1] - starts_[row]; }
  /// Index of a stored token; nothing where padding stands.
  [[nodiscard]] std::optional<std::size_t> index(std::size_t row, std::size_t column) const;

  TokenStrings strings_;
  std::vector<BatchToken> tokens_;
  std::vector<std::size_t> starts_{0};
  std::vector<std::int64_t> samples_;
  std::vector<std::int8_t> sequences_;
  std::unordered_map<std::size_t, std::string> literals_;  ///< tokens that stand as the text has them
  std::optional<Padding> padding_;
};

}  // namespace attnscope::python
