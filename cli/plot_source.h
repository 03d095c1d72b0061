// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/tokenizer.h"
#include "plot.h"

namespace attnscope::cli {

/// Attention weights, from a model or from a file.
struct PlotSource {
  std::string name;                  ///< of the file, or the text
  std::optional<Encoding> encoding;  ///< of a text
  std::vector<std::string> tokens;
  std::vector<bool> specials;      ///< tokens that the template added
  std::vector<std::int64_t> rows;  ///< the tokens that the rows of the weights belong to
  Tensor attentions;               ///< [layers, heads, rows, n]; a file's mean or maximum counts as one head
  std::vector<std::int64_t> layers;
  std::vector<std::int64_t> heads;  ///< empty where a file has none
  std::string reduced;              ///< "mean", "max": what the file did with the heads
  std::map<std::string, std::string> metadata;

  /// "mean over 12 heads"
  [[nodiscard]] std::string mean_name() const;
};

[[nodiscard]] bool is_array_file(const std::string& source);

/// Reads the file, or runs the model.
/// Throws:  InvalidArgument (USAGE), CheckpointError for a file without attention weights.
[[nodiscard]] PlotSource open_source(const PlotCommand& command, const std::string& source,
                                     std::int64_t number);

}  // namespace attnscope::cli
