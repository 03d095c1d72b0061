// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "attnscope/interventions.h"
#include "attnscope/model.h"
#include "windows.h"

namespace attnscope::cli {

/// One text with what was asked for and what was computed.
struct TextResult {
  std::int64_t index = 0;
  bool one_of_several = false;
  const Encoding& encoding;
  const Request& request;
  const TextCapture& capture;
  const std::vector<std::int64_t>& layers;  ///< of the attention weights
  const std::vector<std::int64_t>& heads;
  std::optional<std::vector<std::int64_t>> rows =
      std::nullopt;                                 ///< positions of its rows, if some are chosen
  std::optional<WindowPlace> place = std::nullopt;  ///< of a window, with --stride
};

/// Where the results of `attnscope run` go.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void add(const TextResult& result) = 0;
  virtual void finish() {}
};

/// Arrays in a file, under the names of the contract (docs/format.md).
[[nodiscard]] std::unique_ptr<ResultSink> array_sink(const std::string& path, const ModelInfo& model,
                                                     Reduce reduce, const Interventions& edits = {});
/// One line a weight, in a file that ends in .csv, .tsv or .jsonl.
[[nodiscard]] std::unique_ptr<ResultSink> table_sink(const std::string& path);
/// Shapes and strongest weights on stdout.
[[nodiscard]] std::unique_ptr<ResultSink> summary_sink();
/// The same as one JSON object a text.
[[nodiscard]] std::unique_ptr<ResultSink> json_sink();

}  // namespace attnscope::cli
