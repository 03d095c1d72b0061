// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/tensor.h"

namespace attnscope {

/// Attention weights of one text, and what their indices stand for.
struct TextWeights {
  TensorView weights;  ///< F32 [layers, heads, rows, n], or [layers, rows, n] of heads that were reduced
  const std::vector<std::int64_t>& layers;
  const std::vector<std::int64_t>& heads;  ///< not looked at if they were reduced
  const std::vector<std::string>& tokens;
  std::optional<std::vector<std::int64_t>> rows = std::nullopt;  ///< the tokens of the rows, if not all
  std::optional<std::int64_t> text = std::nullopt;               ///< its index, if there are several
  std::optional<std::int64_t> window = std::nullopt;             ///< of that text, if texts were cut
};

/// Writes one line for each weight to a file that appears under its name whole or not at all. Columns: text
/// and window (if the first text has them), layer, head (unless reduced), from, to, from_token, to_token,
/// weight. The ending is the format: .csv (fields quoted as RFC 4180 has it), .tsv (\t, \n, \r and
/// \\ escaped) or .jsonl (an object a line). Weights are in the shortest form that reads back to the same
/// float; NaN and infinities are nan and inf, in JSON null.
///
/// Example:
///   const Encoding encoding = model.tokenizer().encode("Angela lives in Paris.");
///   const Captures captures = model.run({encoding}, Request::attentions());
///   WeightTable table("weights.csv");
///   table.add({captures.texts[0].attentions.view(), captures.layers, captures.heads, encoding.tokens});
///   table.commit();
class WeightTable {
 public:
  /// Throws:  InvalidArgument (OUT_ENDING) for another ending; StorageError with the system's reason.
  explicit WeightTable(const std::string& path);
  WeightTable(WeightTable&& other) noexcept;
  WeightTable& operator=(WeightTable&& other) noexcept;
  ~WeightTable();

  /// `poll` is called every 20 ms or so; what it throws ends the work: give the object up then.
  /// Throws:  InvalidArgument (SHAPE) for sizes that do not fit, or if this text has other columns than the
  ///          first; StorageError.
  void add(const TextWeights& text, const std::function<void()>& poll = nullptr);
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether the ending is that of a WeightTable.
[[nodiscard]] bool is_weight_table(const std::string& path);

}  // namespace attnscope
