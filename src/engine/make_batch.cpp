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
    check_rows("inputs_embeds", sequence_.inputs_embeds, network.hidden_size);
    check_rows("contexts", sequence_.contexts, network.hidden_size);
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
    append_rows(batch.inputs_embeds, sequence_.inputs_embeds);
    append_rows(batch.contexts, sequence_.contexts);
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

  void check_rows(const char* field, const Tensor& rows, std::int64_t hidden_size) const {
    if (rows.empty()) return;
    const Shape expected{count_, hidden_size};
    if (rows.dtype() != DType::f32)
      refuse(index_, fmt::format("{} is {}, expected F32", field, name(rows.dtype())), "convert it first");
    if (!(rows.shape() == expected))
      refuse(index_,
             fmt::format("{} has shape {}, expected {}", field, to_string(rows.shape()), to_string(expected)),
             "give one row of hidden_size numbers a token");
  }

  static void append_rows(std::optional<std::vector<float>>& all, const Tensor& rows) {
    if (all.has_value()) all->insert(all->end(), rows.f32(), rows.f32() + rows.count());
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

namespace {

// Rows that all texts of a run have or none.
void check_like_first(const char* field, bool first_has_them, const Tensor& rows, std::int64_t text) {
  if (first_has_them != rows.empty()) return;
  refuse(text, fmt::format("{} {}, unlike text 0", rows.empty() ? "has no" : "has", field),
         "give them for all texts of a run or for none");
}

}  // namespace

nn::Batch make_batch(const std::vector<Sequence>& texts, const Network& network) {
  nn::Batch batch;
  if (!texts.empty() && !texts.front().inputs_embeds.empty()) batch.inputs_embeds.emplace();
  if (!texts.empty() && !texts.front().contexts.empty()) batch.contexts.emplace();
  for (const Sequence& sequence : texts) {
    const std::int64_t index = batch.num_texts();
    check_like_first("inputs_embeds", batch.inputs_embeds.has_value(), sequence.inputs_embeds, index);
    check_like_first("contexts", batch.contexts.has_value(), sequence.contexts, index);
    const Text text(sequence, index);
    text.check(network);
    text.append_to(batch);
  }
  return batch;
}

}  // namespace attnscope
