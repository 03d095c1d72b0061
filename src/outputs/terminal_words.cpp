// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "attnscope/figures.h"
#include "core/message.h"
#include "outputs/color_scale.h"
#include "outputs/display_width.h"
#include "outputs/text_cells.h"

namespace attnscope {
namespace {

constexpr int kNoWord = -1;

void check_spans(const WordsPicture& picture) {
  const auto size = static_cast<std::int64_t>(picture.text.size());
  std::int64_t end = 0;
  for (const ShadedWord& word : picture.words) {
    if (word.span.begin < end || word.span.end < word.span.begin || word.span.end > size)
      throw InvalidArgument(
          problem(ErrorKind::usage, "PICTURE_SHAPE", "draw_words")
              .found("word at bytes {}..{}, expected it in {}..{}", word.span.begin, word.span.end, end, size)
              .hint("give the words in the order of the text, none over another"));
    end = word.span.end;
  }
}

void append_glued(std::vector<TextCell>& cells, std::string_view text) {
  const std::size_t start = cells.size();
  append_cells(cells, text, kNoWord);
  for (std::size_t at = start; at < cells.size(); ++at) {
    cells[at].glued = true;
    cells[at].blank = false;
  }
}

/// What of one picture depends on where a word stands among the others.
class WordCells {
 public:
  WordCells(const WordsPicture& picture, bool brackets) : picture_(picture), brackets_(brackets) {}

  [[nodiscard]] std::vector<TextCell> cells() const {
    std::vector<TextCell> cells;
    std::int64_t place = 0;
    for (std::size_t index = 0; index < picture_.words.size(); ++index) {
      const ShadedWord& word = picture_.words[index];
      append_cells(cells, between(place, word.span.begin), kNoWord);
      if (brackets_ && word.focus && !is_focus(index, -1)) append_cells(cells, "<", kNoWord);
      const std::size_t start = cells.size();
      append_cells(cells, between(word.span.begin, word.span.end), static_cast<int>(index));
      if (brackets_ && word.focus && start < cells.size()) cells[start].glued = !is_focus(index, -1);
      if (brackets_ && word.focus && !is_focus(index, 1)) append_glued(cells, ">");
      append_label_after(cells, index);
      place = word.span.end;
    }
    append_cells(cells, between(place, static_cast<std::int64_t>(picture_.text.size())), kNoWord);
    return cells;
  }

 private:
  [[nodiscard]] std::string_view between(std::int64_t begin, std::int64_t end) const {
    return std::string_view(picture_.text)
        .substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  }

  [[nodiscard]] const ShadedWord* neighbour(std::size_t index, int step) const {
    const auto place = static_cast<std::int64_t>(index) + step;
    if (place < 0 || place >= static_cast<std::int64_t>(picture_.words.size())) return nullptr;
    return &picture_.words[static_cast<std::size_t>(place)];
  }

  [[nodiscard]] bool is_focus(std::size_t index, int step) const {
    const ShadedWord* word = neighbour(index, step);
    return word != nullptr && word->focus;
  }

  /// The label stands at the first word of an entity and is shown behind its last.
  void append_label_after(std::vector<TextCell>& cells, std::size_t index) const {
    const std::int64_t entity = picture_.words[index].entity;
    const ShadedWord* next = neighbour(index, 1);
    if (entity >= 0 && next != nullptr && next->entity == entity) return;
    std::size_t first = index;
    while (entity >= 0 && first > 0 && picture_.words[first - 1].entity == entity) --first;
    const std::string& label = picture_.words[first].label;
    if (!label.empty()) append_glued(cells, " [" + label + "]");
  }

  const WordsPicture& picture_;
  bool brackets_;
};

TextStyle style_of(const WordsPicture& picture, int word, const ColorScale& scale) {
  if (word == kNoWord) return {};
  const ShadedWord& shaded = picture.words[static_cast<std::size_t>(word)];
  TextStyle style;
  style.strong = shaded.focus;
  if (!std::isnan(shaded.weight)) {
    style.background = scale.color(static_cast<float>(shaded.weight));
    style.foreground = readable_on(*style.background);
  }
  return style;
}

void draw_text(const WordsPicture& picture, const ColorScale& scale, const PictureOptions& options,
               TerminalPainter& painter) {
  const std::vector<TextCell> cells = WordCells(picture, options.color == ColorMode::plain).cells();
  for (const std::span<const TextCell> line : wrap_cells(cells, options.columns)) {
    for (std::size_t at = 0; at < line.size();) {
      const int word = line[at].style;
      std::string stretch;
      for (; at < line.size() && line[at].style == word; ++at) stretch += line[at].text;
      painter.styled(isolated(std::move(stretch)), style_of(picture, word, scale));
    }
    painter.end_line();
  }
}

/// Positions of the words that have a weight, the largest first.
std::vector<std::size_t> by_weight(const std::vector<ShadedWord>& words) {
  std::vector<std::size_t> order;
  for (std::size_t index = 0; index < words.size(); ++index) {
    if (!std::isnan(words[index].weight)) order.push_back(index);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return std::abs(words[left].weight) > std::abs(words[right].weight);
  });
  return order;
}

std::string draw_top(const WordsPicture& picture, const std::vector<std::size_t>& order,
                     const PictureOptions& options) {
  const std::size_t shown = std::min(picture.top, order.size());
  std::vector<std::pair<std::string, double>> bars;
  for (std::size_t rank = 0; rank < shown; ++rank) {
    const ShadedWord& word = picture.words[order[rank]];
    bars.emplace_back(picture.text.substr(static_cast<std::size_t>(word.span.begin),
                                          static_cast<std::size_t>(word.span.end - word.span.begin)),
                      word.weight);
  }
  std::string text = draw_bars(bars, picture.rest, options);
  if (shown == order.size()) return text;
  const std::size_t left = order.size() - shown;
  const std::string more = fmt::format("{} more word{}: up to {:.3f} each", left, left == 1 ? "" : "s",
                                       std::abs(picture.words[order[shown]].weight));
  return text + wrap_text(more, options.columns);
}

ScaleStart start_of(const std::vector<ShadedWord>& words) {
  const bool is_signed =
      std::any_of(words.begin(), words.end(), [](const ShadedWord& word) { return word.weight < 0.0; });
  return is_signed ? ScaleStart::minus_top : ScaleStart::zero;
}

std::string legend_of(const WordsPicture& picture) {
  return picture.rule.empty() ? picture.measure : picture.measure + ". " + picture.rule;
}

}  // namespace

std::string draw_words(const WordsPicture& picture, const std::string& title, const PictureOptions& options) {
  check_spans(picture);
  const std::vector<std::size_t> order = by_weight(picture.words);
  const double largest = order.empty() ? 0.0 : std::abs(picture.words[order.front()].weight);
  const ColorScale scale(options, static_cast<float>(largest), start_of(picture.words));
  TerminalPainter painter(options.color);
  painter.plain(wrap_text(title, options.columns));
  draw_text(picture, scale, options, painter);
  if (options.color != ColorMode::plain) {
    painter.end_line();
    scale.draw_bar(painter);
  }
  painter.plain(wrap_text(legend_of(picture), options.columns));
  if (options.color != ColorMode::plain) painter.end_line();
  painter.plain(draw_top(picture, order, options));
  return painter.take();
}

}  // namespace attnscope
