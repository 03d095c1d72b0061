// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/capture_sink.h"

namespace attnscope::nn {

/// For tests that ask a run for nothing.
class NoCaptures : public CaptureSink {
 public:
  bool wants_block(std::int64_t) const override { return false; }
  float* weights_target(std::int64_t, std::int64_t, std::int64_t) const override { return nullptr; }
  void weights(std::int64_t, const Value&) override {}
  void hidden_state(std::int64_t, const Value&) override {}
  void last_hidden_state(const Value&) override {}
  void pooler_output(const Value&) override {}
};

}  // namespace attnscope::nn
