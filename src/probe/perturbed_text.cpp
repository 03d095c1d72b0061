// SPDX-License-Identifier: Apache-2.0
#include "probe/perturbed_text.h"

#include <algorithm>

#include "core/message.h"
#include "probe/target_values.h"

namespace attnscope {
namespace {

using Flags = std::vector<bool>;

[[noreturn]] void refuse(const char* code, const std::string& field, const std::string& what,
                         const std::string& hint) {
  throw InvalidArgument(
      problem(ErrorKind::usage, code, "perturbation").field(field).found("{}", what).hint("{}", hint));
}

void check_token(const char* code, const std::string& field, std::int64_t token, std::int64_t count) {
  if (token < 0 || token >= count)
    refuse(code, field, fmt::format("token {} does not exist", token),
           fmt::format("choose from 0..{}", count - 1));
}

std::vector<std::int64_t> kept(const std::vector<std::int64_t>& values, const Flags& out) {
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!out[i]) result.push_back(values[i]);
  return result;
}

Tensor kept_rows(const Tensor& rows, const Flags& out) {
  if (rows.empty()) return {};
  Tensor result({std::count(out.begin(), out.end(), false), rows.size(1)});
  std::int64_t place = 0;
  for (std::int64_t row = 0; row < rows.size(0); ++row)
    if (!out[static_cast<std::size_t>(row)])
      result.mutable_view().select(0, place++).copy_from(rows.view().select(0, row));
  return result;
}

// Where a token that is kept stands then.
std::int64_t moved(std::int64_t token, const Flags& out) {
  return token - std::count(out.begin(), out.begin() + token, true);
}

}  // namespace

Perturbation::Perturbation(const Model& model, const Sequence& text, const Target& target,
                           std::optional<std::int64_t> replacement_id)
    : text_(text),
      target_(target),
      replacement_id_(replacement_id),
      num_tokens_(num_tokens(text)),
      read_(target.tokens) {
  for (const std::int64_t token : target.tokens) check_token("TARGET", "target", token, num_tokens_);
  if (model.parts().head_is_pooled) read_.push_back(text.pooled_token);
  if (replacement_id.has_value() && !text.inputs_embeds.empty())
    refuse("EMBEDS", "replacement_id", "a text of inputs_embeds has no ids to replace",
           "leave tokens out, or give ids");
}

Flags Perturbation::flags(const std::vector<std::int64_t>& group, std::size_t index) const {
  Flags result(static_cast<std::size_t>(num_tokens_), false);
  for (const std::int64_t token : group) {
    check_token("GROUP", fmt::format("groups[{}]", index), token, num_tokens_);
    result[static_cast<std::size_t>(token)] = true;
  }
  return result;
}

std::optional<PerturbedText> Perturbation::without(const Flags& tokens) const {
  if (replacement_id_.has_value()) return PerturbedText{replaced(tokens), target_};
  const bool leaves_out_read = std::any_of(read_.begin(), read_.end(), [&](std::int64_t token) {
    return tokens[static_cast<std::size_t>(token)];
  });
  if (leaves_out_read) return std::nullopt;
  return left_out(tokens);
}

Sequence Perturbation::replaced(const Flags& tokens) const {
  Sequence text = text_;
  for (std::size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i]) text.input_ids[i] = *replacement_id_;
  return text;
}

PerturbedText Perturbation::left_out(const Flags& tokens) const {
  PerturbedText result{text_, target_};
  Sequence& text = result.text;
  text.input_ids = kept(text_.input_ids, tokens);
  text.token_type_ids = kept(text_.token_type_ids, tokens);
  text.position_ids = kept(text_.position_ids, tokens);
  text.inputs_embeds = kept_rows(text_.inputs_embeds, tokens);
  text.num_unattended -= std::count(tokens.end() - text_.num_unattended, tokens.end(), true);
  const bool pooled_stays = !tokens[static_cast<std::size_t>(text_.pooled_token)];
  text.pooled_token = pooled_stays ? moved(text_.pooled_token, tokens) : 0;  // if not, nobody reads it
  for (std::int64_t& token : result.target.tokens) token = moved(token, tokens);
  return result;
}

}  // namespace attnscope
