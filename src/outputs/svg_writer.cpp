// SPDX-License-Identifier: Apache-2.0
#include "outputs/svg_writer.h"

#include <fmt/format.h>

#include "outputs/display_width.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

std::string stroke_of(const LineStyle& style) {
  std::string text =
      fmt::format(" stroke=\"{}\" stroke-width=\"{}\"", svg_color(style.stroke), svg_number(style.width));
  if (style.opacity < 1.0) text += fmt::format(" stroke-opacity=\"{}\"", svg_number(style.opacity));
  if (*style.dashes != '\0') text += fmt::format(" stroke-dasharray=\"{}\"", style.dashes);
  return text;
}

std::string place_of(const Box& box, double radius) {
  std::string text = fmt::format("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", svg_number(box.x),
                                 svg_number(box.y), svg_number(box.width), svg_number(box.height));
  if (radius > 0.0) text += fmt::format(" rx=\"{}\"", svg_number(radius));
  return text;
}

/// SVG's start is the right end of what runs from right to left; ours is always the left one.
const char* anchor_of(Anchor anchor, bool right_to_left) {
  if (anchor == Anchor::middle) return " text-anchor=\"middle\"";
  const bool end = (anchor == Anchor::end) != right_to_left;
  return end ? " text-anchor=\"end\"" : "";
}

}  // namespace

void SvgWriter::rect(const Box& box, Rgb fill, double radius) {
  body_ += fmt::format("<rect {} fill=\"{}\"/>\n", place_of(box, radius), svg_color(fill));
}

void SvgWriter::frame(const Box& box, const LineStyle& style, double radius) {
  body_ += fmt::format("<rect {} fill=\"none\"{}/>\n", place_of(box, radius), stroke_of(style));
}

void SvgWriter::line(double x1, double y1, double x2, double y2, const LineStyle& style) {
  body_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", svg_number(x1), svg_number(y1),
                       svg_number(x2), svg_number(y2), stroke_of(style));
}

void SvgWriter::circle(double x, double y, double radius, Rgb fill) {
  body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>\n", svg_number(x), svg_number(y),
                       svg_number(radius), svg_color(fill));
}

void SvgWriter::path(std::string_view data, const LineStyle& style) {
  body_ += fmt::format("<path d=\"{}\" fill=\"none\"{}/>\n", data, stroke_of(style));
}

void SvgWriter::text(double x, double y, std::string_view text, const TextStyle& style,
                     std::string_view whole) {
  const bool right_to_left = runs_right_to_left(text);
  std::string attributes = fmt::format("x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"", svg_number(x),
                                       svg_number(y), svg_number(style.size), svg_color(style.fill));
  attributes += anchor_of(style.anchor, right_to_left);
  if (right_to_left) attributes += " direction=\"rtl\" unicode-bidi=\"embed\"";
  if (style.bold) attributes += " font-weight=\"bold\"";
  if (style.upwards)
    attributes += fmt::format(" transform=\"rotate(-90 {} {})\"", svg_number(x), svg_number(y));
  const std::string title = whole.empty() ? "" : fmt::format("<title>{}</title>", xml_text(whole));
  body_ += fmt::format("<text {}>{}{}</text>\n", attributes, title, xml_text(text));
}

void SvgWriter::open_group(std::string_view attributes) { body_ += fmt::format("<g {}>\n", attributes); }

void SvgWriter::close_group() { body_ += "</g>\n"; }

void SvgWriter::cells(std::int64_t column, std::int64_t row, std::int64_t columns, std::int64_t rows,
                      Rgb fill) {
  fmt::format_to(std::back_inserter(body_),
                 "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>\n", column, row, columns,
                 rows, svg_color(fill));
}

std::string svg_number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string svg_color(Rgb color) {
  return fmt::format("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
}

std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char character : safe_text(text)) {
    switch (character) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += character;
    }
  }
  return escaped;
}

}  // namespace attnscope
