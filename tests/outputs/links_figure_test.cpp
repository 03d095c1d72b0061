// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "attnscope/error.h"
#include "attnscope/figures.h"
#include "outputs/palette.h"
#include "outputs/svg_reading.h"
#include "outputs/svg_writer.h"

namespace attnscope {
namespace {

const std::vector<std::string> kLabels = {"a", "b", "c"};

Tensor weights(std::int64_t heads) {
  Tensor all(Shape{heads, 3, 3});
  const std::vector<float> head = {0.5F, 0.3F, 0.2F, 0.8F, 0.1F, 0.1F, 0.4F, 0.35F, 0.25F};
  for (std::int64_t index = 0; index < all.count(); ++index)
    all.mutable_view().f32()[index] = head[static_cast<std::size_t>(index % 9)];
  return all;
}

std::size_t links_of(const std::string& svg) { return count_of(svg, "<path d=\"M"); }

std::string figure(std::int64_t heads, const LinksOptions& links = {}) {
  const Tensor all = weights(heads);
  return links_figure(all.view(), kLabels, links);
}

TEST(LinksFigure, EachRowHasItsLargestWeightsUpToTheMass) {
  EXPECT_EQ(links_of(figure(1, {.mass = 0.7})), 2U + 1U + 2U);
  EXPECT_EQ(links_of(figure(1, {.mass = 0.4})), 3U);
  EXPECT_EQ(links_of(figure(1, {.mass = 1.0})), 9U);
  EXPECT_NE(figure(1).find("until they are 70 % of it: 5 links."), std::string::npos);
}

TEST(LinksFigure, OneTokenAlone) {
  LinksOptions links;
  links.from = 1;
  EXPECT_EQ(links_of(figure(1, links)), 1U);
}

TEST(LinksFigure, HeadsDifferByColorDashAndLetter) {
  LinksOptions links;
  links.head_names = {"L0 H1", "L0 H2", "L0 H3", "L0 H4"};
  const std::string svg = figure(4, links);
  EXPECT_EQ(links_of(svg), 20U);
  for (const CategoryMark& mark : category_marks()) {
    EXPECT_EQ(count_of(svg, "fill=\"none\" stroke=\"" + svg_color(mark.on_light) + "\""), 5U) << mark.letter;
    EXPECT_TRUE(has_text(svg, std::string(1, mark.letter))) << mark.letter;
  }
  EXPECT_EQ(count_of(svg, "stroke-dasharray"), 3U * (5U + 1U));  // with the lines of the legend
  EXPECT_TRUE(has_text(svg, "D  L0 H4"));
}

TEST(LinksFigure, BothColumnsAreNamed) {
  const std::string svg = figure(1);
  for (const std::string& label : kLabels) EXPECT_EQ(count_of(svg, ">" + label + "</text>"), 2U);
  EXPECT_TRUE(has_text(svg, "from"));
  EXPECT_TRUE(has_text(svg, "to"));
}

TEST(LinksFigure, RefusesWhatItCannotDraw) {
  EXPECT_THROW(static_cast<void>(figure(5)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(figure(1, {.mass = 0.0})), InvalidArgument);
  LinksOptions outside;
  outside.from = 3;
  EXPECT_THROW(static_cast<void>(figure(1, outside)), InvalidArgument);
  LinksOptions names;
  names.head_names = {"one", "two"};
  EXPECT_THROW(static_cast<void>(figure(1, names)), InvalidArgument);
}

}  // namespace
}  // namespace attnscope
