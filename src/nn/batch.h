// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace attnscope::nn {

/// The texts of one run, ragged: their tokens stand one after another, without padding.
struct Batch {
  std::vector<std::int64_t> input_ids;       // [tokens]
  std::vector<std::int64_t> token_type_ids;  // [tokens]
  std::vector<std::int64_t> position_ids;    // [tokens]
  // [tokens, hidden_size] in place of the word embeddings; the input ids mean nothing then.
  std::optional<std::vector<float>> inputs_embeds;
  std::optional<std::vector<float>> contexts;  // [tokens, hidden_size], of the first layer that runs
  std::vector<std::int64_t> offsets{0};        // text i is tokens [offsets[i], offsets[i + 1])
  std::vector<std::int64_t> num_unattended;    // [texts]: so many tokens at the end of each are no keys
  std::vector<std::int64_t> pooled_tokens;     // [texts]: the token of each that heads for whole texts read
  std::vector<std::int64_t> squares{0};  // sums of n * n of the texts before: where weights start, per head

  [[nodiscard]] std::int64_t num_texts() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
  [[nodiscard]] std::int64_t num_tokens() const { return offsets.back(); }
  [[nodiscard]] std::int64_t first(std::int64_t text) const {
    return offsets[static_cast<std::size_t>(text)];
  }
  [[nodiscard]] std::int64_t seq_len(std::int64_t text) const { return first(text + 1) - first(text); }
  /// Tokens that are attended to: the first ones.
  [[nodiscard]] std::int64_t num_keys(std::int64_t text) const {
    return seq_len(text) - num_unattended[static_cast<std::size_t>(text)];
  }
  [[nodiscard]] std::int64_t pooled_token(std::int64_t text) const {
    return first(text) + pooled_tokens[static_cast<std::size_t>(text)];
  }
  [[nodiscard]] std::int64_t square(std::int64_t text) const {
    return squares[static_cast<std::size_t>(text)];
  }
  [[nodiscard]] std::int64_t max_seq_len() const;
  /// Whether all texts have the same number of tokens.
  [[nodiscard]] bool is_uniform() const;
  /// Ends a text: the tokens pushed since the last call are its own.
  void close_text(std::int64_t unattended = 0, std::int64_t pooled = 0);
};

}  // namespace attnscope::nn
