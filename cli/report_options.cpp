// SPDX-License-Identifier: Apache-2.0
#include "report_options.h"

#include "encode.h"
#include "errors.h"
#include "measures.h"
#include "numbers.h"
#include "process.h"

namespace attnscope::cli {
namespace {

/// The library's "entity" and "word" are options here.
InvalidArgument named_as_option(const InvalidArgument& error) {
  ErrorInfo info = error.info();
  if (info.file == "entity" || info.file == "word") info.file = info.field = "--" + info.file;
  return InvalidArgument(std::move(info));
}

}  // namespace

void add_focus_options(CLI::App& command, std::optional<std::string>& entity, std::string& word) {
  command.add_option("--entity", entity, "Only this entity; default: all")->type_name("TEXT");
  command.add_option("--word", word, "In place of entities this word, counted from 0")->type_name("N");
}

WordReportOptions report_options(const ReportOptions& given) {
  constexpr Specials kSpecials[] = {Specials::shown, Specials::hidden, Specials::renormalised};
  constexpr analysis::WordRule kRules[] = {analysis::WordRule::mean, analysis::WordRule::first,
                                           analysis::WordRule::max};
  constexpr std::int64_t kMostWords = 1'000'000;
  WordReportOptions options;
  options.measures = parse_measures(given.measure);
  options.specials =
      kSpecials[parse_choice("--specials", given.specials, {"shown", "hidden", "renormalised"})];
  options.rule = kRules[parse_choice("--rule", given.rule, {"mean", "first", "max"})];
  options.entity = given.entity;
  if (!given.word.empty()) options.word = parse_number("--word", given.word, 0, kMostWords);
  if (options.word && options.entity)
    throw usage_error("--word", "a word and an entity exclude each other", "give one of the two");
  return options;
}

WordReport make_report(const std::string& text, const Model& model, const ReportOptions& given,
                       const ComputeOptions& compute) {
  WordReportOptions options = report_options(given);
  options.layers = parse_index_list("--layer", given.layer, model.info().num_layers);
  options.heads = parse_index_list("--head", given.head, model.info().num_heads);
  const TextEncoder encode(model.tokenizer(), compute, model.info().max_positions);
  const Encoding encoding = encode({text, "text", 1});
  RunOptions run = run_options(compute);
  run.poll = check_interrupt;
  Run running(model, run);
  try {
    return word_report(running, text, encoding, options);
  } catch (const InvalidArgument& error) {
    throw named_as_option(error);
  }
}

}  // namespace attnscope::cli
