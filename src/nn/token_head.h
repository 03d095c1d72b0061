// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "nn/linear.h"
#include "nn/module.h"

namespace attnscope::nn {

/// An encoder and one Linear on every token: token classification and question answering of every family.
class TokenHead : public Module {
 public:
  enum class Output {
    logits,           ///< [n, labels]
    start_end_logits  ///< two times [n]
  };
  /// `head_name` is "classifier" or "qa_outputs".
  TokenHead(const Scope& scope, std::string type, std::unique_ptr<Module> encoder, const char* head_name,
            std::int64_t width, std::int64_t labels, Output output);

  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override;

 private:
  std::unique_ptr<Module> encoder_;
  Linear head_;
  Output output_;
};

[[nodiscard]] std::unique_ptr<Module> token_classifier(const Scope& scope, std::string type,
                                                       std::unique_ptr<Module> encoder, std::int64_t width,
                                                       std::int64_t labels);
[[nodiscard]] std::unique_ptr<Module> question_answerer(const Scope& scope, std::string type,
                                                        std::unique_ptr<Module> encoder, std::int64_t width);

/// Calls the encoder below a task head, keeps what was asked for, and says whether the head is to run.
/// Returns: the encoder's outputs; none where the plan ends before the head.
[[nodiscard]] Values run_encoder(const Module& encoder, const Values& inputs, Execution& run);

}  // namespace attnscope::nn
