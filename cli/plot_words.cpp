// SPDX-License-Identifier: Apache-2.0
#include "plot_words.h"

#include <fmt/format.h>

#include "attnscope/version.h"
#include "attnscope/viewer.h"
#include "errors.h"
#include "plot_source.h"
#include "report_options.h"

namespace attnscope::cli {
namespace {

/// One measure: the figure has one shading.
ReportOptions report_of(const PlotCommand& command) {
  ReportOptions options;
  options.measure = command.measure;
  if (!command.entity.empty()) options.entity = command.entity;
  options.word = command.word;
  if (!command.layer.empty()) options.layer = command.layer;
  if (!command.head.empty()) options.head = command.head;
  const auto measures = report_options(options).measures;
  if (!measures || measures->size() != 1)
    throw usage_error("--measure", "a figure has one shading", "name one measure");
  return options;
}

}  // namespace

Plot draw_words_view(const PlotCommand& command, FigureOptions options) {
  const std::string& text = command.sources.front();
  if (is_array_file(text))
    throw usage_error("--view", fmt::format("words need a text, '{}' is a file of arrays", text),
                      "give the text");
  const ReportOptions chosen = report_of(command);
  const Model model = load_model(command.model);
  const WordReport report = make_report(text, model, chosen, command.compute);
  tell(command.model, report.notices);
  if (report.focuses.size() > 1)
    tell(command.model, {fmt::format("drawn is the first of {} entities; choose another with --entity",
                                     report.focuses.size())});
  const WordsPicture picture = words_picture(text, report, report.focuses.front());
  options.metadata = {{"model", model.info().source},
                      {"text", text},
                      {"precision", name(model.info().precision)},
                      {"measure", picture.measure},
                      {"version", name_and_version()}};
  Plot plot;
  plot.text = words_figure(picture, options);
  plot.options = std::move(options);
  return plot;
}

}  // namespace attnscope::cli
