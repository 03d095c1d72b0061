// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace attnscope::nn {

/// The query rows of the attention weights that are wanted, of all texts one after another.
struct QueryRows {
  std::vector<std::int64_t> offsets{0};    // rows of text i are [offsets[i], offsets[i + 1])
  std::vector<std::int64_t> positions;     // [rows]: the token of its text
  std::vector<std::int64_t> tokens;        // [rows]: the token of the batch
  std::vector<std::int64_t> row_of_token;  // [tokens]: which row of its text, -1 if it has none

  [[nodiscard]] std::int64_t first(std::int64_t text) const {
    return offsets[static_cast<std::size_t>(text)];
  }
  [[nodiscard]] std::int64_t count(std::int64_t text) const { return first(text + 1) - first(text); }
  [[nodiscard]] std::int64_t total() const { return offsets.back(); }
};

/// What of the network has to be computed.
struct Plan {
  std::optional<std::int64_t> first_layer = std::nullopt;  ///< runs first, on the states that were given
  std::int64_t num_layers = 0;                             ///< layers that run; those after them do not
  bool last_is_weights_only = false;             ///< the last of them ends with its attention weights
  bool last_is_pooled = false;                   ///< of the last only the pooled tokens are wanted
  bool after_encoder = true;                     ///< pooler and task head
  std::vector<std::int64_t> heads = {};          ///< whose weights are wanted, in this order
  std::optional<QueryRows> rows = std::nullopt;  ///< absent: every token is a row
  bool sums_keys = false;                        ///< what each key receives is wanted
  bool combines_heads = false;                   ///< the weights of the heads are added up, in their order

  [[nodiscard]] bool pooled_only(std::int64_t layer) const {
    return last_is_pooled && layer == num_layers - 1;
  }
  [[nodiscard]] bool weights_only(std::int64_t layer) const {
    return last_is_weights_only && layer == num_layers - 1;
  }
};

}  // namespace attnscope::nn
