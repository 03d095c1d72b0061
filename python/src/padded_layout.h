// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "attnscope/hooks.h"
#include "attnscope/model.h"
#include "attnscope/tensor.h"

namespace attnscope::python {

/// The padded arrays of one call, as Python gives them. Empty: not given.
struct PaddedInputs {
  Tensor input_ids;       ///< I64 [batch, seq]
  Tensor attention_mask;  ///< I64 [batch, seq], 1 = attend
  Tensor token_type_ids;  ///< I64 [batch, seq]
  Tensor position_ids;    ///< I64 [batch or 1, seq]
  Tensor inputs_embeds;   ///< F32 [batch, seq, hidden_size]
};

/// Whether the model reads the first token of every text, masked or not.
enum class FirstToken { plain, pooled };

/// Which tokens of a run show in a padded array.
enum class Tokens { attended, all };

/// Where the tokens of a run stand in the padded arrays: the engine works on the attended tokens only, Python
/// sees [batch, seq] with zeros elsewhere.
///
/// A text whose first token is masked and pooled keeps that token as its last one, which attends and is not
/// attended to: Hugging Face's models read that row.
class PaddedLayout {
 public:
  PaddedLayout(const PaddedInputs& inputs, FirstToken first_token);
  /// Texts that were never padded, as if padded on the right.
  explicit PaddedLayout(std::vector<Sequence> texts);

  [[nodiscard]] const std::vector<Sequence>& sequences() const { return sequences_; }
  [[nodiscard]] std::int64_t batch() const { return batch_; }
  [[nodiscard]] std::int64_t seq_len() const { return seq_len_; }
  /// Whether every text has all its columns, so that arrays of one text are rows of the padded ones.
  [[nodiscard]] bool is_dense() const { return is_dense_; }

  /// A padded copy [batch, ...] of an activation.
  [[nodiscard]] Tensor padded(const Activation& activation) const;
  /// The same of the rows that are equal in all texts, as positions are: [1, seq, ...].
  [[nodiscard]] Tensor padded_once(const Activation& activation) const;
  /// The shape of padded().
  [[nodiscard]] Shape padded_shape(const Shape& of_text, const std::vector<int>& token_dims) const;
  /// The part of one text out of a padded array, in the shape of Activation::text.
  [[nodiscard]] Tensor part(const TensorView& padded, const std::vector<int>& token_dims,
                            std::int64_t text) const;
  /// Writes what a run computed for a text into its place; `target` is [...] of that text, zeroed before.
  void place(const TensorView& of_text, const std::vector<int>& token_dims, std::int64_t text, Tokens tokens,
             const MutableTensorView& target) const;

 private:
  void add_text(const PaddedInputs& inputs, std::int64_t text, FirstToken first_token);

  std::int64_t batch_;
  std::int64_t seq_len_;
  bool is_dense_ = true;
  std::vector<std::vector<std::int64_t>> columns_;  // of every token, in the order of the run
  std::vector<std::int64_t> hidden_;                // tokens at the end of a text that only the pooler sees
  std::vector<Sequence> sequences_;
};

}  // namespace attnscope::python
