// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "attnscope/outputs.h"
#include "attnscope/viewer.h"
#include "commands.h"
#include "encode.h"
#include "focus_text.h"
#include "json_numbers.h"
#include "model_options.h"
#include "numbers.h"
#include "process.h"
#include "show_view.h"
#include "terminal.h"
#include "words_table.h"

namespace attnscope::cli {
namespace {

struct ShowCommand {
  ModelOptions model;
  ComputeOptions compute;
  ColorOptions color;
  std::string text;
  ShowOptions show;
};

Request make_request(const ShowView& view) {
  Request request = Request::attentions();
  if (view.kind != ShowView::Kind::grid) request.layers = {{view.layer}};
  if (view.kind == ShowView::Kind::head) request.heads = {{view.head}};
  if (view.kind == ShowView::Kind::mean) request.reduce = Reduce::mean;
  return request;
}

/// Shapes: [n, n] of the mean or the head.
TensorView matrix_of(const ShowView& view, const Tensor& attentions) {
  const TensorView layer = attentions.view().select(0, 0);
  return view.kind == ShowView::Kind::head ? layer.select(0, 0) : layer;
}

std::string title_of(const ShowView& view, const ModelInfo& model) {
  if (view.kind == ShowView::Kind::grid) return "attention of " + model.source;
  if (view.kind == ShowView::Kind::head)
    return fmt::format("layer {}, head {} of {}", view.layer, view.head, model.source);
  return fmt::format("layer {}, mean over {} heads of {}", view.layer, model.num_heads, model.source);
}

std::string json_of(const ShowView& view, const Encoding& encoding, const Captures& captures,
                    const ModelInfo& model) {
  JsonWriter json;
  json.begin_object().key("view").value(view.name()).key("model").value(model.source);
  json.key("layers").value(captures.layers).key("heads").value(captures.heads);
  json.key("tokens").value(encoding.tokens).key("weights");
  const Tensor& attentions = captures.texts.front().attentions;
  write_numbers(json, view.kind == ShowView::Kind::grid ? attentions.view() : matrix_of(view, attentions));
  return json.end_object().text() + '\n';
}

std::string draw(const ShowView& view, const Encoding& encoding, const Captures& captures,
                 const ModelInfo& model, const PictureOptions& options) {
  const Tensor& attentions = captures.texts.front().attentions;
  const std::string title = title_of(view, model);
  if (view.kind == ShowView::Kind::grid)
    return draw_grid(attentions.view(), captures.layers, captures.heads, title, options);
  return draw_matrix(matrix_of(view, attentions), encoding.tokens, title, options);
}

void show_weights(const ShowCommand& command, const ShowView& view, const Model& model,
                  const PictureOptions& picture) {
  const TextEncoder encode(model.tokenizer(), command.compute, model.info().max_positions);
  const Encoding encoding = encode({command.text, "text", 1});
  Run run(model, run_options(command.compute));
  const Captures captures = run(std::vector<Encoding>{encoding}, make_request(view));
  tell(command.model, captures.texts.front().notices);
  check_interrupt();
  print(command.model.json ? json_of(view, encoding, captures, model.info())
                           : draw(view, encoding, captures, model.info(), picture));
}

/// A picture for each entity, or one for the word, the label or the text.
std::string draw_report(const std::string& text, const WordReport& report, std::size_t top,
                        const PictureOptions& options) {
  if (report.focuses.empty()) return escape_for_terminal(text) + '\n';
  std::string pictures;
  for (const Focus& focus : report.focuses) {
    WordsPicture picture = words_picture(text, report, focus);
    picture.measure = describe(focus.measures.front().measure, report);  // the heading says whose
    picture.top = top;
    if (!pictures.empty()) pictures += '\n';
    pictures += draw_words(picture, heading_of(focus), options);
  }
  return pictures;
}

void show_words(const ShowCommand& command, const Model& model, std::size_t top,
                const PictureOptions& picture) {
  const WordReport report = make_report(command.text, model, words_of(command.show), command.compute);
  tell(command.model, report.notices);
  check_interrupt();
  print(command.model.json ? words_json(command.text, report, "words") + '\n'
                           : draw_report(command.text, report, top, picture));
}

void run_show(ShowCommand command) {
  constexpr std::int64_t kMostRows = 1'000'000;
  command.show = checked(std::move(command.show));
  const PictureOptions picture = picture_options(command.color);
  static_cast<void>(report_options(words_of(command.show)));  // refuses before the model is opened
  const std::int64_t top =
      command.show.top.empty() ? 10 : parse_number("--top", command.show.top, 1, kMostRows);
  static_cast<void>(run_options(command.compute));
  const Model model = load_model(command.model);
  const ShowView view = choose_view(command.show, model.info());
  if (view.kind == ShowView::Kind::words) {
    show_words(command, model, static_cast<std::size_t>(top), picture);
  } else {
    show_weights(command, view, model, picture);
  }
}

void add_show_options(CLI::App& command, ShowOptions& options) {
  command
      .add_option("--view", options.view,
                  "words (default): the text shaded by what an entity or a word looks at; matrix: one head, "
                  "or the mean over the heads of a layer; grid: all layers and heads")
      ->type_name("WORD");
  add_focus_options(command, options.entity, options.word);
  command
      .add_option("--measure", options.measure,
                  "Words: attention (default), rollout, norms, gradient or leave-one-out")
      ->type_name("WORD");
  command.add_option("--top", options.top, "Words: how many bars; default: 10")->type_name("N");
  command
      .add_option("--layer", options.layer,
                  "Matrix: this layer, the mean over its heads. Words: a list such as 0,2-4; default: all")
      ->type_name("N");
  command
      .add_option("--head", options.head,
                  "Matrix: this head of the layer; L3H7 names both. Words: a list; default: all")
      ->type_name("N");
  command.add_flag("--mean", options.mean,
                   "Matrix: the mean over the heads of the layer; without --layer, of the last");
  command.add_flag("--grid", options.grid, "The same as --view grid");
}

}  // namespace

void setup_show(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("show", "Draw attention in the terminal.");
  command->footer(
      "attnscope show \"Angela lives in Paris.\"\n"
      "attnscope show \"Angela lives in Paris.\" --entity Paris --measure leave-one-out\n"
      "attnscope show \"Angela lives in Paris.\" --head L3H7\n"
      "attnscope show \"Angela lives in Paris.\" --grid");
  auto options = std::make_shared<ShowCommand>();
  command->add_option("TEXT", options->text, "The text")->type_name("")->required();
  add_show_options(*command, options->show);
  command->add_flag("--plain", options->color.plain, "No colours: characters and numbers, one fact a line");
  command->add_option("--color", options->color.color, "auto (default), always or never")->type_name("WHEN");
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_show(*options); }; });
}

}  // namespace attnscope::cli
