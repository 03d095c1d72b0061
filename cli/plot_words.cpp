// SPDX-License-Identifier: Apache-2.0
#include "plot_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "attnscope/version.h"
#include "attnscope/word_report.h"
#include "encode.h"
#include "errors.h"
#include "numbers.h"
#include "plot_source.h"
#include "process.h"

namespace attnscope::cli {
namespace {

WordReportOptions report_options(const PlotCommand& command) {
  constexpr std::int64_t kMostWords = 1'000'000;
  std::vector<std::string> names;
  for (const Measure measure : all_measures()) {
    names.emplace_back(name(measure));
    std::replace(names.back().begin(), names.back().end(), '_', '-');
  }
  WordReportOptions options;
  options.measures = {{all_measures()[parse_choice("--measure", command.measure, names)]}};
  if (!command.entity.empty()) options.entity = command.entity;
  if (!command.word.empty()) options.word = parse_number("--word", command.word, 0, kMostWords);
  if (options.word && options.entity)
    throw usage_error("--word", "a word and an entity exclude each other", "give one of the two");
  return options;
}

bool is_own(const Focus& focus, std::size_t word) {
  return std::find(focus.words.begin(), focus.words.end(), static_cast<std::int64_t>(word)) !=
         focus.words.end();
}

/// What of a row is not in the shaded words: special tokens, the words themselves. Leave-one-out has no rest.
std::vector<std::pair<std::string, double>> rest_of(const WordReport& report, const Focus& focus,
                                                    bool framed) {
  const MeasuredWords& measured = focus.measures.front();
  std::vector<std::string> special_names;
  double specials = 0;
  double own = 0;
  double others = 0;
  for (std::size_t word = 0; word < report.words.size(); ++word) {
    const double score = measured.scores[word];
    if (std::isnan(score)) continue;
    if (!report.words[word].number) {
      special_names.push_back(report.words[word].text);
      specials += score;
    } else {
      (framed && is_own(focus, word) ? own : others) += score;
    }
  }
  std::vector<std::pair<std::string, double>> rest;
  if (measured.measure == Measure::leave_one_out) return rest;
  if (!special_names.empty()) rest.emplace_back(fmt::format("{}", fmt::join(special_names, " ")), specials);
  if (framed) rest.emplace_back("itself", own);
  if (!rest.empty()) rest.emplace_back("other words", others);
  return rest;
}

std::string subject_of(const Focus& focus) {
  switch (focus.kind) {
    case Focus::Kind::entity:
    case Focus::Kind::word:
      return fmt::format("From \u201C{}\u201D", focus.text);
    case Focus::Kind::label:
      return fmt::format("For the label {}", focus.label);
    case Focus::Kind::text:
      break;
  }
  return "Received, mean over all words";
}

WordsPicture picture_of(const std::string& text, const WordReport& report, const Focus& focus) {
  const bool framed = focus.kind == Focus::Kind::entity || focus.kind == Focus::Kind::word;
  const MeasuredWords& measured = focus.measures.front();
  WordsPicture picture;
  picture.text = text;
  for (std::size_t word = 0; word < report.words.size(); ++word) {
    const ReportWord& shown = report.words[word];
    if (!shown.number) continue;
    ShadedWord shaded;
    shaded.span = shown.span;
    shaded.focus = framed && is_own(focus, word);
    shaded.weight = shaded.focus ? std::nan("") : measured.scores[word];
    for (std::size_t index = 0; index < report.entities.size(); ++index) {
      const Entity& entity = report.entities[index];
      if (shown.span.begin < entity.span.begin || shown.span.end > entity.span.end) continue;
      shaded.entity = static_cast<std::int64_t>(index);
      if (shown.span.begin == entity.span.begin) shaded.label = entity.kind;
    }
    picture.words.push_back(std::move(shaded));
  }
  picture.rest = rest_of(report, focus, framed);
  picture.measure = fmt::format("{}: {}", subject_of(focus), describe(measured.measure, report));
  return picture;
}

WordReport make_report(const PlotCommand& command, const Model& model, WordReportOptions options) {
  const std::string& text = command.sources.front();
  if (!command.layer.empty())
    options.layers = parse_index_list("--layer", command.layer, model.info().num_layers);
  if (!command.head.empty()) options.heads = parse_index_list("--head", command.head, model.info().num_heads);
  const TextEncoder encode(model.tokenizer(), command.compute, model.info().max_positions);
  const Encoding encoding = encode({text, "text", 1});
  RunOptions run_with = run_options(command.compute);
  run_with.poll = check_interrupt;
  Run run(model, run_with);
  try {
    return word_report(run, text, encoding, options);
  } catch (const InvalidArgument& error) {
    throw named_as_option(error);
  }
}

}  // namespace

Plot draw_words_view(const PlotCommand& command, FigureOptions options) {
  const std::string& text = command.sources.front();
  if (is_array_file(text))
    throw usage_error("--view", fmt::format("words need a text, '{}' is a file of arrays", text),
                      "give the text");
  const WordReportOptions chosen = report_options(command);
  const Model model = load_model(command.model);
  const WordReport report = make_report(command, model, chosen);
  tell(command.model, report.notices);
  if (report.focuses.size() > 1)
    tell(command.model, {fmt::format("drawn is the first of {} entities; choose another with --entity",
                                     report.focuses.size())});
  const WordsPicture picture = picture_of(text, report, report.focuses.front());
  options.metadata = {{"model", model.info().source},
                      {"text", text},
                      {"precision", name(model.info().precision)},
                      {"measure", picture.measure}};
  add_version(options);
  Plot plot;
  plot.text = words_figure(picture, options);
  plot.options = std::move(options);
  return plot;
}

void add_version(FigureOptions& options) {
  options.metadata["version"] = fmt::format("attnscope {}.{}.{}", ATTNSCOPE_VERSION_MAJOR,
                                            ATTNSCOPE_VERSION_MINOR, ATTNSCOPE_VERSION_PATCH);
}

}  // namespace attnscope::cli
