// SPDX-License-Identifier: Apache-2.0
#include "engine/make_batch.h"

#include <algorithm>

#include "core/message.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse(std::int64_t text, const std::string& what, const char* hint) {
  throw InvalidArgument(problem(ErrorKind::usage, "SEQUENCE", "run")
                            .at(fmt::format("text {}", text))
                            .found("{}", what)
                            .hint("{}", hint));
}

/// One text, to be checked and put into a batch.
class Text {
 public:
  Text(const Sequence& sequence, std::int64_t index) : sequence_(sequence), index_(index) {
    const Tensor& embeds = sequence.inputs_embeds;
    const bool only_embeds = sequence.input_ids.empty() && !embeds.empty() && embeds.rank() > 0;
    if (!only_embeds) return;
    count_ = embeds.size(0);
    counted_ = "inputs_embeds";
  }

  void check(const Network& network) const {
    check_length("token_type_ids", sequence_.token_type_ids);
    check_length("position_ids", sequence_.position_ids);
    if (!sequence_.inputs_embeds.empty()) check_embeds(network.hidden_size);
    check_token("num_unattended", sequence_.num_unattended, "leave at least one token to attend to");
    check_token("pooled_token", sequence_.pooled_token, "choose one of the text's tokens");
    if (sequence_.position_ids.empty() && count_ > network.max_positions)
      throw TextError(
          problem(ErrorKind::input, "TEXT_TOO_LONG", fmt::format("text {}", index_))
              .found("{} tokens, the model takes at most {}", count_, network.max_positions)
              .hint("shorten it, or cut it on purpose (--truncate, --stride, EncodeOptions::max_length)"));
  }

  void append_to(nn::Batch& batch) const {
    const auto zero = [](std::int64_t) { return std::int64_t{0}; };
    append(batch.input_ids, sequence_.input_ids, zero);
    append(batch.token_type_ids, sequence_.token_type_ids, zero);
    append(batch.position_ids, sequence_.position_ids, [](std::int64_t i) { return i; });
    if (batch.inputs_embeds.has_value()) {
      const float* rows = sequence_.inputs_embeds.f32();
      batch.inputs_embeds->insert(batch.inputs_embeds->end(), rows, rows + sequence_.inputs_embeds.count());
    }
    batch.close_text(sequence_.num_unattended, sequence_.pooled_token);
  }

 private:
  void check_length(const char* field, const std::vector<std::int64_t>& values) const {
    const auto length = static_cast<std::int64_t>(values.size());
    if (length == 0 || length == count_) return;
    refuse(index_, fmt::format("{} has {} entries, {} has {}", field, length, counted_, count_),
           "give one entry a token, or none");
  }

  // From 0 to one less than the number of tokens; 0 is no choice and always taken.
  void check_token(const char* field, std::int64_t value, const char* hint) const {
    const std::int64_t largest = std::max<std::int64_t>(0, count_ - 1);
    if (value >= 0 && value <= largest) return;
    refuse(index_, fmt::format("{} is {}, expected 0 to {}", field, value, largest), hint);
  }

  void check_embeds(std::int64_t hidden_size) const {
    const Tensor& embeds = sequence_.inputs_embeds;
    const Shape expected{count_, hidden_size};
    if (embeds.dtype() != DType::f32)
      refuse(index_, fmt::format("inputs_embeds is {}, expected F32", name(embeds.dtype())),
             "convert it first");
    if (!(embeds.shape() == expected))
      refuse(index_,
             fmt::format("inputs_embeds has shape {}, expected {}", to_string(embeds.shape()),
                         to_string(expected)),
             "give one row of hidden_size numbers a token");
  }

  // Appends `values`, or for each token what `fallback` says, to `all`.
  template <class Fallback>
  void append(std::vector<std::int64_t>& all, const std::vector<std::int64_t>& values,
              const Fallback& fallback) const {
    if (!values.empty()) {
      all.insert(all.end(), values.begin(), values.end());
      return;
    }
    for (std::int64_t i = 0; i < count_; ++i) all.push_back(fallback(i));
  }

  const Sequence& sequence_;
  std::int64_t index_;
  std::int64_t count_ = static_cast<std::int64_t>(sequence_.input_ids.size());  // tokens
  const char* counted_ = "input_ids";
};

}  // namespace

nn::Batch make_batch(const std::vector<Sequence>& texts, const Network& network) {
  nn::Batch batch;
  if (!texts.empty() && !texts.front().inputs_embeds.empty()) batch.inputs_embeds.emplace();
  for (const Sequence& sequence : texts) {
    const std::int64_t index = batch.num_texts();
    if (batch.inputs_embeds.has_value() == sequence.inputs_embeds.empty())
      refuse(
          index,
          fmt::format("{} inputs_embeds, unlike text 0", sequence.inputs_embeds.empty() ? "has no" : "has"),
          "give them for all texts of a run or for none");
    const Text text(sequence, index);
    text.check(network);
    text.append_to(batch);
  }
  return batch;
}

}  // namespace attnscope
