// SPDX-License-Identifier: Apache-2.0
#include "engine/make_batch.h"

#include "core/message.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse_sequence(std::int64_t text, const char* field, std::size_t found,
                                  std::size_t expected) {
  throw InvalidArgument(problem(ErrorKind::usage, "SEQUENCE", "run")
                            .at(fmt::format("text {}", text))
                            .found("{} has {} entries, input_ids has {}", field, found, expected)
                            .hint("give one entry a token, or none"));
}

// Appends `values`, or count times what `fallback` says, to `all`.
template <class Fallback>
void append(std::vector<std::int64_t>& all, const std::vector<std::int64_t>& values, std::size_t count,
            const Fallback& fallback) {
  if (!values.empty()) {
    all.insert(all.end(), values.begin(), values.end());
    return;
  }
  for (std::size_t i = 0; i < count; ++i) all.push_back(fallback(static_cast<std::int64_t>(i)));
}

void append_text(nn::Batch& batch, const Sequence& sequence, std::int64_t max_positions) {
  const std::size_t count = sequence.input_ids.size();
  const std::int64_t text = batch.num_texts();
  if (!sequence.token_type_ids.empty() && sequence.token_type_ids.size() != count)
    refuse_sequence(text, "token_type_ids", sequence.token_type_ids.size(), count);
  if (!sequence.position_ids.empty() && sequence.position_ids.size() != count)
    refuse_sequence(text, "position_ids", sequence.position_ids.size(), count);
  if (sequence.position_ids.empty() && static_cast<std::int64_t>(count) > max_positions)
    throw TextError(
        problem(ErrorKind::input, "TEXT_TOO_LONG", fmt::format("text {}", text))
            .found("{} tokens, the model takes at most {}", count, max_positions)
            .hint("shorten it, or cut it on purpose (--truncate, --stride, EncodeOptions::max_length)"));
  batch.input_ids.insert(batch.input_ids.end(), sequence.input_ids.begin(), sequence.input_ids.end());
  append(batch.token_type_ids, sequence.token_type_ids, count, [](std::int64_t) { return std::int64_t{0}; });
  append(batch.position_ids, sequence.position_ids, count, [](std::int64_t i) { return i; });
  batch.close_text();
}

}  // namespace

nn::Batch make_batch(const std::vector<Sequence>& texts, const Network& network) {
  nn::Batch batch;
  for (const Sequence& text : texts) append_text(batch, text, network.max_positions);
  return batch;
}

}  // namespace attnscope
