// SPDX-License-Identifier: Apache-2.0
#include "nn/token_head.h"

#include "nn/elementwise.h"
#include "nn/execution.h"

namespace attnscope::nn {

TokenHead::TokenHead(const Scope& scope, std::string type, std::unique_ptr<Module> encoder,
                     const char* head_name, std::int64_t width, std::int64_t labels, Output output)
    : Module(scope.path(), std::move(type)),
      encoder_(std::move(encoder)),
      head_(scope / head_name, width, labels),
      output_(output) {
  adopt({encoder_.get(), &head_});
}

Values TokenHead::forward(const Values& inputs, Execution& run) const {
  const Values encoded = run_encoder(*encoder_, inputs, run);
  if (encoded.size() == 0) return {};
  const Value logits = run(head_, encoded[0]);  // [tokens, labels]
  if (output_ == Output::logits) return {logits};
  return {column(logits, 0, run), column(logits, 1, run)};
}

std::unique_ptr<Module> token_classifier(const Scope& scope, std::string type,
                                         std::unique_ptr<Module> encoder, std::int64_t width,
                                         std::int64_t labels) {
  return std::make_unique<TokenHead>(scope, std::move(type), std::move(encoder), "classifier", width, labels,
                                     TokenHead::Output::logits);
}

std::unique_ptr<Module> question_answerer(const Scope& scope, std::string type,
                                          std::unique_ptr<Module> encoder, std::int64_t width) {
  return std::make_unique<TokenHead>(scope, std::move(type), std::move(encoder), "qa_outputs", width, 2,
                                     TokenHead::Output::start_end_logits);
}

Values run_encoder(const Module& encoder, const Values& inputs, Execution& run) {
  const Values encoded = run.call(encoder, inputs);
  if (encoded.size() == 0 || !encoded[0].present()) return {};
  run.captures().last_hidden_state(encoded[0]);
  if (encoded.size() > 1) run.captures().pooler_output(encoded[1]);
  return run.plan().after_encoder ? encoded : Values{};
}

}  // namespace attnscope::nn
