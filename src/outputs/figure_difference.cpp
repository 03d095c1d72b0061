// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "attnscope/figures.h"
#include "outputs/figure_cells.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

constexpr std::int64_t kMostCells = 96;

void check_picture(const DifferencePicture& picture) {
  const auto tokens = static_cast<std::int64_t>(picture.left_labels.size());
  const Shape expected{tokens, tokens};
  for (const Tensor* side : {&picture.left, &picture.right})
    check_shape(tokens > 0 && !side->empty() && side->shape() == expected,
                "weights " + to_string(side->shape()),
                fmt::format("{}, as there are labels", to_string(expected)));
  check_shape(picture.right_labels.size() == picture.left_labels.size(),
              fmt::format("{} labels on the right", picture.right_labels.size()),
              fmt::format("{}, as on the left", tokens));
}

Tensor subtract(const Tensor& right, const Tensor& left) {
  Tensor result = right.view().own();
  float* values = result.mutable_view().f32();
  for (std::int64_t index = 0; index < result.count(); ++index) values[index] -= left.f32()[index];
  return result;
}

/// "Paris", or "Paris / London" where the sides differ.
std::vector<std::string> joint_labels(const DifferencePicture& picture) {
  std::vector<std::string> labels;
  for (std::size_t token = 0; token < picture.left_labels.size(); ++token) {
    const std::string& left = picture.left_labels[token];
    const std::string& right = picture.right_labels[token];
    labels.push_back(left == right ? left : left + " / " + right);
  }
  return labels;
}

/// A matrix under its name and its column labels; `rows` are its row labels, empty where the panel before has
/// the same.
struct Panel {
  std::string name;
  Tensor cells;
  const FigureScale* scale = nullptr;
  std::vector<std::string> columns;
  std::vector<std::string> rows;
  LabelPlan row_plan = {};
};

class Panels {
 public:
  Panels(Figure& figure, std::vector<Panel> panels) : figure_(figure), panels_(std::move(panels)) {
    const double font = figure.font();
    const auto tokens = static_cast<double>(panels_.front().columns.size());
    gap_ = 0.4 * font;
    between_ = 1.2 * font;
    // Labels and matrices share the width: each is planned for what the other left it.
    pitch_ = 0.2 * figure.width() / tokens;
    for (int round = 0; round < 3; ++round) {
      double room = figure.width() - 2.0 * between_;
      for (Panel& panel : panels_) {
        if (panel.rows.empty()) continue;
        panel.row_plan = plan_labels(panel.rows, pitch_, font, 0.14 * figure.width());
        room -= panel.row_plan.room + gap_;
      }
      size_ = std::min(room / 3.0, 5.0 * font * tokens);
      pitch_ = size_ / tokens;
    }
  }

  void draw() {
    const double font = figure_.font();
    double column_room = 0;
    std::vector<LabelPlan> plans;
    for (const Panel& panel : panels_) {
      plans.push_back(plan_labels(panel.columns, pitch_, font, 11.0 * font));
      column_room = std::max(column_room, plans.back().room);
    }
    const double top = figure_.y() + 1.6 * font + column_room + gap_;
    double x = figure_.left();
    for (std::size_t index = 0; index < panels_.size(); ++index) {
      const Panel& panel = panels_[index];
      if (!panel.rows.empty()) {
        x += panel.row_plan.room + gap_;
        draw_row_labels(figure_, panel.rows, panel.row_plan, x - gap_, top, pitch_);
      }
      TextStyle title = figure_.label();
      title.bold = true;
      figure_.fitted(x, figure_.y() + font, panel.name, size_, title);
      draw_column_labels(figure_, panel.columns, plans[index], x, top - gap_, pitch_);
      draw_cells(figure_, {x, top, size_, size_}, panel.cells, *panel.scale);
      x += size_ + between_;
    }
    figure_.move_to(top + size_ + 1.2 * font);
  }

 private:
  Figure& figure_;
  std::vector<Panel> panels_;
  double gap_ = 0;
  double between_ = 0;
  double size_ = 0;
  double pitch_ = 0;
};

}  // namespace

std::string difference_figure(const DifferencePicture& picture, const FigureOptions& options) {
  check_picture(picture);
  Figure figure(options, fmt::format("{} and {}", picture.left_name, picture.right_name));
  const Tensor left = pooled(picture.left.view(), kMostCells);
  const Tensor right = pooled(picture.right.view(), kMostCells);
  const Tensor whole = subtract(picture.right, picture.left);
  const Tensor change = pooled(whole.view(), kMostCells);
  const FigureScale scale(options, {left.view(), right.view()}, palette_of(options));
  const FigureScale signed_scale(options, {change.view()}, palette_of(options), true);
  const bool same = picture.left_labels == picture.right_labels;
  Panels panels(figure, {{picture.left_name, left, &scale, picture.left_labels, picture.left_labels},
                         {picture.right_name, right, &scale, picture.right_labels,
                          same ? std::vector<std::string>() : picture.right_labels},
                         {fmt::format("{} \xE2\x88\x92 {}", picture.right_name, picture.left_name),
                          change,
                          &signed_scale,
                          joint_labels(picture),
                          {}}});
  panels.draw();
  figure.describe(
      fmt::format("Three matrices of {} rows (from) and columns (to): {}, {}, and their difference.",
                  left.size(0), picture.left_name, picture.right_name));
  figure.color_bar(scale,
                   fmt::format("{}, {}. Rows look at columns.{}", measure_of(options, "attention weight"),
                               scale.sentence(), pooling_note(picture.left.view(), left)));
  figure.skip(0.5 * figure.font());
  figure.color_bar(signed_scale, fmt::format("Difference, {}.", signed_scale.sentence()));
  return figure.finish();
}

}  // namespace attnscope
