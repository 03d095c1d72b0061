// SPDX-License-Identifier: Apache-2.0
#include "outputs/words_lines.h"

#include <fmt/format.h>

#include <string_view>

#include "outputs/figure_frame.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

/// Puts one piece behind another.
class Lines {
 public:
  Lines(double width, const WordsLayout& layout) : width_(width), layout_(layout) {}

  void blank() { pending_blank_ = true; }

  void add(PlacedWord piece) {
    piece.width = text_width(piece.text, layout_.size) + 2.0 * layout_.padding;
    if (piece.width > width_) {
      piece.text = fit_text(piece.text, width_ - 2.0 * layout_.padding, layout_.size);
      piece.width = text_width(piece.text, layout_.size) + 2.0 * layout_.padding;
    }
    if (!piece.label.empty())
      piece.label_width = text_width(piece.label, layout_.label_size, true) + 2.0 * layout_.padding;
    if (pending_blank_) {
      if (x_ > 0.0) x_ += 0.24 * layout_.size;
      chain_ = pieces_.size();
      pending_blank_ = false;
    }
    const double width = piece.width + piece.label_width;
    if (x_ > 0.0 && x_ + width > width_) break_line(width);
    piece.line = line_;
    piece.x = x_;
    x_ += width;
    pieces_.push_back(std::move(piece));
  }

  [[nodiscard]] std::vector<PlacedWord> take() { return std::move(pieces_); }

 private:
  /// What no blank divides from the next piece, of this width, goes with it, unless both fill more than a
  /// line.
  void break_line(double width) {
    const double start = chain_ < pieces_.size() ? pieces_[chain_].x : x_;
    if (start == 0.0 || x_ - start + width > width_) chain_ = pieces_.size();
    ++line_;
    for (std::size_t index = chain_; index < pieces_.size(); ++index) {
      pieces_[index].line = line_;
      pieces_[index].x -= start;
    }
    x_ = chain_ < pieces_.size() ? x_ - start : 0.0;
    chain_ = pieces_.size();
  }

  double width_;
  const WordsLayout& layout_;
  double x_ = 0;
  std::size_t line_ = 0;
  bool pending_blank_ = false;
  std::size_t chain_ = 0;  // the first piece behind the last blank
  std::vector<PlacedWord> pieces_;
};

/// What stands between two words: pieces of no word, and blanks.
void add_gap(Lines& lines, std::string_view gap) {
  while (!gap.empty()) {
    const std::size_t blanks = std::min(gap.find_first_not_of(kBlanks), gap.size());
    if (blanks > 0) lines.blank();
    gap.remove_prefix(blanks);
    const std::size_t end = std::min(gap.find_first_of(kBlanks), gap.size());
    if (end > 0) lines.add({.text = safe_text(gap.substr(0, end)), .word = std::nullopt});
    gap.remove_prefix(end);
  }
}

/// The label of the entity, if it ends with this word.
std::string label_behind(const WordsPicture& picture, std::size_t word) {
  const std::int64_t entity = picture.words[word].entity;
  const bool goes_on = word + 1 < picture.words.size() && picture.words[word + 1].entity == entity;
  if (entity < 0 || goes_on) return "";
  std::size_t first = word;
  while (first > 0 && picture.words[first - 1].entity == entity) --first;
  return safe_text(picture.words[first].label);
}

}  // namespace

std::vector<PlacedWord> place_words(const WordsPicture& picture, double width, const WordsLayout& layout) {
  const std::string_view text = picture.text;
  Lines lines(width, layout);
  std::size_t place = 0;
  for (std::size_t word = 0; word < picture.words.size(); ++word) {
    const Span& span = picture.words[word].span;
    const auto begin = static_cast<std::size_t>(span.begin);
    const auto end = static_cast<std::size_t>(span.end);
    check_shape(span.begin >= 0 && begin >= place && end > begin && end <= text.size(),
                fmt::format("word {} has the bytes {} to {}", word, span.begin, span.end),
                "bytes of the text, behind the word before");
    add_gap(lines, text.substr(place, begin - place));
    lines.add({.text = safe_text(text.substr(begin, end - begin)),
               .word = word,
               .label = label_behind(picture, word)});
    place = end;
  }
  add_gap(lines, text.substr(place));
  return lines.take();
}

}  // namespace attnscope
