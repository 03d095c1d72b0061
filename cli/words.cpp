// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "attnscope/word_report.h"
#include "commands.h"
#include "encode.h"
#include "errors.h"
#include "measures.h"
#include "model_options.h"
#include "numbers.h"
#include "process.h"
#include "terminal.h"
#include "words_table.h"

namespace attnscope::cli {
namespace {

struct WordsCommand {
  ModelOptions model;
  ComputeOptions compute;
  bool plain = false;
  std::string text;
  std::optional<std::string> entity;
  std::string word;
  std::string layer = "all";
  std::string head = "all";
  std::string measure = "all";
  std::string specials = "shown";
  std::string rule = "mean";
  std::string top = "10";
};

/// What does not depend on the model.
WordReportOptions report_options(const WordsCommand& command) {
  constexpr Specials kSpecials[] = {Specials::shown, Specials::hidden, Specials::renormalised};
  constexpr analysis::WordRule kRules[] = {analysis::WordRule::mean, analysis::WordRule::first,
                                           analysis::WordRule::max};
  constexpr std::int64_t kMostWords = 1'000'000;
  WordReportOptions options;
  options.measures = parse_measures(command.measure);
  options.specials =
      kSpecials[parse_choice("--specials", command.specials, {"shown", "hidden", "renormalised"})];
  options.rule = kRules[parse_choice("--rule", command.rule, {"mean", "first", "max"})];
  options.entity = command.entity;
  if (!command.word.empty()) options.word = parse_number("--word", command.word, 0, kMostWords);
  if (options.word && options.entity)
    throw usage_error("--word", "a word and an entity exclude each other", "give one of the two");
  return options;
}

WordsView view_of(const WordsCommand& command) {
  constexpr std::int64_t kMostRows = 1'000'000;
  WordsView view;
  view.top = static_cast<std::size_t>(parse_number("--top", command.top, 1, kMostRows));
  view.one_fact_a_line = command.plain;
  view.block_bars = picture_options({command.plain, "auto"}).color != ColorMode::plain;
  return view;
}

WordReport make_report(const WordsCommand& command, const Model& model, WordReportOptions options) {
  options.layers = parse_index_list("--layer", command.layer, model.info().num_layers);
  options.heads = parse_index_list("--head", command.head, model.info().num_heads);
  const TextEncoder encode(model.tokenizer(), command.compute, model.info().max_positions);
  const Encoding encoding = encode({command.text, "text", 1});
  RunOptions run = run_options(command.compute);
  run.poll = check_interrupt;
  Run running(model, run);
  try {
    return word_report(running, command.text, encoding, options);
  } catch (const InvalidArgument& error) {
    throw named_as_option(error);
  }
}

void run_words(const WordsCommand& command) {
  const WordReportOptions options = report_options(command);
  const WordsView view = view_of(command);
  const Model model = load_model(command.model);
  const WordReport report = make_report(command, model, options);
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
  command->add_option("--entity", options->entity, "Only this entity; default: all")->type_name("TEXT");
  command->add_option("--word", options->word, "In place of entities this word, counted from 0")
      ->type_name("N");
  command->add_option("--layer", options->layer, "Layers, for example 0,2-4; default: all")
      ->type_name("LIST");
  command->add_option("--head", options->head, "Heads; default: all")->type_name("LIST");
  command->add_option("--measure", options->measure, kMeasuresHelp)->type_name("LIST");
  command
      ->add_option("--specials", options->specials,
                   "[CLS] and [SEP]: shown (default), hidden, or renormalised (the rest sums to 1)")
      ->type_name("WORD");
  command->add_option("--rule", options->rule, "From a word of several pieces: mean (default), first or max")
      ->type_name("WORD");
  command->add_option("--top", options->top, "Rows of each table; default: 10")->type_name("N");
  command->add_flag("--plain", options->plain, "One fact a line");
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_words(*options); }; });
}

}  // namespace attnscope::cli
