// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "aligned_table.h"
#include "attnscope/layer_report.h"
#include "commands.h"
#include "encode.h"
#include "errors.h"
#include "json_numbers.h"
#include "model_options.h"
#include "numbers.h"
#include "process.h"
#include "suggestion.h"

namespace attnscope::cli {
namespace {

// A longer text shows the tokens that matter most.
constexpr std::size_t kMostTokens = 30;

struct LayersCommand {
  ModelOptions model;
  ComputeOptions compute;
  std::string text;
  std::string token;
  std::string word;
  bool flow = false;
};

using Positions = std::vector<std::int64_t>;

struct Word {
  std::string text;
  Positions tokens;
};

std::vector<Word> words_of(const std::string& text, const Encoding& encoding) {
  std::vector<Word> words;
  std::optional<std::int64_t> last;
  for (std::size_t token = 0; token < encoding.size(); ++token) {
    const auto id = encoding.word_ids[token];
    if (id && id != last) words.emplace_back();
    if (id) words.back().tokens.push_back(static_cast<std::int64_t>(token));
    last = id;
  }
  for (Word& word : words) {
    const std::int64_t begin = encoding.offsets[static_cast<std::size_t>(word.tokens.front())].begin;
    const std::int64_t end = encoding.offsets[static_cast<std::size_t>(word.tokens.back())].end;
    word.text = text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  }
  return words;
}

Positions find_word(const LayersCommand& command, const Encoding& encoding) {
  const std::vector<Word> words = words_of(command.text, encoding);
  std::vector<std::string> names;
  for (const Word& word : words) {
    if (word.text == command.word) return word.tokens;
    names.push_back(word.text);
  }
  const auto nearest = suggest(command.word, names);
  throw usage_error("--word",
                    fmt::format("'{}' is no word of the text: {}", command.word, fmt::join(names, ", ")),
                    nearest ? fmt::format("did you mean '{}'?", *nearest) : "");
}

/// The tokens whose rollout is shown: [CLS], unless it is said.
Positions chosen_tokens(const LayersCommand& command, const Encoding& encoding) {
  if (!command.word.empty()) return find_word(command, encoding);
  if (command.token.empty()) return {0};
  const auto count = static_cast<std::int64_t>(encoding.size());
  const std::int64_t token = parse_number("--token", command.token, -count, count - 1);
  return {token < 0 ? token + count : token};
}

std::string title_of(const std::string& name) {
  if (name == "relative_entropy") return "H/ln n";
  if (name == "head_divergence") return "JS heads";
  if (name == "previous_divergence") return "JS before";
  if (name == "state_cosine") return "cos before";
  if (name == "token_cosine") return "cos tokens";
  return name;
}

std::string cell_of(double value) { return std::isnan(value) ? "-" : fmt::format("{:.3f}", value); }

std::string layer_table(const LayerReport& report) {
  AlignedTable table;
  table.add_column("layer");
  for (const auto& number : numbers_of(report.layers.front())) table.add_column(title_of(number.first));
  for (const LayerSummary& layer : report.layers) {
    std::vector<std::string> cells{std::to_string(layer.layer)};
    for (const auto& number : numbers_of(layer)) cells.push_back(cell_of(number.second));
    table.add_row(cells);
  }
  return table.text();
}

/// Tokens in their order; of a long text those that the last layer has most of.
std::vector<std::size_t> shown_tokens(const Tensor& by_layer) {
  std::vector<std::size_t> tokens(static_cast<std::size_t>(by_layer.size(1)));
  std::iota(tokens.begin(), tokens.end(), 0);
  if (tokens.size() <= kMostTokens) return tokens;
  const float* last = by_layer.f32() + (by_layer.size(0) - 1) * by_layer.size(1);
  std::stable_sort(tokens.begin(), tokens.end(),
                   [last](std::size_t left, std::size_t right) { return last[left] > last[right]; });
  tokens.resize(kMostTokens);
  std::sort(tokens.begin(), tokens.end());
  return tokens;
}

// A line for each token, a column for each layer.
std::string token_table(const Tensor& by_layer, const Encoding& encoding) {
  AlignedTable table;
  table.add_column("token");
  table.add_column("", AlignedTable::Align::left);
  for (std::int64_t layer = 0; layer < by_layer.size(0); ++layer)
    table.add_column(fmt::format("{}{}", layer == 0 ? "layer " : "", layer));
  for (const std::size_t token : shown_tokens(by_layer)) {
    std::vector<std::string> cells{std::to_string(token), encoding.tokens[token]};
    for (std::int64_t layer = 0; layer < by_layer.size(0); ++layer)
      cells.push_back(fmt::format("{:.3f}", by_layer.at({layer, static_cast<std::int64_t>(token)})));
    table.add_row(cells);
  }
  return table.text();
}

std::string names_of(const Positions& tokens, const Encoding& encoding) {
  std::vector<std::string> names;
  for (const std::int64_t token : tokens)
    names.push_back(
        fmt::format("{} ({})", escape_for_terminal(encoding.tokens[static_cast<std::size_t>(token)]), token));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string text_of(const LayerReport& report, const Encoding& encoding, const ModelInfo& model) {
  const std::string row_owner = names_of(report.tokens, encoding);
  const std::string only = encoding.size() > kMostTokens
                               ? fmt::format(", the {} largest of {} tokens", kMostTokens, encoding.size())
                               : "";
  std::string text =
      fmt::format("means over {} heads and {} rows; JS in nats\n", model.num_heads, encoding.size());
  text += layer_table(report);
  text += fmt::format("\nrollout from {}, up to each layer{}\n", row_owner, only);
  text += token_table(report.rollout, encoding);
  if (report.flow.empty()) return text;
  text += fmt::format("\nmaximum flow from {}, up to each layer{}\n", row_owner, only);
  return text + token_table(report.flow, encoding);
}

std::string json_of(const LayerReport& report, const Encoding& encoding, const ModelInfo& model) {
  JsonWriter json;
  json.begin_object().key("model").value(model.source).key("tokens").value(encoding.tokens);
  json.key("from_tokens").value(report.tokens).key("layers").begin_array();
  for (const LayerSummary& layer : report.layers) {
    json.begin_object().key("layer").value(layer.layer);
    for (const auto& [name, value] : numbers_of(layer)) json.key(name).value(value);
    write_numbers(json.key("rollout"), report.rollout.view().select(0, layer.layer));
    if (!report.flow.empty()) write_numbers(json.key("flow"), report.flow.view().select(0, layer.layer));
    json.end_object();
  }
  json.end_array();
  write_numbers(json.key("state_cosines"), report.state_cosines.view());
  write_numbers(json.key("token_cosines"), report.token_cosines.view());
  return json.end_object().text() + '\n';
}

void run_layers(const LayersCommand& command) {
  if (!command.token.empty() && !command.word.empty())
    throw usage_error("--word", "a word and a token exclude each other");
  RunOptions options = run_options(command.compute);
  options.poll = check_interrupt;
  const Model model = load_model(command.model);
  const TextEncoder encode(model.tokenizer(), command.compute, model.info().max_positions);
  const Encoding encoding = encode({command.text, "text", 1});
  Run run(model, options);
  const LayerReport report = layer_report(
      run, encoding,
      {.tokens = chosen_tokens(command, encoding), .flow = command.flow, .poll = check_interrupt});
  tell(command.model, report.notices);
  check_interrupt();
  print(command.model.json ? json_of(report, encoding, model.info())
                           : text_of(report, encoding, model.info()));
}

}  // namespace

void setup_layers(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("layers", "What each layer does with a text.");
  command->footer(
      "attnscope layers \"Angela lives in Paris.\"\n"
      "attnscope layers \"Angela lives in Paris.\" --word Paris\n"
      "attnscope layers \"Angela lives in Paris.\" --token 3 --flow --json");
  auto options = std::make_shared<LayersCommand>();
  command->add_option("TEXT", options->text, "The text")->type_name("")->required();
  command
      ->add_option("--token", options->token,
                   "The token whose rollout is shown; default: 0, [CLS]; --token=-1 is the last")
      ->type_name("N");
  command->add_option("--word", options->word, "The same of a word: the mean over its pieces")
      ->type_name("WORD");
  command->add_flag("--flow", options->flow, "Also the maximum flow, which takes long for long texts");
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_layers(*options); }; });
}

}  // namespace attnscope::cli
