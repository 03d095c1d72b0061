// SPDX-License-Identifier: Apache-2.0
#include "viewer/fallback.h"

#include <cmath>

#include "core/message.h"
#include "viewer/html_text.h"

namespace attnscope {
namespace {

std::string isolated(std::string_view text) { return "<bdi>" + escape_html(text) + "</bdi>"; }

std::string entities_html(const WordReport& report) {
  if (report.entities.empty()) return "";
  std::string html = "<ul>\n";
  for (const Entity& entity : report.entities)
    html += fmt::format("<li>{} ({}, {:.4f})</li>\n", isolated(entity.text), escape_html(entity.kind),
                        entity.score);
  return html + "</ul>\n";
}

std::string caption_of(const Focus& focus) {
  const std::string label = focus.label.empty() ? "" : fmt::format(" ({})", escape_html(focus.label));
  if (focus.kind == Focus::Kind::label) return "Words that the label of the text looks at" + label;
  if (focus.kind == Focus::Kind::text) return "What each word receives from all words";
  return fmt::format("Words that {}{} looks at", isolated(focus.text), label);
}

std::string number_of(double score) { return std::isnan(score) ? "" : fmt::format("{:.4f}", score); }

std::string focus_html(const WordReport& report, const Focus& focus) {
  std::string html =
      fmt::format("<table>\n<caption>{}</caption>\n<tr><th scope=\"col\">word</th>", caption_of(focus));
  for (const MeasuredWords& measured : focus.measures)
    html += fmt::format("<th scope=\"col\">{}</th>", name(measured.measure));
  html += "</tr>\n";
  for (std::size_t word = 0; word < report.words.size(); ++word) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", isolated(report.words[word].text));
    for (const MeasuredWords& measured : focus.measures)
      html += fmt::format("<td>{}</td>", number_of(measured.scores[word]));
    html += "</tr>\n";
  }
  return html + "</table>\n" + fmt::format("<p>{}</p>\n", escape_html(agreement_sentence(focus)));
}

}  // namespace

std::string fallback_html(const Document& document) {
  std::string html = fmt::format("<p dir=\"auto\">{}</p>\n", escape_html(document.text()));
  if (!document.words()) return html;
  html += entities_html(*document.words());
  if (!document.words()->focuses.empty())
    html += focus_html(*document.words(), document.words()->focuses.front());
  return html;
}

}  // namespace attnscope
