// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "attnscope/outputs.h"
#include "process.h"
#include "results.h"
#include "statistics_table.h"
#include "strongest.h"

namespace attnscope::cli {
namespace {

constexpr std::size_t kStrongest = 3;

TensorView layer_of(const TextResult& result, std::size_t position) {
  return result.capture.attentions.view().select(0, static_cast<std::int64_t>(position));
}

const std::string& token(const TextResult& result, std::int64_t index) {
  return result.encoding.tokens[static_cast<std::size_t>(index)];
}

/// The token that a row of the weights belongs to.
std::int64_t position_of_row(const TextResult& result, std::int64_t row) {
  return result.rows ? (*result.rows)[static_cast<std::size_t>(row)] : row;
}

std::string line_of(const TextResult& result, const StrongWeight& weight) {
  const std::string head =
      weight.head ? fmt::format("head {:<3} ", result.heads[static_cast<std::size_t>(*weight.head)]) : "";
  return fmt::format("  {:.3f}  {}{} to {}\n", weight.weight, head,
                     escape_for_terminal(token(result, position_of_row(result, weight.from))),
                     escape_for_terminal(token(result, weight.to)));
}

std::string title_of(const TextResult& result) {
  const std::string tokens = fmt::format("{} tokens", result.encoding.size());
  if (!result.place) return fmt::format("text {}: {}\n", result.index, tokens);
  return fmt::format("text {}, window {}: {}\n", result.place->text, result.place->window, tokens);
}

class SummarySink : public ResultSink {
 public:
  void add(const TextResult& result) override {
    if (result.one_of_several) print(title_of(result));
    print(statistics_table(result));
    if (result.capture.attentions.empty()) return;
    for (std::size_t position = 0; position < result.layers.size(); ++position) {
      const TensorView layer = layer_of(result, position);
      print(fmt::format("layer {}: {}\n", result.layers[position], to_string(layer.shape().with_front(1))));
      for (const StrongWeight& weight : strongest(layer, kStrongest)) print(line_of(result, weight));
    }
  }
};

void write_weight(JsonWriter& json, const TextResult& result, const StrongWeight& weight) {
  json.begin_object().key("head");
  if (weight.head) {
    json.value(result.heads[static_cast<std::size_t>(*weight.head)]);
  } else {
    json.null();
  }
  json.key("from")
      .value(position_of_row(result, weight.from))
      .key("to")
      .value(weight.to)
      .key("weight")
      .value(weight.weight)
      .end_object();
}

void write_weights(JsonWriter& json, const TextResult& result, std::size_t position) {
  const TensorView layer = layer_of(result, position);
  const Shape shape = layer.shape().with_front(1);
  json.key("shape").value(std::vector<std::int64_t>(shape.begin(), shape.end()));
  json.key("strongest").begin_array();
  for (const StrongWeight& weight : strongest(layer, kStrongest)) write_weight(json, result, weight);
  json.end_array();
}

void write_layer(JsonWriter& json, const TextResult& result, std::size_t position) {
  json.begin_object().key("layer").value(result.layers[position]);
  write_statistics(json, result, position);
  if (!result.capture.attentions.empty()) write_weights(json, result, position);
  json.end_object();
}

class JsonSink : public ResultSink {
 public:
  void add(const TextResult& result) override {
    JsonWriter json;
    json.begin_object().key("index").value(result.index);
    if (result.place) json.key("text").value(result.place->text).key("window").value(result.place->window);
    json.key("tokens").value(result.encoding.tokens);
    if (result.rows) json.key("rows").value(*result.rows);
    json.key("heads").value(result.heads).key("layers").begin_array();
    for (std::size_t position = 0; position < result.layers.size(); ++position) {
      write_layer(json, result, position);
    }
    print(json.end_array().end_object().text() + '\n');
  }
};

}  // namespace

std::unique_ptr<ResultSink> summary_sink() { return std::make_unique<SummarySink>(); }
std::unique_ptr<ResultSink> json_sink() { return std::make_unique<JsonSink>(); }

}  // namespace attnscope::cli
