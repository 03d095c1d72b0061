// SPDX-License-Identifier: Apache-2.0
#include "words_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "focus_text.h"

namespace attnscope::cli {
namespace {

constexpr std::size_t kNumberWidth = 6;  // "-0.432"
constexpr int kLongestWord = 24;
constexpr double kBarCells = 10.0;

std::string number(double value) { return std::isnan(value) ? "-" : fmt::format("{:.3f}", value); }

/// Safe to print, cut to a width of cells.
std::string fitted(std::string_view text, int width) {
  std::string shown = escape_for_terminal(text);
  if (display_width(shown) <= width) return shown;
  while (!shown.empty() && display_width(shown) > width - 3) {
    while ((static_cast<unsigned char>(shown.back()) & 0xC0U) == 0x80U) shown.pop_back();
    shown.pop_back();
  }
  return shown + "...";
}

std::string padded(std::string text, int width) {
  return text.append(static_cast<std::size_t>(std::max(0, width - display_width(text))), ' ');
}

/// "[Angela Merkel PER] visited [Paris LOC]."
std::string bracketed(std::string_view text, const std::vector<Entity>& entities) {
  std::string line;
  std::size_t place = 0;
  for (const Entity& entity : entities) {
    const auto begin = static_cast<std::size_t>(entity.span.begin);
    line += escape_for_terminal(text.substr(place, begin - place));
    line += fmt::format("[{} {}]", escape_for_terminal(entity.text), escape_for_terminal(entity.kind));
    place = static_cast<std::size_t>(entity.span.end);
  }
  return line + escape_for_terminal(text.substr(place)) + '\n';
}

/// One focus as a table: words sorted by the first measure.
class FocusTable {
 public:
  FocusTable(const WordReport& report, const Focus& focus, const WordsView& view)
      : report_(report), focus_(focus), view_(view), order_(report.words.size()) {
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t left, std::size_t right) { return weight(left) > weight(right); });
    order_.resize(std::min(order_.size(), view.top));
    for (const std::size_t word : order_) {
      word_width_ = std::max(word_width_, display_width(label_of(word)));
      largest_ = std::max(largest_, weight(word));
    }
  }

  [[nodiscard]] std::string text() const {
    std::string table = '\n' + heading_of(focus_) + '\n' + header();
    for (const std::size_t word : order_) table += line_of(word);
    if (order_.size() < report_.words.size())
      table += fmt::format("  ({} more words)\n", report_.words.size() - order_.size());
    return table + agreement();
  }

 private:
  /// Of the first measure: what sorts the rows and fills the bars.
  [[nodiscard]] double weight(std::size_t word) const {
    const double score = focus_.measures.front().scores[word];
    return std::isnan(score) ? -1.0 : std::abs(score);
  }

  [[nodiscard]] std::string label_of(std::size_t word) const {
    return fitted(report_.words[word].text, kLongestWord) + (is_own(focus_, word) ? " *" : "");
  }

  [[nodiscard]] std::string bar_of(std::size_t word) const {
    const double share = largest_ > 0.0 ? std::max(0.0, weight(word)) / largest_ : 0.0;
    const auto cells = static_cast<std::size_t>(std::lround(share * kBarCells));
    std::string bar;
    for (std::size_t cell = 0; cell < cells; ++cell) bar += view_.block_bars ? "\u2588" : "#";
    return padded(bar, static_cast<int>(kBarCells));
  }

  [[nodiscard]] static std::size_t width_of(const MeasuredWords& measured) {
    return std::max(kNumberWidth, option_name(measured.measure).size());
  }

  [[nodiscard]] std::string header() const {
    std::string line = "  " + padded("", word_width_) + "  " + padded("", static_cast<int>(kBarCells));
    for (const MeasuredWords& measured : focus_.measures)
      line += fmt::format("  {:>{}}", option_name(measured.measure), width_of(measured));
    return line + '\n';
  }

  [[nodiscard]] std::string line_of(std::size_t word) const {
    std::string line = "  " + padded(label_of(word), word_width_) + "  " + bar_of(word);
    for (const MeasuredWords& measured : focus_.measures)
      line += fmt::format("  {:>{}}", number(measured.scores[word]), width_of(measured));
    return line + '\n';
  }

  /// Kendall's tau of the first measure with each other one, under their columns.
  [[nodiscard]] std::string agreement() const {
    if (focus_.measures.size() < 2) return "";
    const Measure first = focus_.measures.front().measure;
    const int left = word_width_ + 2 + static_cast<int>(kBarCells);
    std::string line = "  " + padded(fitted("tau with " + option_name(first), left), left);
    for (const MeasuredWords& measured : focus_.measures)
      line += fmt::format("  {:>{}}", tau_of(first, measured.measure), width_of(measured));
    const std::string sentence = agreement_sentence(focus_);
    return line + '\n' + wrap_text(sentence, view_.columns, "  ");
  }

  [[nodiscard]] std::string tau_of(Measure left, Measure right) const {
    for (const Agreement& two : focus_.agreements)
      if (two.left == left && two.right == right) return number(two.tau);
    return "";
  }

  const WordReport& report_;
  const Focus& focus_;
  const WordsView& view_;
  std::vector<std::size_t> order_;
  int word_width_ = 12;
  double largest_ = 0.0;
};

const char* treatment_of(Specials specials) {
  switch (specials) {
    case Specials::hidden:
      return "Special tokens are hidden: rows do not sum to 1.";
    case Specials::renormalised:
      return "Special tokens are left out, and the rest of a row is divided by its sum.";
    case Specials::shown:
      break;
  }
  return "Special tokens are shown.";
}

/// What the numbers are.
std::string legend_of(const WordReport& report, int columns) {
  std::string legend = "\n";
  const auto add = [&](const std::string& title, const std::string& text) {
    legend += wrap_text(text, columns, fmt::format("{:<15}", title));
  };
  for (const Measure measure : report.measures) add(option_name(measure), describe(measure, report));
  add("tau", "Kendall's tau over the words that are not its own, without special tokens");
  legend += wrap_text(describe(report.rule) + " *: its own word.", columns);
  return legend + wrap_text(treatment_of(report.specials), columns);
}

std::string facts_of(const WordReport& report, const Focus& focus) {
  const std::string heading = heading_of(focus);
  std::string facts = heading + '\n';
  for (const MeasuredWords& measured : focus.measures)
    for (std::size_t word = 0; word < report.words.size(); ++word)
      facts += fmt::format("{}, {}: {} {}\n", heading, option_name(measured.measure),
                           escape_for_terminal(report.words[word].text), number(measured.scores[word]));
  for (const Agreement& two : focus.agreements)
    facts += fmt::format("{}, tau of {} and {}: {}\n", heading, option_name(two.left), option_name(two.right),
                         number(two.tau));
  const std::string sentence = agreement_sentence(focus);
  return sentence.empty() ? facts : facts + sentence + '\n';
}

}  // namespace

std::string words_table(std::string_view text, const WordReport& report, const WordsView& view) {
  std::string table = bracketed(text, report.entities);
  if (report.focuses.empty()) return table;
  for (const Focus& focus : report.focuses)
    table += view.one_fact_a_line ? facts_of(report, focus) : FocusTable(report, focus, view).text();
  return table + legend_of(report, view.columns);
}

}  // namespace attnscope::cli
