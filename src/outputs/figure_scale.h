// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/figures.h"
#include "outputs/palette.h"

namespace attnscope {

struct Tick {
  double fraction = 0;  ///< of the colour bar
  std::string label;
};

/// From weights to colours and to places on the colour bar.
class FigureScale {
 public:
  /// `drawn` are the weights that the top of the scale is taken from. Weights below 0, or `is_signed`, make a
  /// scale from -top to top with the colours of differences.
  /// Throws:  InvalidArgument (VALUE) for NaN and infinities, (FIGURE) for a palette that is not there.
  FigureScale(const FigureOptions& options, const std::vector<TensorView>& drawn, const Palette& usual,
              bool is_signed = false);

  [[nodiscard]] double fraction(double weight) const;
  [[nodiscard]] Rgb color(double weight) const;
  [[nodiscard]] double top() const { return top_; }
  [[nodiscard]] bool is_signed() const { return signed_; }
  [[nodiscard]] const Palette& palette() const { return *palette_; }
  /// Round numbers at least `distance` (a fraction of the bar) apart, with both ends.
  [[nodiscard]] std::vector<Tick> ticks(double distance) const;
  /// "square-root scale from 0 to 0.982, the largest weight drawn"
  [[nodiscard]] std::string sentence() const;

 private:
  [[nodiscard]] double unsigned_fraction(double size) const;
  [[nodiscard]] std::vector<double> round_numbers() const;

  const Palette* palette_;
  FigureTransform transform_;
  FigureRange range_;
  bool signed_;
  double top_ = 0;
};

/// Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, about `count` of them.
[[nodiscard]] std::vector<double> round_steps(double low, double high, int count);

/// The palette of the options, or else the usual one of the theme: paper, cividis.
/// Throws:  InvalidArgument (FIGURE) for a name that is not there.
[[nodiscard]] const Palette& palette_of(const FigureOptions& options);

}  // namespace attnscope
