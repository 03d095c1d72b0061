// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "attnscope/gradients.h"
#include "attnscope/model.h"
#include "attnscope/word_report.h"

namespace attnscope {

/// The measures that are a number for each two tokens, of one text: [n, n].
class MeasureMatrices {
 public:
  /// Runs the text once.
  MeasureMatrices(Run& run, const Model& model, Sequence text, const WordReportOptions& options);

  [[nodiscard]] const Tensor& logits() const { return logits_; }
  [[nodiscard]] const std::vector<std::int64_t>& layers() const { return layers_; }
  [[nodiscard]] const std::vector<std::int64_t>& heads() const { return heads_; }
  [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }
  [[nodiscard]] const Sequence& text() const { return text_; }

  [[nodiscard]] const Tensor& attention();
  [[nodiscard]] const Tensor& rollout();
  [[nodiscard]] const Tensor& norms();
  [[nodiscard]] Tensor gradient(const Target& target);

 private:
  Run& run_;
  Sequence text_;
  bool chosen_layers_;
  std::vector<std::int64_t> layers_;
  std::vector<std::int64_t> heads_;
  Tensor attentions_;  // [layers of the model, n, n], mean over the chosen heads
  Tensor logits_;
  Tensor attention_;  // made once each, when asked for
  Tensor rollout_;
  Tensor norms_;
  std::vector<std::string> notices_;
};

}  // namespace attnscope
