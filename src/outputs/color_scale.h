// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attnscope/outputs.h"
#include "outputs/palette.h"
#include "outputs/terminal_painter.h"

namespace attnscope {

/// From weights to colours, or to the characters of the ASCII ramp.
class ColorScale {
 public:
  /// `largest` is the top of the scale unless the options name one.
  ColorScale(const PictureOptions& options, float largest);

  [[nodiscard]] Rgb color(float weight) const;
  [[nodiscard]] char ramp(float weight) const;
  /// Two lines: the colours from 0 to the top with the name of the transform, and the ticks under it.
  void draw_bar(TerminalPainter& painter) const;

 private:
  [[nodiscard]] float fraction(float weight) const;
  [[nodiscard]] float weight_at(float fraction) const;

  const Palette& palette_;
  float maximum_;
  bool sqrt_scale_;
  ColorMode mode_;
};

/// Largest element; 0 if there is none.
[[nodiscard]] float largest_of(const TensorView& weights);

}  // namespace attnscope
