// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/model.h"

namespace attnscope::cli {

struct Entity {
  std::string text;
  std::string label;
};

/// Words whose label is not "O", from the logits of a token classifier; the first piece of a word speaks for
/// it, and neighbouring words of one kind (B-PER, I-PER) are one entity.
/// Shapes: logits [n, labels].
[[nodiscard]] std::vector<Entity> find_entities(const std::string& text, const Encoding& encoding,
                                                const TensorView& logits,
                                                const std::vector<std::string>& labels);

}  // namespace attnscope::cli
