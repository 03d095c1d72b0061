// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "attnscope/gradients.h"
#include "attnscope/model.h"

namespace attnscope {

struct PerturbedText {
  Sequence text;
  Target target;
};

/// Takes the meaning of tokens of a text away: they become another token, or are left out.
class Perturbation {
 public:
  /// `replacement_id` absent: tokens are left out.
  /// Throws InvalidArgument: TARGET for a token of the target that is not there, EMBEDS for a replacement in
  /// a text of inputs_embeds.
  Perturbation(const Model& model, const Sequence& text, const Target& target,
               std::optional<std::int64_t> replacement_id);

  /// A flag for each token of a group.
  /// Throws InvalidArgument (GROUP) for a token that is not there.
  [[nodiscard]] std::vector<bool> flags(const std::vector<std::int64_t>& group, std::size_t index) const;
  /// The text without the meaning of the flagged tokens; nothing if that would leave out a token that the
  /// target reads.
  [[nodiscard]] std::optional<PerturbedText> without(const std::vector<bool>& tokens) const;

 private:
  [[nodiscard]] Sequence replaced(const std::vector<bool>& tokens) const;
  [[nodiscard]] PerturbedText left_out(const std::vector<bool>& tokens) const;

  Sequence text_;
  Target target_;
  std::optional<std::int64_t> replacement_id_;
  std::int64_t num_tokens_;
  std::vector<std::int64_t> read_;  // tokens that the target reads
};

}  // namespace attnscope
