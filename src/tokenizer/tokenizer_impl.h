// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "attnscope/tokenizer.h"
#include "tokenizer/definition.h"
#include "tokenizer/encoder.h"

namespace attnscope {

/// Immutable; the encoder refers to the definition beside it, so it is neither copied nor moved.
struct Tokenizer::Impl {
  explicit Impl(TokenizerDefinition parts) : definition(std::move(parts)), encoder(definition) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  TokenizerDefinition definition;
  Encoder encoder;
};

}  // namespace attnscope
