// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "attnscope/word_report.h"
#include "commands.h"
#include "measures.h"
#include "model_options.h"
#include "numbers.h"
#include "process.h"
#include "report_options.h"
#include "terminal.h"
#include "words_table.h"

namespace attnscope::cli {
namespace {

struct WordsCommand {
  ModelOptions model;
  ComputeOptions compute;
  ReportOptions report;
  bool plain = false;
  std::string text;
  std::string top = "10";
};

WordsView view_of(const WordsCommand& command) {
  constexpr std::int64_t kMostRows = 1'000'000;
  WordsView view;
  view.top = static_cast<std::size_t>(parse_number("--top", command.top, 1, kMostRows));
  view.one_fact_a_line = command.plain;
  const PictureOptions terminal = picture_options({command.plain, "auto"});
  view.block_bars = terminal.color != ColorMode::plain;
  view.columns = terminal.columns;
  return view;
}

void run_words(const WordsCommand& command) {
  static_cast<void>(report_options(command.report));  // refuses before the model is opened
  const WordsView view = view_of(command);
  const Model model = load_model(command.model);
  const WordReport report = make_report(command.text, model, command.report, command.compute);
  tell(command.model, report.notices);
  check_interrupt();
  print(command.model.json ? words_json(command.text, report) + '\n'
                           : words_table(command.text, report, view));
}

}  // namespace

void setup_words(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("words", "Which words an entity looks at, by several measures.");
  command->footer(
      "attnscope words \"Angela Merkel visited Paris.\"\n"
      "attnscope words \"Angela Merkel visited Paris.\" --entity Paris --layer 3-5 --measure rollout\n"
      "attnscope words \"Angela Merkel visited Paris.\" --word 2 --specials renormalised --json");
  auto options = std::make_shared<WordsCommand>();
  command->add_option("TEXT", options->text, "The text")->type_name("")->required();
  add_focus_options(*command, options->report.entity, options->report.word);
  command->add_option("--layer", options->report.layer, "Layers, for example 0,2-4; default: all")
      ->type_name("LIST");
  command->add_option("--head", options->report.head, "Heads; default: all")->type_name("LIST");
  command->add_option("--measure", options->report.measure, kMeasuresHelp)->type_name("LIST");
  command
      ->add_option("--specials", options->report.specials,
                   "[CLS] and [SEP]: shown (default), hidden, or renormalised (the rest sums to 1)")
      ->type_name("WORD");
  command
      ->add_option("--rule", options->report.rule,
                   "From a word of several pieces: mean (default), first or max")
      ->type_name("WORD");
  command->add_option("--top", options->top, "Rows of each table; default: 10")->type_name("N");
  command->add_flag("--plain", options->plain, "One fact a line");
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_words(*options); }; });
}

}  // namespace attnscope::cli
