// SPDX-License-Identifier: Apache-2.0
#include "attnscope/word_report.h"

#include <algorithm>
#include <utility>

#include "core/message.h"
#include "probe/focus.h"
#include "probe/focus_choice.h"
#include "probe/measure_matrices.h"
#include "probe/report_words.h"

namespace attnscope {
namespace {

bool contains(const std::vector<Measure>& measures, Measure measure) {
  return std::find(measures.begin(), measures.end(), measure) != measures.end();
}

[[noreturn]] void refuse_target(const ModelInfo& model, Measure measure) {
  const bool by_word = model.task == Task::masked_lm || model.task == Task::token_classification;
  throw UnsupportedModel(problem(ErrorKind::input, "NO_HEAD", name(measure))
                             .found("{} gives no label here that could be explained", model.architecture)
                             .hint("{}", by_word ? "choose a word by its number"
                                                 : "take a classifier, or attention, rollout or norms"));
}

/// What takes the place of a word.
std::optional<std::int64_t> replacement_of(const Model& model, const WordReportOptions& options) {
  if (options.replacement_id) return options.replacement_id;
  try {
    return model.tokenizer().token_to_id("[MASK]");
  } catch (const CheckpointError&) {
    return std::nullopt;  // a model from memory need not have a tokenizer
  }
}

/// The measures that were asked for, each once; if none were, all that can be had.
std::vector<Measure> choose_measures(const Model& model, const WordReportOptions& options, bool has_target) {
  if (!options.measures) {
    std::vector<Measure> measures{Measure::attention, Measure::rollout, Measure::norms};
    if (has_target) measures.push_back(Measure::gradient);
    if (has_target && replacement_of(model, options)) measures.push_back(Measure::leave_one_out);
    return measures;
  }
  for (const Measure measure : {Measure::gradient, Measure::leave_one_out})
    if (!has_target && contains(*options.measures, measure)) refuse_target(model.info(), measure);
  if (contains(*options.measures, Measure::leave_one_out) && !replacement_of(model, options))
    throw InvalidArgument(problem(ErrorKind::usage, "NO_MASK", "leave_one_out")
                              .found("the tokenizer has no [MASK]")
                              .hint("give the id that takes the place of a word, or take another measure"));
  std::vector<Measure> measures;
  for (const Measure measure : all_measures())
    if (contains(*options.measures, measure)) measures.push_back(measure);
  return measures;
}

std::vector<std::string> notices_of(const WordReport& report, const Model& model,
                                    const WordReportOptions& options) {
  std::vector<std::string> notices;
  const bool empty = report.focuses.empty();
  if (empty) notices.emplace_back("the text has no words");
  if (!empty && model.info().task == Task::token_classification && report.entities.empty() && !options.word)
    notices.emplace_back("no entities were found: this is what all words look at");
  if (options.heads && contains(report.measures, Measure::norms))
    notices.emplace_back("norms are of all heads together, whatever heads are chosen");
  return notices;
}

}  // namespace

WordReport word_report(Run& run, const std::string& text, const Encoding& encoding,
                       const WordReportOptions& options) {
  const Model model = run.model();
  const ReportWords words(text, encoding);
  MeasureMatrices matrices(run, model, {encoding.input_ids, encoding.token_type_ids}, options);
  WordReport report;
  report.layers = matrices.layers();
  report.heads = matrices.heads();
  report.chosen_layers = options.layers.has_value();
  report.specials = options.specials;
  report.rule = options.rule;
  for (const std::size_t word : shown_words(words, options.specials))
    report.words.push_back(words.all()[word]);
  if (model.info().task == Task::token_classification)
    report.entities =
        find_entities(text, encoding, matrices.logits().view(), model.info().labels, options.aggregation);

  report.focuses = choose_focuses({model, words, report.entities, matrices.logits()}, options);
  const bool has_target = !report.focuses.empty() && report.focuses.front().target.has_value();
  report.measures = choose_measures(model, options, has_target);
  const bool removes = contains(report.measures, Measure::leave_one_out);
  const FocusTools tools{run, matrices, words, options,
                         removes ? replacement_of(model, options) : std::nullopt};
  for (Focus& focus : report.focuses) measure(focus, report.measures, tools);
  report.notices = matrices.notices();
  for (std::string& notice : notices_of(report, model, options)) report.notices.push_back(std::move(notice));
  return report;
}

}  // namespace attnscope
