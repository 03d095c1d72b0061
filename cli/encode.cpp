// SPDX-License-Identifier: Apache-2.0
#include "encode.h"

#include <fmt/format.h>

#include <utility>

#include "numbers.h"

namespace attnscope::cli {
namespace {

/// "line 3, byte 17": what the tokenizer says about the place comes last.
std::string place_of(const InputText& input, const std::string& where) {
  std::string place = fmt::format("{} {}", input.file == "text" ? "number" : "line", input.number);
  return where.empty() ? place : place + ", " + where;
}

TextError too_long(std::size_t tokens, std::int64_t limit) {
  ErrorInfo info;
  info.code = "TEXT_TOO_LONG";
  info.what = fmt::format("{} tokens, the model takes {}", tokens, limit);
  info.hint = "shorten the text, or give --truncate to use its start";
  return TextError(std::move(info));
}

template <class Call>
auto with_place(const InputText& input, Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (const TextError& error) {
    throw located(error, input);
  }
}

}  // namespace

TextError located(const TextError& error, const InputText& input) {
  ErrorInfo info = error.info();
  info.file = input.file;
  info.where = place_of(input, info.where);
  return TextError(std::move(info));
}

InvalidUtf8 parse_utf8(const std::string& word) {
  return parse_choice("--utf8", word, {"refuse", "replace"}) == 0 ? InvalidUtf8::refuse
                                                                  : InvalidUtf8::replace;
}

TextEncoder::TextEncoder(const Tokenizer& tokenizer, const ComputeOptions& options, std::int64_t limit)
    : tokenizer_(tokenizer), limit_(limit) {
  options_.invalid_utf8 = parse_utf8(options.utf8);
  if (options.truncate) options_.max_length = limit;
}

Encoding TextEncoder::operator()(const InputText& input) const {
  return with_place(input, [&] {
    Encoding encoding = tokenizer_.encode(input.text, options_);
    if (encoding.size() > static_cast<std::size_t>(limit_)) throw too_long(encoding.size(), limit_);
    return encoding;
  });
}

std::vector<Encoding> TextEncoder::windows(const InputText& input, std::int64_t stride) const {
  return with_place(input, [&] { return tokenizer_.encode_windows(input.text, limit_, stride, options_); });
}

}  // namespace attnscope::cli
