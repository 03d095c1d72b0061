// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "attnscope/outputs.h"
#include "outputs/palette.h"
#include "outputs/terminal_painter.h"

namespace attnscope {

/// Where a scale begins.
enum class ScaleStart {
  zero,
  minus_top  ///< for differences: 0 is in the middle
};

/// From weights to colours, or to the characters of the ASCII ramp.
class ColorScale {
 public:
  /// `largest` is the top of the scale unless the options name one.
  ColorScale(const PictureOptions& options, float largest, ScaleStart start = ScaleStart::zero);

  [[nodiscard]] Rgb color(float weight) const;
  [[nodiscard]] char ramp(float weight) const;
  /// Two lines: the colours from the start to the top with the name of the transform, and the ticks under it.
  void draw_bar(TerminalPainter& painter) const;

 private:
  [[nodiscard]] float fraction(float weight) const;
  [[nodiscard]] float weight_at(float fraction) const;
  [[nodiscard]] std::string tick_text(int tick, int ticks, int width) const;

  const Palette& palette_;
  float maximum_;
  bool sqrt_scale_;
  bool signed_;
  int columns_;
  ColorMode mode_;
};

/// Largest element; 0 if there is none.
[[nodiscard]] float largest_of(const TensorView& weights);

}  // namespace attnscope
