// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "attnscope/outputs.h"
#include "commands.h"
#include "encode.h"
#include "errors.h"
#include "json_numbers.h"
#include "model_options.h"
#include "numbers.h"
#include "process.h"
#include "terminal.h"

namespace attnscope::cli {
namespace {

struct ShowCommand {
  ModelOptions model;
  ComputeOptions compute;
  ColorOptions color;
  std::string text;
  std::string layer;
  std::string head;
  bool mean = false;
  bool grid = false;
};

/// What is drawn: everything, the mean over the heads of a layer, or one head.
struct View {
  enum class Kind { grid, mean, head } kind = Kind::grid;
  std::int64_t layer = 0;
  std::int64_t head = 0;

  [[nodiscard]] const char* name() const {
    return kind == Kind::grid ? "grid" : kind == Kind::mean ? "mean" : "head";
  }
};

void check_view(const ShowCommand& command) {
  if (command.grid && (command.mean || !command.layer.empty() || !command.head.empty())) {
    throw usage_error("--grid", "the grid shows all layers and heads",
                      "leave out --layer, --head and --mean");
  }
  if (command.mean && !command.head.empty()) {
    throw usage_error("--mean", "the mean over the heads and one head exclude each other");
  }
  if (!command.head.empty() && command.layer.empty()) {
    throw usage_error("--head", "the layer is missing", "add --layer N");
  }
}

/// Without a layer, --mean shows the last one.
View choose_view(const ShowCommand& command, const ModelInfo& model) {
  View view;
  if (command.layer.empty() && !command.mean) return view;
  view.kind = command.head.empty() ? View::Kind::mean : View::Kind::head;
  view.layer = command.layer.empty() ? model.num_layers - 1
                                     : parse_number("--layer", command.layer, 0, model.num_layers - 1);
  if (!command.head.empty()) view.head = parse_number("--head", command.head, 0, model.num_heads - 1);
  return view;
}

Request make_request(const View& view) {
  Request request = Request::attentions();
  if (view.kind != View::Kind::grid) request.layers = {{view.layer}};
  if (view.kind == View::Kind::head) request.heads = {{view.head}};
  if (view.kind == View::Kind::mean) request.reduce = Reduce::mean;
  return request;
}

/// Shapes: [n, n] of the mean or the head.
TensorView matrix_of(const View& view, const Tensor& attentions) {
  const TensorView layer = attentions.view().select(0, 0);
  return view.kind == View::Kind::head ? layer.select(0, 0) : layer;
}

std::string title_of(const View& view, const ModelInfo& model) {
  if (view.kind == View::Kind::grid) return "attention of " + model.source;
  if (view.kind == View::Kind::head)
    return fmt::format("layer {}, head {} of {}", view.layer, view.head, model.source);
  return fmt::format("layer {}, mean over {} heads of {}", view.layer, model.num_heads, model.source);
}

std::string json_of(const View& view, const Encoding& encoding, const Captures& captures) {
  JsonWriter json;
  json.begin_object().key("view").value(view.name()).key("layers").value(captures.layers);
  json.key("heads").value(captures.heads).key("tokens").value(encoding.tokens).key("weights");
  const Tensor& attentions = captures.texts.front().attentions;
  write_numbers(json, view.kind == View::Kind::grid ? attentions.view() : matrix_of(view, attentions));
  return json.end_object().text();
}

std::string draw(const View& view, const Encoding& encoding, const Captures& captures, const ModelInfo& model,
                 const PictureOptions& options) {
  const Tensor& attentions = captures.texts.front().attentions;
  const std::string title = title_of(view, model);
  if (view.kind == View::Kind::grid) {
    return draw_grid(attentions.view(), captures.layers, captures.heads, title, options);
  }
  return draw_matrix(matrix_of(view, attentions), encoding.tokens, title, options);
}

void run_show(const ShowCommand& command) {
  check_view(command);
  const PictureOptions picture = picture_options(command.color);
  const RunOptions options = run_options(command.compute);
  const Model model = load_model(command.model);
  const View view = choose_view(command, model.info());
  const TextEncoder encode(model.tokenizer(), command.compute, model.info().max_positions);
  const Encoding encoding = encode({command.text, "text", 1});
  Run run(model, options);
  const Captures captures = run(std::vector<Encoding>{encoding}, make_request(view));
  tell(command.model, captures.texts.front().notices);
  check_interrupt();
  print(command.model.json ? json_of(view, encoding, captures) + '\n'
                           : draw(view, encoding, captures, model.info(), picture));
}

}  // namespace

void setup_show(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("show", "Draw attention in the terminal.");
  command->footer(
      "attnscope show \"Angela lives in Paris.\"\n"
      "attnscope show \"Angela lives in Paris.\" --layer 3\n"
      "attnscope show \"Angela lives in Paris.\" --layer 3 --head 7 --plain");
  auto options = std::make_shared<ShowCommand>();
  command->add_option("TEXT", options->text, "The text")->type_name("")->required();
  command->add_option("--layer", options->layer, "Only this layer: the mean over its heads")->type_name("N");
  command->add_option("--head", options->head, "Only this head of the layer")->type_name("N");
  command->add_flag("--mean", options->mean,
                    "The mean over the heads of the layer; without --layer, of the last");
  command->add_flag("--grid", options->grid, "All layers and heads (the default)");
  command->add_flag("--plain", options->color.plain, "No colours: characters and numbers");
  command->add_option("--color", options->color.color, "auto (default), always or never")->type_name("WHEN");
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_show(*options); }; });
}

}  // namespace attnscope::cli
