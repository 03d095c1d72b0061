// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/model.h"

namespace attnscope::cli {

enum class Health { ok, warning, error };
[[nodiscard]] const char* name(Health health);  ///< "ok", ...

/// What one check came to.
struct Finding {
  std::string check;  ///< "weights", "class", "finite", "attention", "tokenizer", "unknown", "case", "notes"
  Health health = Health::ok;
  std::string found;
  std::string hint = {};  ///< what to do
};

/// Whether the class is the one that the tensors were saved from, and whether a tensor is left over.
[[nodiscard]] std::vector<Finding> check_weights(const Model& model, const LoadOptions& options);
/// NaN and infinite weights.
[[nodiscard]] Finding check_finite(const Model& model);
/// Attention that is uniform everywhere comes of weights that were never trained.
[[nodiscard]] Finding check_attention(const Model& model, const std::string& sample);
/// Rows of the embedding, unknown words of the sample, capitals.
[[nodiscard]] std::vector<Finding> check_tokenizer(const Model& model, const std::string& sample);

}  // namespace attnscope::cli
