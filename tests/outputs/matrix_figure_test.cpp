// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "attnscope/error.h"
#include "attnscope/figures.h"
#include "outputs/palette.h"
#include "outputs/svg_reading.h"
#include "outputs/svg_writer.h"

namespace attnscope {
namespace {

const std::vector<std::string> kLabels = {"[CLS]", "Paris", "[SEP]"};

Tensor weights() {
  return Tensor::of({3, 3}, std::vector<float>{0.5F, 0.25F, 0.25F, 0.0F, 0.8F, 0.2F, 0.1F, 0.1F, 0.8F});
}

std::string figure(const FigureOptions& options = {}) {
  const Tensor matrix = weights();
  return matrix_figure(matrix.view(), kLabels, kLabels, options);
}

std::string code_of(const FigureOptions& options) {
  try {
    static_cast<void>(figure(options));
  } catch (const InvalidArgument& error) {
    return error.code();
  }
  return "";
}

void expect_colors(const std::string& svg, const Palette& palette, double (*fraction)(double)) {
  const auto matrices = cells_of(svg, 3, 3);
  ASSERT_EQ(matrices.size(), 1U);
  const Tensor matrix = weights();
  for (std::int64_t row = 0; row < 3; ++row) {
    for (std::int64_t column = 0; column < 3; ++column) {
      const double part = fraction(static_cast<double>(matrix.at({row, column})));
      EXPECT_EQ(matrices[0][static_cast<std::size_t>(row)][static_cast<std::size_t>(column)],
                svg_color(palette.colors[static_cast<std::size_t>(std::lround(part * 255.0))]))
          << row << ' ' << column;
    }
  }
}

TEST(MatrixFigure, CellsHaveTheColorsOfTheirWeights) {
  expect_colors(figure(), cividis(),
                [](double weight) { return std::sqrt(weight / static_cast<double>(0.8F)); });
  FigureOptions linear;
  linear.transform = FigureTransform::linear;
  linear.range = FigureRange::unit;
  linear.palette = "viridis";
  expect_colors(figure(linear), viridis(), [](double weight) { return weight; });
  FigureOptions logarithm;
  logarithm.transform = FigureTransform::logarithm;
  logarithm.theme = FigureTheme::paper;
  expect_colors(figure(logarithm), paper(), [](double weight) {
    return std::max(0.0, 1.0 + std::log10(std::max(weight / static_cast<double>(0.8F), 1e-4)) / 4.0);
  });
}

TEST(MatrixFigure, NegativeWeightsTakeTheSignedScale) {
  const Tensor matrix = Tensor::of({1, 2}, std::vector<float>{-0.25F, 1.0F});
  const std::string svg = matrix_figure(matrix.view(), {"a"}, {"b", "c"});
  const auto matrices = cells_of(svg, 1, 2);
  ASSERT_EQ(matrices.size(), 1U);
  EXPECT_EQ(matrices[0][0][0], svg_color(difference().at(0.25F)));
  EXPECT_EQ(matrices[0][0][1], svg_color(difference().at(1.0F)));
}

TEST(MatrixFigure, SaysTheSizeLabelsScaleAndOptions) {
  FigureOptions options;
  options.width_mm = 120;
  options.title = "Layer 3";
  options.caption = "What it is.";
  options.metadata = {{"layer", "3"}, {"measure", "attention weight, head 7"}};
  const std::string svg = figure(options);
  EXPECT_DOUBLE_EQ(figure_size(svg).width_mm, 120.0);
  EXPECT_NE(svg.find("<title>Layer 3</title>"), std::string::npos);
  EXPECT_NE(svg.find("<metadata>{&quot;layer&quot;:&quot;3&quot;,"), std::string::npos);
  for (const char* text : {"[CLS]", "Paris", "[SEP]"})
    EXPECT_EQ(count_of(svg, std::string(">") + text + "</text>"), 2U);
  for (const char* text : {"0.50", "0.25", "0.80", "Layer 3", "What it is."})
    EXPECT_TRUE(has_text(svg, text)) << text;
  EXPECT_FALSE(has_text(svg, "0.00"));
  EXPECT_NE(svg.find("Attention weight, head 7, square-root scale from 0 to 0.8, the largest weight drawn."),
            std::string::npos);
  EXPECT_NE(svg.find("The largest is 0.800, from &quot;Paris&quot; to &quot;Paris&quot;."),
            std::string::npos);
}

TEST(MatrixFigure, IsTheSameEachTime) { EXPECT_EQ(figure(), figure()); }

TEST(MatrixFigure, HostileLabelsAreHarmless) {
  const Tensor matrix = Tensor::of({1, 5}, std::vector<float>(5, 0.2F));
  const std::string nul("a\0b", 3);
  const std::string svg = matrix_figure(matrix.view(), {"]]>&<script>"},
                                        {"\x1B[31m",
                                         "\xE2\x80\xAE"
                                         "x",
                                         nul, "\xFF", "\xEF\xBF\xBF"});
  EXPECT_TRUE(has_text(svg, "]]&gt;&amp;&lt;script&gt;"));
  for (const char* text : {"\\x1B[31m", "\\u{202E}x", "a\\x00b", "\\xFF", "\\u{FFFF}"})
    EXPECT_TRUE(has_text(svg, text)) << text;
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_EQ(svg.find('\x1B'), std::string::npos);
}

TEST(MatrixFigure, LettersFromRightToLeftAreMarked) {
  const Tensor matrix = Tensor::of({1, 1}, std::vector<float>{1.0F});
  const std::string svg = matrix_figure(matrix.view(), {"\xD7\xA9\xD7\x9C"}, {"x"});
  EXPECT_NE(svg.find("direction=\"rtl\" unicode-bidi=\"embed\">\xD7\xA9\xD7\x9C</text>"), std::string::npos);
  EXPECT_EQ(count_of(svg, "direction="), 1U);
}

TEST(MatrixFigure, LargeOnesArePooledAndSayWhichLabelsAreLeftOut) {
  const std::vector<std::string> labels(300, "x");
  Tensor matrix(Shape{300, 300});
  matrix.mutable_view().f32()[299 * 300 + 299] = 0.5F;
  const std::string svg = matrix_figure(matrix.view(), labels, labels);
  const auto matrices = cells_of(svg, 256, 256);
  ASSERT_EQ(matrices.size(), 1U);
  EXPECT_EQ(matrices[0][255][255], svg_color(cividis().at(1.0F)));
  EXPECT_EQ(matrices[0][0][0], svg_color(cividis().at(0.0F)));
  EXPECT_NE(svg.find("Max-pooled from 300 x 300 to 256 x 256."), std::string::npos);
  const std::size_t named = count_of(svg, ">x</text>") / 2;
  EXPECT_NE(svg.find("One token in " + std::to_string((300 + named - 1) / named) + " is named."),
            std::string::npos);
}

TEST(MatrixFigure, RefusesWhatItCannotDraw) {
  const Tensor matrix = weights();
  EXPECT_THROW(static_cast<void>(matrix_figure(matrix.view(), {"a"}, kLabels)), InvalidArgument);
  const Tensor broken = Tensor::of({1, 1}, std::vector<float>{std::nanf("")});
  EXPECT_THROW(static_cast<void>(matrix_figure(broken.view(), {"a"}, {"b"})), InvalidArgument);
  FigureOptions options;
  options.palette = "rainbow";
  EXPECT_EQ(code_of(options), "FIGURE");
  for (const double width : {0.0, -1.0, std::nan(""), 1e9, 21.0}) {
    FigureOptions wide;
    wide.width_mm = width;
    EXPECT_EQ(code_of(wide), "FIGURE") << width;
  }
  FigureOptions large;
  large.font_size_pt = 100;
  EXPECT_EQ(code_of(large), "FIGURE");
}

}  // namespace
}  // namespace attnscope
