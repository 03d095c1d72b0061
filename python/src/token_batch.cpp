// SPDX-License-Identifier: Apache-2.0
#include "token_batch.h"

#include <algorithm>

namespace attnscope::python {
namespace {

BatchToken token_of(const Encoding& encoding, std::size_t i) {
  BatchToken token;
  token.id = static_cast<std::int32_t>(encoding.input_ids[i]);
  token.type_id = static_cast<std::int32_t>(encoding.token_type_ids[i]);
  token.begin = static_cast<std::int32_t>(encoding.offsets[i].begin);
  token.end = static_cast<std::int32_t>(encoding.offsets[i].end);
  token.word = static_cast<std::int32_t>(encoding.word_ids[i].value_or(-1));
  token.sequence = static_cast<std::int8_t>(encoding.sequence_ids[i].value_or(-1));
  token.special = encoding.special_tokens_mask[i] != 0;
  return token;
}

}  // namespace

void TokenBatch::append(const Encoding& encoding, std::int64_t sample, int sequences) {
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    const std::string& text = encoding.tokens[i];
    if ((*strings_)[static_cast<std::size_t>(encoding.input_ids[i])] != text)
      literals_.emplace(tokens_.size(), text);
    tokens_.push_back(token_of(encoding, i));
  }
  starts_.push_back(tokens_.size());
  samples_.push_back(sample);
  sequences_.push_back(static_cast<std::int8_t>(sequences));
}

std::size_t TokenBatch::length(std::size_t row) const {
  return std::max(stored(row), padding_ ? padding_->length : 0);
}

std::optional<std::size_t> TokenBatch::index(std::size_t row, std::size_t column) const {
  const std::size_t before = padding_ && padding_->left ? length(row) - stored(row) : 0;
  if (column < before || column - before >= stored(row)) return std::nullopt;
  return starts_[row] + column - before;
}

BatchToken TokenBatch::at(std::size_t row, std::size_t column) const {
  if (const auto found = index(row, column)) return tokens_[*found];
  BatchToken token;
  token.id = padding_->id;
  token.type_id = padding_->type_id;
  token.attended = false;
  return token;
}

const std::string& TokenBatch::text_at(std::size_t row, std::size_t column) const {
  const auto found = index(row, column);
  if (!found) return padding_->token;
  const auto literal = literals_.find(*found);
  return literal != literals_.end() ? literal->second
                                    : (*strings_)[static_cast<std::size_t>(tokens_[*found].id)];
}

std::optional<std::size_t> TokenBatch::common_length() const {
  if (rows() == 0) return std::nullopt;
  for (std::size_t row = 1; row < rows(); ++row)
    if (length(row) != length(0)) return std::nullopt;
  return length(0);
}

std::size_t TokenBatch::longest_first_row() const {
  std::size_t longest = 0;
  for (std::size_t row = 0; row < rows(); ++row)
    if (row == 0 || samples_[row] != samples_[row - 1]) longest = std::max(longest, stored(row));
  return longest;
}

std::size_t TokenBatch::longest_row() const {
  std::size_t longest = 0;
  for (std::size_t row = 0; row < rows(); ++row) longest = std::max(longest, length(row));
  return longest;
}

}  // namespace attnscope::python
