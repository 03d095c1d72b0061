// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "attnscope/error.h"
#include "tokenizer/load.h"
#include "tokenizer/tokenizer_json.h"

namespace attnscope::testing_support {

/// A small tokenizer.json; tests change one member and look what becomes of it. Members are JSON.
struct JsonModel {
  std::string normalizer =
      R"({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true})";
  std::string pre_tokenizer = R"({"type":"BertPreTokenizer"})";
  std::string post_processor = "null";
  std::string added_tokens = "[]";
  std::string truncation = "null";
  std::string model_type = R"("WordPiece")";
  std::string unk_token = R"("[UNK]")";
  std::string max_chars = "100";
  std::string vocab = R"({"[UNK]":0,"[CLS]":1,"[SEP]":2,"a":3,"b":4,"##b":5,"é":6})";

  [[nodiscard]] std::string json() const {
    return R"({"version":"1.0","truncation":)" + truncation + R"(,"padding":null,"added_tokens":)" +
           added_tokens + R"(,"normalizer":)" + normalizer + R"(,"pre_tokenizer":)" + pre_tokenizer +
           R"(,"post_processor":)" + post_processor + R"(,"decoder":null,"model":{"type":)" + model_type +
           R"(,"unk_token":)" + unk_token +
           R"(,"continuing_subword_prefix":"##","max_input_chars_per_word":)" + max_chars + R"(,"vocab":)" +
           vocab + "}}";
  }
  [[nodiscard]] Tokenizer load() const {
    return make_tokenizer(read_tokenizer_json(json(), "tokenizer.json"));
  }
};

/// One added token as tokenizer.json writes it; `flags` are further members that replace false.
inline std::string added_token(int id, const std::string& content, const std::string& true_flags = "") {
  std::string json = R"({"id":)" + std::to_string(id) + R"(,"content":")" + content + '"';
  for (const char* const flag : {"single_word", "lstrip", "rstrip", "normalized", "special"}) {
    json +=
        std::string(",\"") + flag + "\":" + (true_flags.find(flag) == std::string::npos ? "false" : "true");
  }
  return json + "}";
}

inline std::string json_array(const std::vector<std::string>& items) {
  std::string json = "[";
  for (const std::string& item : items) json.append(json.size() == 1 ? "" : ",").append(item);
  return json.append("]");
}

/// A template of [CLS] A [SEP], with the special tokens given as JSON.
inline std::string cls_sep_template(const std::string& special_tokens) {
  const std::string pieces =
      R"([{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}}])";
  return R"({"type":"TemplateProcessing","single":)" + pieces + R"(,"pair":)" + pieces +
         R"(,"special_tokens":)" + special_tokens + "}";
}

/// The error that a call throws; an empty one if it throws none.
template <class Call>
ErrorInfo error_of(Call&& call) {
  try {
    std::forward<Call>(call)();
  } catch (const Error& error) {
    return error.info();
  }
  ADD_FAILURE() << "no error was thrown";
  return {};
}

}  // namespace attnscope::testing_support
