// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <string_view>

#include "attnscope/analysis.h"
#include "core/message.h"
#include "viewer/array_numbers.h"

namespace attnscope {
namespace {

InvalidArgument shape_problem(const char* field, const std::string& found, const std::string& hint) {
  return InvalidArgument(
      problem(ErrorKind::usage, "SHAPE", "attention").field(field).found("{}", found).hint("{}", hint));
}

template <class Value>
void check_length(const std::vector<Value>& values, std::int64_t length, const char* field) {
  if (values.empty() || static_cast<std::int64_t>(values.size()) == length) return;
  throw shape_problem(field, fmt::format("{} entries, expected {}", values.size(), length),
                      "give one for each, or none");
}

void check(const Document::Attention& attention) {
  const Shape& shape = attention.weights.shape();
  if (shape.rank() != 4 || shape[2] != shape[3] || shape.count() == 0)
    throw shape_problem("weights", fmt::format("shape {}, expected [layers, heads, n, n]", to_string(shape)),
                        "stack the layers, without a batch in front");
  if (static_cast<std::int64_t>(attention.tokens.size()) != shape[3])
    throw shape_problem("tokens", fmt::format("{} for weights of {}", attention.tokens.size(), shape[3]),
                        "give one for each row");
  check_length(attention.layers, shape[0], "layers");
  check_length(attention.heads, shape[1], "heads");
  check_length(attention.offsets, shape[3], "offsets");
  check_length(attention.word_ids, shape[3], "word_ids");
  if (attention.text.empty() != attention.offsets.empty())
    throw shape_problem("offsets", "text and offsets go together", "give both or neither");
  for (const Span& span : attention.offsets)
    if (span.begin < 0 || span.begin > span.end ||
        span.end > static_cast<std::int64_t>(attention.text.size()))
      throw shape_problem("offsets", fmt::format("{} to {} lies outside of the text", span.begin, span.end),
                          "give bytes of the text");
}

bool is_bracketed(std::string_view token) {
  if (token.size() < 3) return false;
  return (token.front() == '[' && token.back() == ']') || (token.front() == '<' && token.back() == '>');
}

bool continues_word(std::string_view token) { return token.size() > 2 && token.starts_with("##"); }

/// By "##" and brackets.
std::vector<std::int64_t> guess_word_ids(const std::vector<std::string>& tokens) {
  std::vector<std::int64_t> ids;
  std::int64_t next = 0;
  for (const std::string& token : tokens) {
    if (is_bracketed(token)) {
      ids.push_back(-1);
    } else {
      const bool continues = continues_word(token) && !ids.empty() && ids.back() >= 0;
      ids.push_back(continues ? ids.back() : next++);
    }
  }
  return ids;
}

/// Tokens joined by blanks, "##" glued; special tokens stand nowhere.
void join_tokens(const Document::Attention& attention, const std::vector<std::int64_t>& word_ids,
                 Document::Impl& document) {
  std::string& text = document.text;
  for (std::size_t i = 0; i < attention.tokens.size(); ++i) {
    if (word_ids[i] < 0) {
      document.encoding.offsets.push_back({});
      continue;
    }
    const bool glued = continues_word(attention.tokens[i]) && i > 0 && word_ids[i] == word_ids[i - 1];
    if (!glued && !text.empty()) text += ' ';
    const auto begin = static_cast<std::int64_t>(text.size());
    text += glued ? attention.tokens[i].substr(2) : attention.tokens[i];
    document.encoding.offsets.push_back({begin, static_cast<std::int64_t>(text.size())});
  }
}

void place_tokens(const Document::Attention& attention, Document::Impl& document) {
  const std::vector<std::int64_t> word_ids =
      attention.word_ids.empty() ? guess_word_ids(attention.tokens) : attention.word_ids;
  Encoding& encoding = document.encoding;
  encoding.tokens = attention.tokens;
  encoding.input_ids.assign(encoding.tokens.size(), -1);  // unknown
  for (const std::int64_t id : word_ids) {
    encoding.word_ids.push_back(id < 0 ? std::nullopt : std::optional(id));
    encoding.special_tokens_mask.push_back(id < 0 ? 1 : 0);
  }
  if (attention.text.empty()) {
    join_tokens(attention, word_ids, document);
  } else {
    document.text = attention.text;
    encoding.offsets = attention.offsets;
  }
}

std::vector<ReportWord> words_of(const Document::Impl& document) {
  std::vector<ReportWord> words;
  std::int64_t number = 0;
  const Encoding& encoding = document.encoding;
  for (const auto& [first, last] : analysis::word_ranges(word_ids_of(encoding))) {
    const auto front = static_cast<std::size_t>(first);
    ReportWord& word = words.emplace_back();
    word.tokens.resize(static_cast<std::size_t>(last - first));
    std::iota(word.tokens.begin(), word.tokens.end(), first);
    word.text = encoding.tokens[front];
    if (!encoding.word_ids[front]) continue;
    word.number = number++;
    word.span = {encoding.offsets[front].begin, encoding.offsets[static_cast<std::size_t>(last) - 1].end};
    word.text = document.text.substr(static_cast<std::size_t>(word.span.begin),
                                     static_cast<std::size_t>(word.span.end - word.span.begin));
  }
  return words;
}

std::vector<std::int64_t> numbers_or_positions(const std::vector<std::int64_t>& numbers, std::int64_t count) {
  if (!numbers.empty()) return numbers;
  std::vector<std::int64_t> positions(static_cast<std::size_t>(count));
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

}  // namespace

Document Document::of(const Attention& attention, const DocumentOptions& options) {
  check(attention);
  const auto document = std::make_shared<Impl>();
  document->attentions = attention.weights;
  place_tokens(attention, *document);
  choose_data(*document, options);
  ReportContent content;
  content.source = attention.model;
  content.layers = numbers_or_positions(attention.layers, document->num_layers());
  content.heads = numbers_or_positions(attention.heads, document->num_heads());
  content.words = words_of(*document);
  content.word_labels.resize(content.words.size());
  if (options.progress) options.progress("heads");
  const TensorView weights = document->attentions.view();
  content.head_report = head_report_of(weights, document->encoding);
  content.layer_summaries = layer_summaries_of(weights, content.head_report);
  document->rollout = analysis::rollout(weights);
  document->head_distances = content.head_report.distances;
  document->head_map = content.head_report.map;
  document->report = report_json(*document, content);
  return Document(document);
}

}  // namespace attnscope
