// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "attnscope/figures.h"
#include "outputs/bar_list.h"
#include "outputs/display_width.h"
#include "outputs/text_metrics.h"
#include "outputs/words_lines.h"

namespace attnscope {
namespace {

/// On a light ground small weights must be light: only the dark theme takes the usual palette.
const Palette& usual_palette(const FigureOptions& options) {
  return options.palette.empty() && options.theme == FigureTheme::light ? paper() : palette_of(options);
}

Tensor weights_of(const WordsPicture& picture) {
  std::vector<float> weights;
  for (const ShadedWord& word : picture.words) {
    if (!std::isnan(word.weight)) weights.push_back(static_cast<float>(word.weight));
  }
  return Tensor::of({static_cast<std::int64_t>(weights.size())}, weights);
}

/// Draws the words of a layout on their lines.
class ShadedText {
 public:
  ShadedText(Figure& figure, const WordsPicture& picture, const FigureScale& scale)
      : figure_(figure), picture_(picture), scale_(scale), mirrored_(runs_right_to_left(picture.text)) {
    layout_.size = 1.4 * figure.font();
    layout_.padding = 0.16 * layout_.size;
    layout_.label_size = 0.6 * layout_.size;
  }

  void draw() {
    const std::vector<PlacedWord> pieces = place_words(picture_, figure_.width(), layout_);
    for (const PlacedWord& piece : pieces) draw_box(piece);
    for (std::size_t index = 0; index < pieces.size(); ++index) draw_underline(pieces, index);
    for (const PlacedWord& piece : pieces) draw_letters(piece);
    const std::size_t lines = pieces.empty() ? 0 : pieces.back().line + 1;
    figure_.skip(static_cast<double>(lines) * line_height() + 0.4 * figure_.font());
  }

 private:
  [[nodiscard]] double line_height() const { return 1.85 * layout_.size; }

  /// Where something of this width is drawn whose left end the layout puts at `x`.
  [[nodiscard]] double place(double x, double width) const {
    return mirrored_ ? figure_.right() - x - width : figure_.left() + x;
  }

  [[nodiscard]] Box box_of(const PlacedWord& piece) const {
    const double y = figure_.y() + static_cast<double>(piece.line) * line_height();
    return {place(piece.x, piece.width), y, piece.width, 1.4 * layout_.size};
  }

  void draw_box(const PlacedWord& piece) {
    if (!piece.word) return;
    const ShadedWord& word = picture_.words[*piece.word];
    const double radius = 0.14 * layout_.size;
    if (!std::isnan(word.weight)) figure_.svg().rect(box_of(piece), scale_.color(word.weight), radius);
    if (word.focus) figure_.svg().frame(box_of(piece), {figure_.theme().text, 1.1}, radius);
  }

  /// The entity to which a piece belongs on this line; -1: none.
  [[nodiscard]] std::int64_t entity_at(const std::vector<PlacedWord>& pieces, std::size_t index,
                                       std::size_t line) const {
    if (index >= pieces.size() || pieces[index].line != line || !pieces[index].word) return -1;
    return picture_.words[*pieces[index].word].entity;
  }

  /// One line below all words of an entity that stand on one line of the text.
  void draw_underline(const std::vector<PlacedWord>& pieces, std::size_t index) {
    const PlacedWord& piece = pieces[index];
    const std::int64_t entity = entity_at(pieces, index, piece.line);
    if (entity < 0 || (index > 0 && entity_at(pieces, index - 1, piece.line) == entity)) return;
    std::size_t last = index;
    while (entity_at(pieces, last + 1, piece.line) == entity) ++last;
    const double width = pieces[last].x + pieces[last].width - piece.x;
    const CategoryMark& mark = category_marks()[static_cast<std::size_t>(kind_of(entity)) % 4];
    figure_.svg().rect(
        {place(piece.x, width), box_of(piece).y + 1.46 * layout_.size, width, 0.12 * layout_.size},
        figure_.theme().dark ? mark.on_dark : mark.on_light);
  }

  void draw_letters(const PlacedWord& piece) {
    const Box box = box_of(piece);
    const double baseline = box.y + 1.03 * layout_.size;
    TextStyle style = figure_.label(Anchor::middle);
    style.size = layout_.size;
    if (piece.word && !std::isnan(picture_.words[*piece.word].weight))
      style.fill = readable_on(scale_.color(picture_.words[*piece.word].weight));
    figure_.svg().text(box.x + box.width / 2.0, baseline, piece.text, style);
    if (piece.label.empty()) return;
    TextStyle label = figure_.muted();
    label.size = layout_.label_size;
    label.bold = true;
    const double x = place(piece.x + piece.width, piece.label_width);
    figure_.svg().text(x + (mirrored_ ? 0.0 : layout_.padding), box.y + layout_.label_size, piece.label,
                       label);
  }

  /// Entities of one label have one colour.
  [[nodiscard]] std::ptrdiff_t kind_of(std::int64_t entity) const {
    std::vector<std::string> kinds;
    std::string own;
    for (const ShadedWord& word : picture_.words) {
      if (word.label.empty()) continue;
      if (std::find(kinds.begin(), kinds.end(), word.label) == kinds.end()) kinds.push_back(word.label);
      if (word.entity == entity && own.empty()) own = word.label;
    }
    return own.empty() ? 0 : std::find(kinds.begin(), kinds.end(), own) - kinds.begin();
  }

  Figure& figure_;
  const WordsPicture& picture_;
  const FigureScale& scale_;
  WordsLayout layout_;
  bool mirrored_;
};

std::vector<NamedNumber> largest_words(const WordsPicture& picture) {
  std::vector<NamedNumber> words;
  for (const ShadedWord& word : picture.words) {
    if (std::isnan(word.weight)) continue;
    words.push_back({picture.text.substr(static_cast<std::size_t>(word.span.begin),
                                         static_cast<std::size_t>(word.span.end - word.span.begin)),
                     word.weight});
  }
  std::stable_sort(words.begin(), words.end(), [](const NamedNumber& left, const NamedNumber& right) {
    return std::abs(left.value) > std::abs(right.value);
  });
  words.resize(std::min(words.size(), picture.top));
  return words;
}

/// Largest words on the left, the rest on the right; on a narrow page below, with bars that begin below
/// theirs.
void draw_numbers(Figure& figure, const WordsPicture& picture, const std::vector<NamedNumber>& words,
                  bool scale_is_signed) {
  const BarList largest{scale_is_signed ? "Largest changes" : "Largest weights", words,
                        figure.theme().accent};
  BarList rest{"Where the rest goes", {}, figure.theme().muted};
  for (const auto& [name, value] : picture.rest) rest.bars.push_back({name, value});
  const double gap = 3.0 * figure.font();
  const bool beside = !rest.bars.empty() && !words.empty() && figure.width() > 50.0 * figure.font();
  const double width = beside ? (figure.width() - gap) / 2.0 : figure.width();
  double left_names = names_width(figure, largest);
  double right_names = names_width(figure, rest);
  if (!beside) left_names = right_names = std::max(left_names, right_names);
  double below = figure.y();
  if (!words.empty()) below = draw_bars(figure, figure.left(), width, left_names, largest);
  if (!rest.bars.empty()) {
    if (!beside) figure.move_to(below + (words.empty() ? 0.0 : 0.5 * figure.font()));
    const double x = beside ? figure.left() + width + gap : figure.left();
    below = std::max(below, draw_bars(figure, x, width, right_names, rest));
  }
  figure.move_to(below + 0.6 * figure.font());
}

}  // namespace

std::string words_figure(const WordsPicture& picture, const FigureOptions& options) {
  Figure figure(options, "Words shaded by weight");
  const Tensor weights = weights_of(picture);
  const FigureScale scale(options, {weights.view()}, usual_palette(options));
  ShadedText(figure, picture, scale).draw();
  const std::vector<NamedNumber> words = largest_words(picture);
  figure.describe(fmt::format("A text of {} words, shaded by weight.", picture.words.size()));
  for (const NamedNumber& word : words)
    figure.describe(fmt::format("{} {}.", word.name, number_text(word.value)));
  draw_numbers(figure, picture, words, scale.is_signed());
  figure.color_bar(scale, fmt::format("{}, {}.",
                                      picture.measure.empty() ? measure_of(options, "weight")
                                                              : capitalised(picture.measure),
                                      scale.sentence()));
  return figure.finish();
}

}  // namespace attnscope
