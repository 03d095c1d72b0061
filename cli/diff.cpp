// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <utility>

#include "aligned_table.h"
#include "attnscope/layer_report.h"
#include "commands.h"
#include "encode.h"
#include "errors.h"
#include "json_numbers.h"
#include "model_options.h"
#include "numbers.h"
#include "process.h"

namespace attnscope::cli {
namespace {

struct DiffCommand {
  ModelOptions model;
  ComputeOptions compute;
  std::string left;
  std::string right;
  std::string layers;
  std::string model2;
  std::string top = "10";

  [[nodiscard]] const std::string& right_text() const { return right.empty() ? left : right; }
};

void check_command(const DiffCommand& command) {
  if (command.layers.empty() && command.right.empty() && command.model2.empty())
    throw usage_error("B", "there is nothing to compare with",
                      "give a second text, --layers 1,5, or --model2 DIR");
  if (!command.layers.empty() && !(command.right.empty() && command.model2.empty()))
    throw usage_error("--layers", "two layers are compared on one text in one model",
                      "leave out the second text and --model2");
}

/// One text in one model.
struct Side {
  Encoding encoding;
  Tensor weights;  // [layers, heads, n, n]
};

Side attend(const DiffCommand& command, const Model& model, const std::string& text, std::int64_t number) {
  const TextEncoder encode(model.tokenizer(), command.compute, model.info().max_positions);
  Side side{encode({text, "text", number}), {}};
  RunOptions options = run_options(command.compute);
  options.poll = check_interrupt;
  Run run(model, options);
  const Captures captures = run(std::vector<Encoding>{side.encoding}, Request::attentions());
  tell(command.model, captures.texts[0].notices);
  side.weights = captures.texts[0].attentions;
  return side;
}

DifferenceReport compare_layers(const DiffCommand& command, const Model& model,
                                const DifferenceOptions& options) {
  const auto layers = parse_index_list("--layers", command.layers, model.info().num_layers);
  if (!layers || layers->size() != 2)
    throw usage_error("--layers", fmt::format("'{}' is no pair of layers", command.layers),
                      "write two numbers, for example 1,5");
  const Side side = attend(command, model, command.left, 1);
  return layer_difference(attention_of_words(command.left, side.encoding, side.weights.view()), (*layers)[0],
                          (*layers)[1], options);
}

/// The same tokens are compared one by one, else words.
DifferenceReport compare_sides(const DiffCommand& command, const Side& left, const Side& right,
                               const DifferenceOptions& options) {
  if (left.encoding.tokens == right.encoding.tokens)
    return difference(attention_of_tokens(left.encoding, left.weights.view()),
                      attention_of_tokens(right.encoding, right.weights.view()), options);
  return difference(attention_of_words(command.left, left.encoding, left.weights.view()),
                    attention_of_words(command.right_text(), right.encoding, right.weights.view()), options);
}

const std::string& name_at(const std::vector<std::string>& names, std::int64_t index) {
  return names[static_cast<std::size_t>(index)];
}

/// "Paris", or "Paris / London" where the two sides differ.
std::string pair_name(const DifferenceReport& report, std::int64_t pair) {
  const auto& [left, right] = report.pairs[static_cast<std::size_t>(pair)];
  const std::string& left_name = name_at(report.left_names, left);
  const std::string& right_name = name_at(report.right_names, right);
  return left_name == right_name ? left_name : left_name + " / " + right_name;
}

/// How the words of the two sides were put together.
std::string alignment_text(const DifferenceReport& report) {
  std::vector<std::string> replaced;
  for (std::size_t pair = 0; pair < report.pairs.size(); ++pair) {
    const auto& [left, right] = report.pairs[pair];
    if (name_at(report.left_names, left) != name_at(report.right_names, right))
      replaced.push_back(escape_for_terminal(pair_name(report, static_cast<std::int64_t>(pair))));
  }
  std::string text = fmt::format("{} aligned, of {} left and {} right", report.pairs.size(),
                                 report.left_names.size(), report.right_names.size());
  if (!replaced.empty()) text += fmt::format("; replaced: {}", fmt::join(replaced, ", "));
  return text + '\n';
}

std::string layer_name(std::int64_t left, std::int64_t right) {
  return left == right ? std::to_string(left) : fmt::format("{} / {}", left, right);
}

std::string mean_table(const DifferenceReport& report) {
  AlignedTable table;
  table.add_column("layer");
  const std::int64_t heads = report.mean_difference.size(1);
  if (report.by_head)
    for (std::int64_t head = 0; head < heads; ++head)
      table.add_column(fmt::format("{}{}", head == 0 ? "head " : "", head));
  table.add_column("mean");
  for (std::size_t layer = 0; layer < report.layers.size(); ++layer) {
    std::vector<std::string> cells{layer_name(report.layers[layer].first, report.layers[layer].second)};
    double sum = 0.0;
    for (std::int64_t head = 0; head < heads; ++head) {
      const float value = report.mean_difference.at({static_cast<std::int64_t>(layer), head});
      sum += static_cast<double>(value);
      if (report.by_head) cells.push_back(fmt::format("{:.3f}", value));
    }
    cells.push_back(fmt::format("{:.3f}", sum / static_cast<double>(heads)));
    table.add_row(cells);
  }
  return table.text();
}

std::string strongest_table(const DifferenceReport& report) {
  AlignedTable table;
  for (const char* title : {"change", "left", "right", "layer"}) table.add_column(title);
  if (report.by_head) table.add_column("head");
  table.add_column("from", AlignedTable::Align::left);
  table.add_column("to", AlignedTable::Align::left);
  for (const AttentionChange& change : report.strongest) {
    std::vector<std::string> cells{fmt::format("{:+.3f}", change.right - change.left),
                                   fmt::format("{:.3f}", change.left), fmt::format("{:.3f}", change.right),
                                   layer_name(change.left_layer, change.right_layer)};
    if (change.head) cells.push_back(std::to_string(*change.head));
    cells.push_back(pair_name(report, change.from));
    cells.push_back(pair_name(report, change.to));
    table.add_row(cells);
  }
  return table.text();
}

std::string text_of(const DifferenceReport& report) {
  std::string text = alignment_text(report);
  text += fmt::format("\nmean |right - left| of {}, over all pairs\n",
                      report.by_head ? "each head" : "the mean over heads");
  text += mean_table(report);
  if (report.strongest.empty()) return text;
  return text + "\nlargest differences\n" + strongest_table(report);
}

void write_pairs(JsonWriter& json, const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs) {
  json.begin_array();
  for (const auto& [left, right] : pairs) json.value(std::vector<std::int64_t>{left, right});
  json.end_array();
}

void write_change(JsonWriter& json, const DifferenceReport& report, const AttentionChange& change) {
  json.begin_object().key("layers").value(std::vector<std::int64_t>{change.left_layer, change.right_layer});
  json.key("head");
  if (change.head) {
    json.value(*change.head);
  } else {
    json.null();
  }
  json.key("from").value(change.from).key("to").value(change.to);
  json.key("from_name").value(pair_name(report, change.from));
  json.key("to_name").value(pair_name(report, change.to));
  json.key("left").value(change.left).key("right").value(change.right).end_object();
}

std::string json_of(const DifferenceReport& report) {
  JsonWriter json;
  json.begin_object().key("left_names").value(report.left_names).key("right_names").value(report.right_names);
  write_pairs(json.key("pairs"), report.pairs);
  write_pairs(json.key("layers"), report.layers);
  json.key("by_head").value(report.by_head);
  write_numbers(json.key("mean_difference"), report.mean_difference.view());
  json.key("strongest").begin_array();
  for (const AttentionChange& change : report.strongest) write_change(json, report, change);
  return json.end_array().end_object().text() + '\n';
}

void run_diff(const DiffCommand& command) {
  constexpr std::int64_t kMost = 1'000'000;
  check_command(command);
  const DifferenceOptions options{.strongest = parse_number("--top", command.top, 0, kMost)};
  static_cast<void>(run_options(command.compute));
  const Model model = load_model(command.model);
  DifferenceReport report;
  if (!command.layers.empty()) {
    report = compare_layers(command, model, options);
  } else {
    const Side left = attend(command, model, command.left, 1);
    ModelOptions other = command.model;
    if (!command.model2.empty()) other.model = command.model2;
    const Model right_model = command.model2.empty() ? model : load_model(other);
    const Side right = attend(command, right_model, command.right_text(), 2);
    report = compare_sides(command, left, right, options);
  }
  check_interrupt();
  print(command.model.json ? json_of(report) : text_of(report));
}

}  // namespace

void setup_diff(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("diff", "Where the attention of two texts, layers or models differs.");
  command->footer(
      "attnscope diff \"Angela lives in Paris.\" \"Angela works in Paris.\"\n"
      "attnscope diff \"Angela lives in Paris.\" --layers 1,5\n"
      "attnscope diff \"Angela lives in Paris.\" -m DIR --model2 DIR2");
  auto options = std::make_shared<DiffCommand>();
  command->add_option("A", options->left, "The text on the left")->type_name("")->required();
  command->add_option("B", options->right, "The text on the right; without it, A")->type_name("");
  command->add_option("--layers", options->layers, "Compare two layers, for example 1,5")->type_name("LIST");
  command->add_option("--model2", options->model2, "The model of the right side; -m2 is the same")
      ->type_name("DIR");
  command->add_option("--top", options->top, "So many largest differences; default: 10")->type_name("N");
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_diff(*options); }; });
}

}  // namespace attnscope::cli
