// SPDX-License-Identifier: Apache-2.0
#include "outputs/palette.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/files.h"
#include "outputs/palettes_json.h"

namespace attnscope {
namespace {

int brightness(Rgb color) { return 299 * color.red + 587 * color.green + 114 * color.blue; }

TEST(Palette, EndsAreThePublishedOnes) {
  EXPECT_EQ(cividis().at(0.0F), (Rgb{0, 34, 78}));
  EXPECT_EQ(cividis().at(1.0F), (Rgb{254, 232, 56}));
  EXPECT_EQ(viridis().at(0.0F), (Rgb{68, 1, 84}));
  EXPECT_EQ(viridis().at(1.0F), (Rgb{253, 231, 37}));
  EXPECT_EQ(paper().at(0.0F), (Rgb{255, 255, 255}));
}

TEST(Palette, GetsSteadilyLighterOrDarker) {
  for (const Palette* palette : {&cividis(), &viridis(), &paper()}) {
    const int sign = palette == &paper() ? -1 : 1;
    for (std::size_t index = 1; index < 256; ++index) {
      EXPECT_GE(sign * (brightness(palette->colors[index]) - brightness(palette->colors[index - 1])), -600)
          << palette->name << ' ' << index;
    }
  }
}

TEST(Palette, TerminalStepsGetSteadilyLighterOrDarkerAndSurviveTheWayBack) {
  for (const Palette* palette : {&cividis(), &viridis(), &paper()}) {
    const int sign = palette == &paper() ? -1 : 1;
    for (std::size_t step = 0; step < palette->terminal.size(); ++step) {
      const Rgb color = palette->terminal_at(static_cast<float>(step) / 6.0F);
      EXPECT_EQ(nearest_terminal_color(color), palette->terminal[step]);
      if (step == 0) continue;
      const Rgb before = palette->terminal_at(static_cast<float>(step - 1) / 6.0F);
      EXPECT_GT(sign * brightness(color), sign * brightness(before)) << palette->name << ' ' << step;
    }
  }
}

TEST(Palette, DifferencesAreWhiteAtZeroAndDarkerToBothSides) {
  EXPECT_EQ(difference().at(0.5F), (Rgb{255, 255, 255}));
  EXPECT_EQ(difference().colors[127], difference().colors[128]);
  for (std::size_t index = 1; index < 256; ++index) {
    const int step = brightness(difference().colors[index]) - brightness(difference().colors[index - 1]);
    EXPECT_TRUE(index < 128 ? step >= 0 : step <= 0) << index;
  }
  EXPECT_GT(difference().at(0.0F).red, difference().at(0.0F).blue);
  EXPECT_GT(difference().at(1.0F).blue, difference().at(1.0F).green);
}

TEST(Palette, MarksStandOutOnTheirGrounds) {
  EXPECT_NEAR(contrast({0, 0, 0}, {255, 255, 255}), 21.0, 1e-9);
  for (const CategoryMark& mark : category_marks()) {
    EXPECT_GE(contrast(mark.on_light, {255, 255, 255}), 3.0) << mark.letter;
    EXPECT_GE(contrast(mark.on_dark, {24, 26, 30}), 3.0) << mark.letter;
  }
}

TEST(Palette, TheViewerHasTheSameTables) {
  const std::string path = ATTNSCOPE_SOURCE_DIR "/web/src/render/palettes.json";
  EXPECT_EQ(read_text_file(path, 1 << 20), palettes_json())
      << "write it anew with `outputs_probe palettes > web/src/render/palettes.json`";
}

TEST(Palette, ClampsWhatIsOutsideOfTheScale) {
  EXPECT_EQ(cividis().at(-1.0F), cividis().at(0.0F));
  EXPECT_EQ(cividis().at(7.0F), cividis().at(1.0F));
  EXPECT_EQ(cividis().at(std::nanf("")), cividis().at(0.0F));
}

TEST(Palette, FiguresAreBlackOnLightAndWhiteOnDark) {
  EXPECT_EQ(readable_on({254, 232, 56}), (Rgb{0, 0, 0}));
  EXPECT_EQ(readable_on({0, 34, 78}), (Rgb{255, 255, 255}));
}

TEST(Palette, FindsTheNearestTerminalColor) {
  EXPECT_EQ(nearest_terminal_color({255, 0, 0}), 196);
  EXPECT_EQ(nearest_terminal_color({0, 0, 0}), 16);
  EXPECT_EQ(nearest_terminal_color({128, 128, 128}), 244);
}

}  // namespace
}  // namespace attnscope
