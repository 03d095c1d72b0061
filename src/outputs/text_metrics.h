// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attnscope {

/// The families that figures ask for, the first that the reader's machine has.
inline constexpr const char* kFontFamilies = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/// Widths come from a table of our own, so that a layout is the same on every machine. They are those of the
/// widest of the families: in the others there is a little more air.
[[nodiscard]] double text_width(std::string_view text, double size, bool bold = false);

/// Of the widest, as they are shown.
[[nodiscard]] double widest(const std::vector<std::string>& texts, double size);

/// The text, cut with an ellipsis where it is wider than `width`.
[[nodiscard]] std::string fit_text(std::string_view text, double width, double size, bool bold = false);

/// Lines of at most `width`: broken at blanks, at '\n', and within words that are wider than a line.
[[nodiscard]] std::vector<std::string> wrap_text(std::string_view text, double width, double size,
                                                 bool bold = false);

/// Safe to show and to write into XML: as escape_for_terminal, and U+FFFE and U+FFFF, which XML has not, too.
[[nodiscard]] std::string safe_text(std::string_view text);

/// A number in a figure: three decimals, or two significant digits where those would be zeros; with a minus
/// sign in place of the hyphen.
[[nodiscard]] std::string number_text(double value);
/// The same without zeros at the end.
[[nodiscard]] std::string tick_text(double value);

}  // namespace attnscope
