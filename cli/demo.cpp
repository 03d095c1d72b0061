// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>  // program_invocation_name
#include <filesystem>
#include <memory>

#include "attnscope/entities.h"
#include "attnscope/outputs.h"
#include "attnscope/text_file.h"
#include "attnscope/viewer.h"
#include "commands.h"
#include "errors.h"
#include "model_options.h"
#include "output_path.h"
#include "process.h"
#include "results.h"
#include "terminal.h"

namespace attnscope::cli {
namespace {

constexpr const char* kSentence = "This is a simple example sentence.";
constexpr const char* kEntitySentence = "John Smith works for Google in New York.";

struct DemoCommand {
  ModelOptions model;
  ColorOptions color;
  std::string folder = ".";
};

void print_shapes(const Captures& captures) {
  const TensorView attentions = captures.texts.front().attentions.view();
  for (std::size_t layer = 0; layer < captures.layers.size(); ++layer) {
    const Shape shape = attentions.select(0, static_cast<std::int64_t>(layer)).shape().with_front(1);
    print(fmt::format("layer {}: {}\n", captures.layers[layer], to_string(shape)));
  }
}

void print_pictures(const Model& model, const Encoding& encoding, const Captures& captures,
                    const PictureOptions& options) {
  const Tensor& attentions = captures.texts.front().attentions;
  print(draw_grid(attentions.view(), captures.layers, captures.heads, "attention of " + model.info().source,
                  options));
  const std::int64_t layer =
      std::min<std::int64_t>(1, model.info().num_layers - 1);  // the last ones look at [CLS]
  const Tensor mean = head_mean(attentions.view().select(0, layer));
  print('\n' + draw_matrix(mean.view(), encoding.tokens,
                           fmt::format("layer {}, mean over {} heads", layer, model.info().num_heads),
                           options));
}

void print_entities(const Model& model, Run& run) {
  if (model.info().task != Task::token_classification) return;
  const Encoding encoding = model.tokenizer().encode(kEntitySentence);
  Request request;
  request.logits = true;
  const Captures captures = run(std::vector<Encoding>{encoding}, request);
  print(fmt::format("\nEntities in \"{}\":\n", kEntitySentence));
  const auto entities =
      find_entities(kEntitySentence, encoding, captures.texts.front().logits.view(), model.info().labels);
  for (const Entity& entity : entities) {
    print(fmt::format("  {:<24} {}\n", escape_for_terminal(entity.text), escape_for_terminal(entity.kind)));
  }
  if (entities.empty()) print("  none found\n");
}

void write_file(const std::string& path, const Model& model, const Encoding& encoding,
                const Captures& captures) {
  const auto sink = array_sink(path, model.info(), Reduce::none);
  sink->add(
      {0, false, encoding, Request::attentions(), captures.texts.front(), captures.layers, captures.heads});
  sink->finish();
  print(
      fmt::format("\nWrote {0}. Next:\n"
                  "  python -c \"import numpy; print(numpy.load('{0}')['attentions'].shape)\"\n"
                  "  {1} show \"Your own sentence.\" --layer 2\n"
                  "  {1} run -m FOLDER -f sentences.txt -o attention.npz\n"
                  "  {1} --help\n",
                  escape_for_terminal(path), escape_for_terminal(program_invocation_name)));
}

void write_page(const std::string& path, Run& run) {
  DocumentOptions options;
  options.progress = [](const char*) { check_interrupt(); };
  const HtmlPage page =
      html_page({Document::of(run, kEntitySentence, options), Document::of(run, kSentence, options)});
  check_interrupt();
  write_text_file(path, page.html);
  print(fmt::format("\nOpen {} in a browser: the words view of \"{}\"\n", escape_for_terminal(path),
                    kEntitySentence));
}

std::string path_in(const DemoCommand& command, const char* name) {
  return (std::filesystem::path(command.folder) / name).lexically_normal().string();
}

void run_demo(const DemoCommand& command) {
  const PictureOptions picture = picture_options(command.color);
  const std::string path = path_in(command, "attention.npz");
  const std::string page = path_in(command, "report.html");
  check_output({path, command.model.model, ""});
  check_text_output({page, command.model.model, ""});
  const Model model = load_model(command.model);
  const Encoding encoding = model.tokenizer().encode(kSentence);
  Run run(model);
  const Captures captures = run(std::vector<Encoding>{encoding}, Request::attentions());
  check_interrupt();
  print(fmt::format("\"{}\" is {} tokens.\n", kSentence, encoding.size()));
  print_shapes(captures);
  print("\n");
  print_pictures(model, encoding, captures, picture);
  print_entities(model, run);
  write_file(path, model, encoding, captures);
  write_page(page, run);
}

}  // namespace

void setup_demo(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("demo", "See it work: needs no model, no text and no network.");
  command->footer(
      "attnscope demo\n"
      "attnscope demo -o results");
  auto options = std::make_shared<DemoCommand>();
  command
      ->add_option("-o,--output", options->folder, "Folder for attention.npz and report.html; default: here")
      ->type_name("DIR");
  command->add_flag("--plain", options->color.plain, "No colours: characters and numbers");
  command->add_option("--color", options->color.color, "auto (default), always or never")->type_name("WHEN");
  command->add_option("-m,--model", options->model.model, "Folder, hub id, or builtin:demo (default)")
      ->type_name("DIR");
  command->add_flag("-q,--quiet", options->model.quiet, "No notes");
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_demo(*options); }; });
}

}  // namespace attnscope::cli
