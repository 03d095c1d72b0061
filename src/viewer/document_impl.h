// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/viewer.h"

namespace attnscope {

/// All that the bytes of a document are made of.
struct Document::Impl {
  std::string text;
  Encoding encoding;
  Tensor attentions;      // [layers, heads, n, n]
  Tensor queries;         // [layers, heads, n, head_dim]; empty for attention from elsewhere
  Tensor keys;            // as queries
  Tensor rollout;         // [layers, n, n]
  Tensor head_distances;  // [layers * heads, layers * heads]; empty where there are none
  Tensor head_map;        // [layers * heads, 2]
  std::optional<WordReport> words;
  PageData data = PageData::full;
  std::int64_t top_k = 0;
  bool query_key = false;  // among the parts of a file
  std::string report;

  [[nodiscard]] std::int64_t num_layers() const { return attentions.size(0); }
  [[nodiscard]] std::int64_t num_heads() const { return attentions.size(1); }
  [[nodiscard]] std::int64_t num_tokens() const { return attentions.size(2); }
  /// Side of the pooled maps of `overview`.
  [[nodiscard]] std::int64_t overview_size() const;
  [[nodiscard]] std::vector<std::string> part_names() const;
};

/// Sets how the weights are carried: as the options say, else by the number of tokens.
/// Throws:  InvalidArgument: TOP_K, and VALUE for u8 or topk with rows that do not sum to 1.
void choose_data(Document::Impl& document, const DocumentOptions& options);

/// Whether distances between heads are worth their time, and there are two heads.
[[nodiscard]] bool has_head_map(std::int64_t heads_of_all_layers, std::int64_t tokens);

/// Bytes of one of the parts that docs/viewer_format.md lists.
/// Throws:  InvalidArgument (PART).
[[nodiscard]] std::string part_bytes(const Document::Impl& document, const std::string& name);

}  // namespace attnscope
