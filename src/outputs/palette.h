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

/// Black or white, whichever reads better on the colour.
[[nodiscard]] Rgb readable_on(Rgb background);

/// Number of the nearest colour of the 256 that terminals have (cube and greys only).
[[nodiscard]] int nearest_terminal_color(Rgb color);

}  // namespace attnscope
