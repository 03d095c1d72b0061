// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/capture_sink.h"

namespace attnscope::nn {

/// For tests that ask a run for nothing.
class NoCaptures : public CaptureSink {
 public:
  bool wants_attention(std::int64_t) const override { return false; }
  kernels::AttentionOutputs attention_outputs(std::int64_t, std::int64_t, std::int64_t) const override {
    return {};
  }
  void not_finite(std::int64_t) override {}
  void queries_and_keys(std::int64_t, const Value&, const Value&) override {}
  void weights(std::int64_t, const Value&) override {}
  void hidden_state(std::int64_t, const Value&) override {}
  void last_hidden_state(const Value&) override {}
  void pooler_output(const Value&) override {}
};

}  // namespace attnscope::nn
