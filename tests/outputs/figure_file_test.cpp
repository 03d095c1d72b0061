// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "attnscope/error.h"
#include "attnscope/figures.h"
#include "outputs/svg_reading.h"
#include "test_folder.h"

namespace attnscope {
namespace {

class FigureFile : public TestFolder {};

std::string figure(double width_mm = 84) {
  FigureOptions options;
  options.width_mm = width_mm;
  const Tensor weights = Tensor::of({1, 2}, std::vector<float>{0.25F, 0.75F});
  return matrix_figure(weights.view(), {"from"}, {"a", "b"}, options);
}

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t index = 0; index < 4; ++index)
    number = number << 8U | static_cast<unsigned char>(bytes.at(at + index));
  return number;
}

TEST_F(FigureFile, SizeIsWhatTheSvgSays) {
  EXPECT_DOUBLE_EQ(figure_size(figure(101.5)).width_mm, 101.5);
  for (const char* svg : {"", "<html>", "<svg width=\"3\" height=\"4\">", "<svg width=\"3mm\">",
                          "<svg width=\"-3mm\" height=\"4mm\">"})
    EXPECT_THROW(static_cast<void>(figure_size(svg)), InvalidArgument) << svg;
}

TEST_F(FigureFile, FormatFollowsTheEnding) {
  write_figure(path("a.svg"), figure());
  EXPECT_EQ(content(path("a.svg")), figure());
  EXPECT_THROW(write_figure(path("a.gif"), figure()), InvalidArgument);
  EXPECT_THROW(write_figure(path("b.svg"), "no svg"), InvalidArgument);
  FigureOptions options;
  options.caption = "50 % of {A} & B_1";
  write_figure(path("a.tex"), figure(), 300, options);
  EXPECT_EQ(content(path("a.tex")),
            "\\begin{figure}\n  \\centering\n  \\includegraphics[width=84mm]{\\detokenize{" + path("a.pdf") +
                "}}\n"
                "  \\caption{50 \\% of \\{A\\} \\& B\\_1}\n  \\label{fig:a}\n\\end{figure}\n");
  EXPECT_EQ(files(), 2U);
}

TEST_F(FigureFile, PngHasTheSizeInPixelsAndTheResolution) {
  if (!can_render_figures()) GTEST_SKIP() << "this build renders nothing";
  for (const double dpi : {100.0, 300.0}) {
    const std::string png = render_png(figure(), dpi);
    EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1A\n");
    EXPECT_EQ(number_at(png, 16), static_cast<std::uint32_t>(std::lround(84 / 25.4 * dpi)));
    EXPECT_EQ(number_at(png, 20),
              static_cast<std::uint32_t>(std::lround(figure_size(figure()).height_mm / 25.4 * dpi)));
    EXPECT_EQ(png.substr(37, 4), "pHYs");
    EXPECT_EQ(number_at(png, 41), static_cast<std::uint32_t>(std::lround(dpi / 0.0254)));
    EXPECT_EQ(png, render_png(figure(), dpi));
  }
}

TEST_F(FigureFile, PdfIsTheSameEachTime) {
  if (!can_render_figures()) GTEST_SKIP() << "this build renders nothing";
  const std::string pdf = render_pdf(figure());
  EXPECT_EQ(pdf.substr(0, 5), "%PDF-");
  EXPECT_EQ(pdf, render_pdf(figure()));
  EXPECT_EQ(pdf.find("/Subtype /Image"), std::string::npos);
}

TEST_F(FigureFile, RenderersRefuseWhatIsNoPicture) {
  if (!can_render_figures()) {
    EXPECT_THROW(static_cast<void>(render_png(figure())), UnsupportedModel);
    EXPECT_THROW(static_cast<void>(render_pdf(figure())), UnsupportedModel);
    return;
  }
  EXPECT_THROW(static_cast<void>(render_png("text")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(render_png(figure(), 1e5)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(render_png(figure(), 0)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(render_pdf("<svg width=\"3mm\" height=\"3mm\"><g>")), InvalidArgument);
}

TEST_F(FigureFile, TikzHasARectangleACellAndEscapedLabels) {
  const Tensor weights = Tensor::of({1, 2}, std::vector<float>{0.0F, 1.0F});
  const std::string tikz = tikz_matrix(weights.view(), {"#1"}, {"a_b", "\\x"});
  EXPECT_EQ(count_of(tikz, "\\fill["), 2U + 32U);
  EXPECT_NE(tikz.find("\\definecolor{attn00224E}{HTML}{00224E}"), std::string::npos);
  for (const char* label : {"{\\#1}", "{a\\_b}", "{\\textbackslash{}x}"})
    EXPECT_NE(tikz.find(label), std::string::npos) << label;
  EXPECT_THROW(static_cast<void>(tikz_matrix(weights.view(), {"a"}, {"b"})), InvalidArgument);
}

}  // namespace
}  // namespace attnscope
