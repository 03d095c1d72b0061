// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/figures.h"
#include "outputs/figure_scale.h"
#include "outputs/svg_writer.h"

namespace attnscope {

struct Theme {
  Rgb ground;
  Rgb text;
  Rgb muted;   ///< of what is read second; 4.5:1 on the ground, as all text
  Rgb faint;   ///< lines that guide the eye
  Rgb accent;  ///< bars and dots
  bool dark;
};
[[nodiscard]] const Theme& theme_of(FigureTheme theme);

/// A figure that grows downwards: title, what is drawn, legend, caption.
class Figure {
 public:
  /// `subject` names what is shown where there is no title: "Attention matrix".
  /// Throws:  InvalidArgument (FIGURE) for options that make no figure.
  Figure(const FigureOptions& options, std::string subject);

  [[nodiscard]] const FigureOptions& options() const { return options_; }
  [[nodiscard]] const Theme& theme() const { return theme_of(options_.theme); }
  [[nodiscard]] SvgWriter& svg() { return svg_; }

  // Sizes in points.
  [[nodiscard]] double font() const { return options_.font_size_pt; }
  [[nodiscard]] double small() const { return 0.86 * font(); }
  [[nodiscard]] double left() const { return 0.7 * font(); }
  [[nodiscard]] double width() const { return page_width_ - 2.0 * left(); }
  [[nodiscard]] double right() const { return left() + width(); }

  /// Where the next part begins.
  [[nodiscard]] double y() const { return y_; }
  void move_to(double y) { y_ = y; }
  void skip(double points) { y_ += points; }

  [[nodiscard]] TextStyle label(Anchor anchor = Anchor::start) const;
  [[nodiscard]] TextStyle muted(Anchor anchor = Anchor::start) const;
  /// The text cut to a width; the whole is said to those who ask for it.
  void fitted(double x, double y, const std::string& text, double width, const TextStyle& style);
  /// A line in small bold letters above a part.
  void heading(const std::string& text);
  /// Small lines across the figure.
  void note(const std::string& text);
  /// A colour bar with ticks, and beside it what it means.
  void color_bar(const FigureScale& scale, const std::string& meaning);
  /// One more sentence for those who do not see the figure.
  void describe(const std::string& sentence);

  /// The whole SVG.
  [[nodiscard]] std::string finish();

 private:
  double lines(const std::string& text, double x, double width, const TextStyle& style, double y);
  [[nodiscard]] std::string head(double height_mm) const;

  const FigureOptions& options_;
  std::string subject_;
  std::string description_;
  double page_width_;
  double y_ = 0;
  SvgWriter svg_;
};

/// The text as it begins a sentence.
[[nodiscard]] std::string capitalised(std::string text);

/// What the weights are: "measure" of the metadata, or `otherwise`.
[[nodiscard]] std::string measure_of(const FigureOptions& options, const std::string& otherwise);

/// Throws:  InvalidArgument (SHAPE) unless `fits`.
void check_shape(bool fits, const std::string& found, const std::string& expected);

}  // namespace attnscope
