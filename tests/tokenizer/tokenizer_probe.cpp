// SPDX-License-Identifier: Apache-2.0
// Tokenizes what test_wheel.py sends, so that it can compare with the wheel.
//   tokenizer_probe MODEL_DIRECTORY < requests > answers
// Request: six int32 (bytes of the first text, of the second or -1, max_length or -1, strategy 0-2, bits: 1
// add special tokens, 2 replace bad UTF-8, 4 texts are words, each after its length; stride or -1), then the
// texts. Answer, with a stride one for each
// window: int32 n (-1: an error, then its code as a string); then n int32 each of ids, types, begins, ends,
// words, sequences (-1 for none), specials, lengths of the tokens; then the tokens.
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "attnscope/error.h"
#include "attnscope/tokenizer.h"

namespace {

struct Request {
  std::int32_t first_bytes;
  std::int32_t second_bytes;
  std::int32_t max_length;
  std::int32_t strategy;
  std::int32_t bits;
  std::int32_t stride;
};

bool read_request(Request& request) { return std::fread(&request, sizeof request, 1, stdin) == 1; }

std::string read_text(std::int32_t bytes) {
  std::string text(static_cast<std::size_t>(bytes), '\0');
  if (std::fread(text.data(), 1, text.size(), stdin) != text.size())
    throw std::runtime_error("request cut short");
  return text;
}

std::vector<std::string> read_words(std::int32_t bytes) {
  std::vector<std::string> words;
  for (std::int32_t length = 0; bytes > 0; bytes -= length + 4) {
    if (std::fread(&length, sizeof length, 1, stdin) != 1) throw std::runtime_error("request cut short");
    words.push_back(read_text(length));
  }
  return words;
}

void put(std::int64_t value) {
  const auto small = static_cast<std::int32_t>(value);
  std::fwrite(&small, sizeof small, 1, stdout);
}

void put(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void put(const std::vector<std::int64_t>& values) {
  for (const std::int64_t value : values) put(value);
}

void put(const std::vector<std::optional<std::int64_t>>& values) {
  for (const auto& value : values) put(value.value_or(-1));
}

void answer(const attnscope::Encoding& encoding) {
  put(static_cast<std::int64_t>(encoding.size()));
  put(encoding.input_ids);
  put(encoding.token_type_ids);
  for (const auto& span : encoding.offsets) put(span.begin);
  for (const auto& span : encoding.offsets) put(span.end);
  put(encoding.word_ids);
  put(encoding.sequence_ids);
  put(encoding.special_tokens_mask);
  for (const auto& token : encoding.tokens) put(static_cast<std::int64_t>(token.size()));
  for (const auto& token : encoding.tokens) put(token);
}

std::vector<attnscope::Encoding> encode(const attnscope::Tokenizer& tokenizer, const Request& request) {
  attnscope::EncodeOptions options;
  options.add_special_tokens = (request.bits & 1) != 0;
  options.invalid_utf8 =
      (request.bits & 2) != 0 ? attnscope::InvalidUtf8::replace : attnscope::InvalidUtf8::refuse;
  options.truncation = static_cast<attnscope::TruncationStrategy>(request.strategy);
  if (request.max_length >= 0) options.max_length = request.max_length;
  if ((request.bits & 4) != 0) {
    const std::vector<std::string> words = read_words(request.first_bytes);
    return {tokenizer.encode_words(words, read_words(request.second_bytes), options)};
  }
  const std::string first = read_text(request.first_bytes);
  if (request.stride >= 0)
    return tokenizer.encode_windows(first, request.max_length, request.stride, options);
  if (request.second_bytes < 0) return {tokenizer.encode(first, options)};
  return {tokenizer.encode_pair(first, read_text(request.second_bytes), options)};
}

void serve(const attnscope::Tokenizer& tokenizer) {
  for (Request request{}; read_request(request);) {
    try {
      for (const auto& encoding : encode(tokenizer, request)) answer(encoding);
    } catch (const attnscope::Error& error) {
      put(-1);
      put(static_cast<std::int64_t>(error.code().size()));
      put(error.code());
    }
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error("usage: tokenizer_probe MODEL_DIRECTORY");
  serve(attnscope::Tokenizer::load(argv[1]));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "tokenizer_probe: %s\n", error.what());
  return 1;
}
