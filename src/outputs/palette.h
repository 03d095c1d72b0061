// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace attnscope {

struct Rgb {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  [[nodiscard]] bool operator==(const Rgb&) const = default;
};

/// 256 colours from the lowest value to the highest.
struct Palette {
  const char* name;
  std::array<Rgb, 256> colors;
  /// The same scale in the colours that terminals number 16 to 255. Chosen by hand: the nearest ones jump in
  /// hue from step to step.
  std::array<std::uint8_t, 7> terminal;

  /// `fraction` is clamped to 0..1; NaN gets the lowest colour.
  [[nodiscard]] Rgb at(float fraction) const;
  /// The same, of `terminal`.
  [[nodiscard]] Rgb terminal_at(float fraction) const;
};

/// Made for colour-vision deficiency (Nunez, Anderton, Renslow 2018); the default.
[[nodiscard]] const Palette& cividis();
/// Perceptually uniform (van der Walt, Smith 2015; CC0).
[[nodiscard]] const Palette& viridis();
/// White to black-blue: prints in grey.
[[nodiscard]] const Palette& paper();

/// For differences: orange below 0, white at 0 (fraction 0.5), purple above. Never red and green.
[[nodiscard]] const Palette& difference();

/// How one of up to four things that are drawn together is told from the others: never by colour alone.
struct CategoryMark {
  char letter;
  Rgb on_light;        ///< of Okabe and Ito's set, at least 3:1 on white
  Rgb on_dark;         ///< the same hue, at least 3:1 on the dark theme
  const char* dashes;  ///< SVG's stroke-dasharray in points; empty: drawn through
};
[[nodiscard]] const std::array<CategoryMark, 4>& category_marks();

/// WCAG 2's ratio of the luminances, 1 to 21.
[[nodiscard]] double contrast(Rgb one, Rgb other);

/// Black or white, whichever reads better on the colour.
[[nodiscard]] Rgb readable_on(Rgb background);

/// Number of the nearest colour of the 256 that terminals have (cube and greys only).
[[nodiscard]] int nearest_terminal_color(Rgb color);

}  // namespace attnscope
