// SPDX-License-Identifier: Apache-2.0
#include "nn/value.h"

namespace attnscope::nn {
namespace {

// Elements before the first of a text.
std::int64_t start_of_text(const Value& value, const Batch& batch, std::int64_t text) {
  switch (value.layout) {
    case Layout::none:
      return 0;
    case Layout::tokens:
    case Layout::heads:
    case Layout::embeds:
      return batch.first(text) * value.width;
    case Layout::scalars:
    case Layout::ids:
      return batch.first(text);
    case Layout::texts:
      return text * value.width;
    case Layout::weights:
      return batch.square(text) * value.heads;
  }
  return 0;
}

Shape shape_of_text(const Value& value, std::int64_t seq_len) {
  switch (value.layout) {
    case Layout::none:
      return {0};
    case Layout::tokens:
    case Layout::embeds:
      return {seq_len, value.width};
    case Layout::heads:
      return {seq_len, value.heads, value.width / value.heads};
    case Layout::scalars:
    case Layout::ids:
      return {seq_len};
    case Layout::texts:
      return {value.width};
    case Layout::weights:
      return {value.heads, seq_len, seq_len};
  }
  return {};
}

}  // namespace

std::int64_t Value::count(const Batch& batch) const { return start_of_text(*this, batch, batch.num_texts()); }

TensorView Value::text(const Batch& batch, std::int64_t text) const {
  const std::int64_t start =
      start_of_text(*this, batch, text) * static_cast<std::int64_t>(size_in_bytes(dtype()));
  return {static_cast<const std::byte*>(data) + start, dtype(), shape_of_text(*this, batch.seq_len(text))};
}

}  // namespace attnscope::nn
