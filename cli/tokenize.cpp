// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "attnscope/outputs.h"
#include "commands.h"
#include "encode.h"
#include "errors.h"
#include "model_options.h"
#include "numbers.h"
#include "process.h"

namespace attnscope::cli {
namespace {

struct TokenizeCommand {
  ModelOptions model;
  TextOptions texts;
  std::optional<std::string> pair;
  std::string max_length;
  std::string utf8 = "refuse";
};

void write_numbers(JsonWriter& json, const char* name,
                   const std::vector<std::optional<std::int64_t>>& numbers) {
  json.key(name).begin_array();
  for (const auto& number : numbers) {
    if (number) {
      json.value(*number);
    } else {
      json.null();
    }
  }
  json.end_array();
}

void write_offsets(JsonWriter& json, const std::vector<Span>& offsets) {
  json.key("offsets").begin_array();
  for (const Span& span : offsets) json.value(std::vector<std::int64_t>{span.begin, span.end});
  json.end_array();
}

std::string json_of(const Encoding& encoding) {
  JsonWriter json;
  json.begin_object().key("tokens").value(encoding.tokens).key("input_ids").value(encoding.input_ids);
  write_offsets(json, encoding.offsets);
  write_numbers(json, "word_ids", encoding.word_ids);
  json.key("special_tokens_mask").value(encoding.special_tokens_mask);
  json.key("token_type_ids").value(encoding.token_type_ids);
  write_numbers(json, "sequence_ids", encoding.sequence_ids);
  return json.end_object().text();
}

std::string or_dash(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "-";
}

std::string table_of(const Encoding& encoding) {
  std::string table = fmt::format("{:>5} {:>7} {:>13} {:>5}  {}\n", "index", "id", "bytes", "word", "token");
  for (std::size_t index = 0; index < encoding.size(); ++index) {
    const Span& span = encoding.offsets[index];
    const bool special = encoding.special_tokens_mask[index] != 0;
    const std::string bytes = special ? "-" : fmt::format("{}..{}", span.begin, span.end);
    table += fmt::format("{:>5} {:>7} {:>13} {:>5}  {}\n", index, encoding.input_ids[index], bytes,
                         or_dash(encoding.word_ids[index]), escape_for_terminal(encoding.tokens[index]));
  }
  return table;
}

EncodeOptions encode_options(const TokenizeCommand& command) {
  constexpr std::int64_t kLongest = 1'000'000'000;
  EncodeOptions options;
  options.invalid_utf8 = parse_utf8(command.utf8);
  if (!command.max_length.empty()) {
    options.max_length = parse_number("--max-length", command.max_length, 1, kLongest);
  }
  return options;
}

Encoding encode(const Tokenizer& tokenizer, const TokenizeCommand& command, const InputText& input,
                const EncodeOptions& options) {
  try {
    return command.pair ? tokenizer.encode_pair(input.text, *command.pair, options)
                        : tokenizer.encode(input.text, options);
  } catch (const TextError& error) {
    throw located(error, input);
  }
}

Tokenizer load_tokenizer(const ModelOptions& options) {
  Tokenizer tokenizer = Tokenizer::load(options.model);
  tell(options, tokenizer.notices());
  return tokenizer;
}

void run_tokenize(const TokenizeCommand& command) {
  const EncodeOptions options = encode_options(command);
  TextReader texts(command.texts);
  const Tokenizer tokenizer = load_tokenizer(command.model);
  while (texts.has_next()) {
    check_interrupt();
    const Encoding encoding = encode(tokenizer, command, texts.next(), options);
    print(command.model.json ? json_of(encoding) + '\n' : table_of(encoding));
  }
}

}  // namespace

void setup_tokenize(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("tokenize", "Show how texts become tokens.");
  command->footer(
      "attnscope tokenize \"Angela lives in Paris.\"\n"
      "attnscope tokenize -m DIR -f sentences.txt --json\n"
      "attnscope tokenize \"Where does Angela live?\" --pair \"She lives in Paris.\" --max-length 12");
  auto options = std::make_shared<TokenizeCommand>();
  command->add_option("TEXT", options->texts.texts, "Texts; without any, standard input")->type_name("");
  command->add_option("-f,--file", options->texts.file, "File with one text a line; - is standard input")
      ->type_name("FILE");
  command->add_option("--pair", options->pair, "A second text that goes with each")->type_name("TEXT");
  command->add_option("--max-length", options->max_length, "Cut to this many tokens")->type_name("N");
  command->add_option("--utf8", options->utf8, "Invalid UTF-8: refuse (default) or replace")
      ->type_name("WORD");
  add_model_options(*command, options->model);
  command->callback([options, &job] { job = [options] { run_tokenize(*options); }; });
}

}  // namespace attnscope::cli
