// SPDX-License-Identifier: Apache-2.0
#include "outputs/figure_frame.h"

#include <cmath>
#include <utility>

#include "attnscope/outputs.h"
#include "core/message.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

constexpr double kPointsPerMm = 72.0 / 25.4;
constexpr double kLine = 1.3;  // from line to line, in font sizes

void check_range(const char* field, double value, double least, double most, const char* unit) {
  if (value >= least && value <= most) return;  // false for NaN
  throw InvalidArgument(problem(ErrorKind::usage, "FIGURE", "figure")
                            .field(field)
                            .found("{} {}, expected {} to {} {}", value, unit, least, most, unit));
}

const FigureOptions& checked(const FigureOptions& options) {
  constexpr double kLeastEms = 20.0;
  check_range("width_mm", options.width_mm, 20.0, 2000.0, "mm");
  check_range("font_size_pt", options.font_size_pt, 2.0, 72.0, "pt");
  if (options.width_mm * kPointsPerMm < kLeastEms * options.font_size_pt)
    throw InvalidArgument(problem(ErrorKind::usage, "FIGURE", "figure")
                              .field("width_mm")
                              .found("{} mm are too narrow for a font of {} pt, expected at least {:.0f} mm",
                                     options.width_mm, options.font_size_pt,
                                     std::ceil(kLeastEms * options.font_size_pt / kPointsPerMm))
                              .hint("make the figure wider, or the font smaller"));
  static_cast<void>(palette_of(options));
  return options;
}

std::string metadata_json(const std::map<std::string, std::string>& metadata) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [key, value] : metadata) json.key(safe_text(key)).value(safe_text(value));
  return json.end_object().text();
}

}  // namespace

const Theme& theme_of(FigureTheme theme) {
  static constexpr Theme kThemes[] = {
      {{252, 252, 250}, {27, 30, 35}, {89, 96, 106}, {214, 218, 224}, {0, 70, 127}, false},
      {{24, 26, 30}, {233, 235, 238}, {165, 172, 182}, {66, 71, 80}, {140, 194, 255}, true},
      {{255, 255, 255}, {0, 0, 0}, {64, 64, 64}, {205, 205, 205}, {46, 58, 102}, false}};
  return kThemes[static_cast<std::size_t>(theme)];
}

Figure::Figure(const FigureOptions& options, std::string subject)
    : options_(checked(options)), subject_(std::move(subject)), page_width_(options.width_mm * kPointsPerMm) {
  y_ = left();
  if (options_.title.empty()) return;
  TextStyle style = label();
  style.size = 1.2 * font();
  style.bold = true;
  y_ = lines(options_.title, left(), width(), style, y_) + 0.5 * font();
}

TextStyle Figure::label(Anchor anchor) const { return {font(), theme().text, anchor}; }

TextStyle Figure::muted(Anchor anchor) const { return {small(), theme().muted, anchor}; }

double Figure::lines(const std::string& text, double x, double width, const TextStyle& style, double y) {
  for (const std::string& line : wrap_text(text, width, style.size, style.bold)) {
    svg_.text(x, y + style.size, line, style);
    y += kLine * style.size;
  }
  return y;
}

void Figure::fitted(double x, double y, const std::string& text, double width, const TextStyle& style) {
  const std::string safe = safe_text(text);
  const std::string cut = fit_text(safe, width, style.size, style.bold);
  svg_.text(x, y, cut, style, cut == safe ? std::string() : safe);
}

void Figure::heading(const std::string& text) {
  TextStyle style = muted();
  style.bold = true;
  y_ = lines(text, left(), width(), style, y_) + 0.3 * font();
}

void Figure::note(const std::string& text) { y_ = lines(text, left(), width(), muted(), y_); }

void Figure::color_bar(const FigureScale& scale, const std::string& meaning) {
  constexpr std::int64_t kSteps = 128;
  const double length = std::min(0.42 * width(), 18.0 * font());
  const double height = 0.75 * font();
  svg_.open_group(fmt::format(
      "class=\"bar\" shape-rendering=\"crispEdges\" transform=\"translate({} {}) scale({:.5f} {:.5f})\"",
      svg_number(left()), svg_number(y_), length / kSteps, height));
  for (std::int64_t step = 0; step < kSteps; ++step)
    svg_.cells(step, 0, step + 1 < kSteps ? 2 : 1, 1,  // under the next one: no seams
               scale.palette().at(static_cast<float>(step) / static_cast<float>(kSteps - 1)));
  svg_.close_group();
  svg_.frame({left(), y_, length, height}, {theme().muted, 0.4});
  const double label_width = text_width("0.000", small()) + 0.5 * small();
  for (const Tick& tick : scale.ticks((scale.is_signed() ? 1.5 : 1.1) * label_width / length)) {
    const double x = left() + tick.fraction * length;
    svg_.line(x, y_ + height, x, y_ + height + 0.25 * font(), {theme().muted, 0.4});
    const Anchor anchor = tick.fraction <= 0.0 ? Anchor::start : Anchor::middle;
    svg_.text(x, y_ + height + 0.35 * font() + small(), tick.label, muted(anchor));
  }
  const double x = left() + length + 2.6 * font();
  const double below = lines(meaning, x, right() - x, muted(), y_ - 0.15 * font());
  y_ = std::max(below, y_ + height + 0.6 * font() + small());
  describe(meaning);
}

void Figure::describe(const std::string& sentence) {
  description_ += (description_.empty() ? "" : " ") + sentence;
}

std::string Figure::head(double height_mm) const {
  const std::string width_text = svg_number(options_.width_mm);
  const std::string height_text = svg_number(height_mm);
  const std::string title = options_.title.empty() ? subject_ : options_.title;
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {:.4f} "
      "{:.4f}\" "
      "role=\"img\" font-family=\"{}\" xml:space=\"preserve\">\n"
      "<title>{}</title>\n<desc>{}</desc>\n<metadata>{}</metadata>\n",
      width_text, height_text, page_width_, height_mm * kPointsPerMm, kFontFamilies, xml_text(title),
      xml_text(description_), xml_text(metadata_json(options_.metadata)));
}

std::string Figure::finish() {
  if (!options_.caption.empty()) {
    y_ += 0.6 * font();
    TextStyle style = label();
    y_ = lines(options_.caption, left(), width(), style, y_);
    describe(options_.caption);
  }
  const double height_mm = std::ceil(10.0 * (y_ + left()) / kPointsPerMm) / 10.0;
  constexpr double kBleed = 10.0;  // a page of whole pixels is a little larger than the figure
  SvgWriter ground;
  ground.rect({-kBleed, -kBleed, page_width_ + 2.0 * kBleed, height_mm * kPointsPerMm + 2.0 * kBleed},
              theme().ground);
  return head(height_mm) + ground.body() + svg_.body() + "</svg>\n";
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string measure_of(const FigureOptions& options, const std::string& otherwise) {
  const auto found = options.metadata.find("measure");
  return capitalised(found == options.metadata.end() || found->second.empty() ? otherwise : found->second);
}

void check_shape(bool fits, const std::string& found, const std::string& expected) {
  if (fits) return;
  throw InvalidArgument(
      problem(ErrorKind::usage, "SHAPE", "figure").found("{}, expected {}", found, expected));
}

}  // namespace attnscope
