// SPDX-License-Identifier: Apache-2.0
#include "outputs/text_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "attnscope/outputs.h"
#include "core/utf8.h"

namespace attnscope {
namespace {

// Of U+0020 to U+007E, in 1/1000 of the font size.
constexpr int kAdvances[] = {318,  401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
                             636,  636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
                             1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
                             603,  787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
                             500,  613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
                             635,  635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838};
constexpr double kOther = 0.66;  // other letters of one cell: Latin with marks, Greek, Cyrillic, Arabic
constexpr double kWide = 1.0;    // Chinese, Japanese, Korean
constexpr double kBold = 1.14;
constexpr const char* kEllipsis = "\xE2\x80\xA6";
constexpr const char* kMinus = "\xE2\x88\x92";

std::size_t length_at(std::string_view text, std::size_t at) {
  return static_cast<std::size_t>(std::max(decode_utf8(text, at).length, 1));
}

double em_of(std::string_view character) {
  const auto byte = static_cast<unsigned char>(character.front());
  if (byte >= 0x20 && byte < 0x7F) return kAdvances[byte - 0x20] / 1000.0;
  const int cells = display_width(character);
  return cells == 0 ? 0.0 : cells == 2 ? kWide : kOther;
}

/// Bytes of the longest start of the text that is at most `width` wide.
std::size_t fitting_bytes(std::string_view text, double width, double size, bool bold) {
  const double ems = width / (size * (bold ? kBold : 1.0));
  double used = 0.0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = length_at(text, at);
    used += em_of(text.substr(at, length));
    if (used > ems) break;
    at += length;
  }
  return at;
}

void wrap_paragraph(std::vector<std::string>& lines, std::string_view text, double width, double size,
                    bool bold) {
  std::string line;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, blank);
    text.remove_prefix(std::min(blank + 1, text.size()));
    if (!line.empty() && text_width(line + ' ' + std::string(word), size, bold) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    while (line.empty() && text_width(word, size, bold) > width) {
      const std::size_t bytes = std::max(fitting_bytes(word, width, size, bold), length_at(word, 0));
      if (bytes == word.size()) break;
      lines.emplace_back(word.substr(0, bytes));
      word.remove_prefix(bytes);
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  lines.push_back(std::move(line));
}

std::string with_minus(std::string number) {
  return number.starts_with('-') ? kMinus + number.substr(1) : number;
}

}  // namespace

double text_width(std::string_view text, double size, bool bold) {
  double ems = 0.0;
  for (std::size_t at = 0; at < text.size(); at += length_at(text, at))
    ems += em_of(text.substr(at, length_at(text, at)));
  return ems * size * (bold ? kBold : 1.0);
}

double widest(const std::vector<std::string>& texts, double size) {
  double width = 0.0;
  for (const std::string& text : texts) width = std::max(width, text_width(safe_text(text), size));
  return width;
}

std::string fit_text(std::string_view text, double width, double size, bool bold) {
  if (text_width(text, size, bold) <= width) return std::string(text);
  const double room = std::max(0.0, width - text_width(kEllipsis, size, bold));
  return std::string(text.substr(0, fitting_bytes(text, room, size, bold))) + kEllipsis;
}

std::vector<std::string> wrap_text(std::string_view text, double width, double size, bool bold) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    wrap_paragraph(lines, safe_text(text.substr(start, end - start)), width, size, bold);
    start = end + 1;
  }
  return lines;
}

std::string safe_text(std::string_view text) {
  std::string safe = escape_for_terminal(text);
  for (const auto& [character, shown] :
       {std::pair{"\xEF\xBF\xBE", "\\u{FFFE}"}, {"\xEF\xBF\xBF", "\\u{FFFF}"}}) {
    for (std::size_t at = safe.find(character); at != std::string::npos; at = safe.find(character))
      safe.replace(at, 3, shown);
  }
  return safe;
}

std::string number_text(double value) {
  const double size = std::abs(value);
  if (size >= 0.0005 || size == 0.0) return with_minus(fmt::format("{:.3f}", size == 0.0 ? 0.0 : value));
  return with_minus(fmt::format("{:.1e}", value));
}

std::string tick_text(double value) {
  std::string text = number_text(value);
  if (text.find('e') != std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace attnscope
