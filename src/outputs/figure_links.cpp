// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "attnscope/figures.h"
#include "core/message.h"
#include "outputs/figure_cells.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

constexpr std::size_t kMostLinks = 20'000;

struct Link {
  std::int64_t head = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  double weight = 0;
};

void check_links(const TensorView& weights, const std::vector<std::string>& labels,
                 const LinksOptions& links) {
  const auto tokens = static_cast<std::int64_t>(labels.size());
  check_shape(weights.rank() == 3 && weights.size(0) >= 1 && weights.size(0) <= 4 && tokens > 0 &&
                  weights.size(1) == tokens && weights.size(2) == tokens,
              "weights " + to_string(weights.shape()),
              fmt::format("[1 to 4 heads, {}, {}], as there are labels", tokens, tokens));
  const std::size_t names = links.head_names.size();
  check_shape(names == 0 || names == static_cast<std::size_t>(weights.size(0)),
              fmt::format("{} names of heads", names), fmt::format("none or {}", weights.size(0)));
  if (!(links.mass > 0.0 && links.mass <= 1.0))
    throw InvalidArgument(problem(ErrorKind::usage, "FIGURE", "figure")
                              .field("mass")
                              .found("{}, expected more than 0 and at most 1", links.mass));
  if (links.from && (*links.from < 0 || *links.from >= tokens))
    throw InvalidArgument(problem(ErrorKind::usage, "FIGURE", "figure")
                              .field("from")
                              .found("token {}, expected 0 to {}", *links.from, tokens - 1));
}

/// The largest weights of a row until they sum to the share of it.
void add_row(std::vector<Link>& links, const TensorView& row, std::int64_t head, std::int64_t from,
             double mass) {
  std::vector<Link> all;
  double sum = 0;
  for (std::int64_t to = 0; to < row.size(0); ++to) {
    all.push_back({head, from, to, static_cast<double>(row.at({to}))});
    sum += all.back().weight;
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Link& left, const Link& right) { return left.weight > right.weight; });
  double drawn = 0;
  for (const Link& link : all) {
    if (drawn >= mass * sum || link.weight <= 0.0) return;
    drawn += link.weight;
    links.push_back(link);
  }
}

/// The weakest first, so that the strongest lie on top.
std::vector<Link> choose_links(const TensorView& weights, const LinksOptions& options) {
  std::vector<Link> links;
  for (std::int64_t head = 0; head < weights.size(0); ++head) {
    for (std::int64_t from = 0; from < weights.size(1); ++from) {
      if (options.from && from != *options.from) continue;
      add_row(links, weights.select(0, head).select(0, from), head, from, options.mass);
    }
  }
  std::stable_sort(links.begin(), links.end(),
                   [](const Link& left, const Link& right) { return left.weight < right.weight; });
  if (links.size() > kMostLinks) links.erase(links.begin(), links.end() - kMostLinks);
  return links;
}

/// Where columns and rows are.
struct LinksLayout {
  double left = 0;  ///< where links begin
  double right = 0;
  double top = 0;
  double pitch = 0;
  std::int64_t heads = 1;

  [[nodiscard]] double y(std::int64_t token, std::int64_t head) const {
    const double shift = static_cast<double>(head) - static_cast<double>(heads - 1) / 2.0;
    return top + (static_cast<double>(token) + 0.5) * pitch + 0.16 * pitch * shift;
  }
};

class LinksDrawing {
 public:
  LinksDrawing(Figure& figure, const FigureScale& scale, const LinksLayout& layout)
      : figure_(figure), scale_(scale), layout_(layout) {}

  [[nodiscard]] LineStyle style_of(std::int64_t head, double weight) const {
    const double part = scale_.fraction(weight);
    return {color_of(head), width_of(part), 0.35 + 0.6 * part, mark_of(head).dashes};
  }

  void draw(const Link& link) {
    const double y1 = layout_.y(link.from, link.head);
    const double y2 = layout_.y(link.to, link.head);
    const double bend = kBend * (layout_.right - layout_.left);
    figure_.svg().path(
        fmt::format("M{} {}C{} {} {} {} {} {}", svg_number(layout_.left), svg_number(y1),
                    svg_number(layout_.left + bend), svg_number(y1), svg_number(layout_.right - bend),
                    svg_number(y2), svg_number(layout_.right), svg_number(y2)),
        style_of(link.head, link.weight));
  }

  /// The letter of a head on its strongest link, each further to the right than the one before.
  void draw_letter(const Link& link) {
    const double t = static_cast<double>(link.head + 1) / static_cast<double>(layout_.heads + 1);
    const double rise = t * t * (3.0 - 2.0 * t);
    const double part =
        3.0 * kBend * t * (1.0 - t) * (1.0 - t) + 3.0 * (1.0 - kBend) * t * t * (1.0 - t) + t * t * t;
    const double x = layout_.left + part * (layout_.right - layout_.left);
    const double y1 = layout_.y(link.from, link.head);
    const double y = y1 + rise * (layout_.y(link.to, link.head) - y1);
    const double size = 0.72 * figure_.font();
    figure_.svg().circle(x, y, 0.62 * size, figure_.theme().ground);
    const TextStyle style{size, figure_.theme().text, Anchor::middle, true};
    figure_.svg().text(x, y + 0.36 * size, std::string(1, mark_of(link.head).letter), style);
  }

  /// One line a head: how it is drawn, its letter and its name.
  void draw_heads(const std::vector<std::string>& names) {
    if (layout_.heads == 1) return;
    const double font = figure_.font();
    double x = figure_.left();
    for (std::int64_t head = 0; head < layout_.heads; ++head) {
      const std::string name = names.empty() ? "" : "  " + names[static_cast<std::size_t>(head)];
      const std::string text = std::string(1, mark_of(head).letter) + name;
      const double width = 3.4 * font + text_width(text, font);
      if (x > figure_.left() && x + width > figure_.right()) {
        x = figure_.left();
        figure_.skip(1.5 * font);
      }
      LineStyle style{color_of(head), font / 5.0, 1.0, mark_of(head).dashes};
      figure_.svg().line(x, figure_.y() + 0.64 * font, x + 2.8 * font, figure_.y() + 0.64 * font, style);
      figure_.svg().text(x + 3.4 * font, figure_.y() + font, text, figure_.label());
      x += width + 2.0 * font;
    }
    figure_.skip(2.0 * font);
  }

  /// Lines of round weights, and what else is to be known.
  void draw_widths(const std::string& meaning) {
    const double font = figure_.font();
    double x = figure_.left();
    for (const Tick& tick : scale_.ticks(0.22)) {
      if (tick.fraction <= 0.0) continue;
      LineStyle style = style_of(0, 0.0);
      style.width = width_of(tick.fraction);
      style.opacity = 0.35 + 0.6 * tick.fraction;
      style.dashes = "";
      const double y = figure_.y() + 0.55 * font;
      figure_.svg().line(x, y, x + 2.2 * font, y, style);
      figure_.svg().text(x + 2.7 * font, figure_.y() + 0.9 * font, tick.label, figure_.muted());
      x += 3.9 * font + text_width(tick.label, figure_.small());
    }
    figure_.skip(1.6 * font);
    figure_.note(meaning);
    figure_.describe(meaning);
  }

 private:
  static constexpr double kBend = 0.45;  // of the width: how far a curve stays level

  /// Lines of several heads are thinner.
  [[nodiscard]] double width_of(double fraction) const {
    return figure_.font() / 7.0 * (0.3 + (layout_.heads > 1 ? 1.0 : 2.0) * fraction);
  }
  [[nodiscard]] static const CategoryMark& mark_of(std::int64_t head) {
    return category_marks()[static_cast<std::size_t>(head)];
  }
  [[nodiscard]] Rgb color_of(std::int64_t head) const {
    return figure_.theme().dark ? mark_of(head).on_dark : mark_of(head).on_light;
  }

  Figure& figure_;
  const FigureScale& scale_;
  const LinksLayout& layout_;
};

LinksLayout lay_out(Figure& figure, const std::vector<std::string>& labels, std::int64_t heads) {
  const double font = figure.font();
  LinksLayout layout;
  layout.heads = heads;
  layout.pitch = (labels.size() > 60 ? 1.25 : 1.55) * font;
  const LabelPlan plan = plan_labels(labels, layout.pitch, font, 0.3 * figure.width());
  const double room = std::max(plan.room, text_width("from", figure.small()));
  layout.left = figure.left() + room + 0.6 * font;
  layout.right = std::min(figure.right() - room - 0.6 * font, layout.left + 45.0 * font);
  layout.top = figure.y() + 1.7 * font;
  figure.svg().text(layout.left - 0.6 * font, figure.y() + figure.small(), "from", figure.muted(Anchor::end));
  figure.svg().text(layout.right + 0.6 * font, figure.y() + figure.small(), "to", figure.muted());
  draw_row_labels(figure, labels, plan, layout.left - 0.6 * font, layout.top, layout.pitch);
  for (std::size_t token = 0; token < labels.size(); ++token) {
    const double middle = layout.top + (static_cast<double>(token) + 0.5) * layout.pitch;
    figure.fitted(layout.right + 0.6 * font, middle + 0.36 * plan.size, labels[token], plan.room,
                  figure.label());
  }
  figure.move_to(layout.top + static_cast<double>(labels.size()) * layout.pitch + font);
  return layout;
}

std::string meaning_of(const FigureOptions& options, const LinksOptions& links, const FigureScale& scale,
                       const std::vector<Link>& drawn) {
  std::string meaning = fmt::format(
      "{}, as the width of a line, {}. Of each row the largest weights are drawn until they are {:.0f} % of "
      "it: {} links",
      measure_of(options, "attention weight"), scale.sentence(), 100.0 * links.mass, drawn.size());
  if (drawn.size() == kMostLinks) meaning += ", the largest there are";
  return meaning + ".";
}

}  // namespace

std::string links_figure(const TensorView& weights, const std::vector<std::string>& labels,
                         const LinksOptions& links, const FigureOptions& options) {
  check_links(weights, labels, links);
  Figure figure(options, "Attention links");
  const FigureScale scale(options, {weights}, palette_of(options));
  check_shape(!scale.is_signed(), "a negative weight", "weights of 0 and more");
  const LinksLayout layout = lay_out(figure, labels, weights.size(0));
  const std::vector<Link> chosen = choose_links(weights, links);
  LinksDrawing drawing(figure, scale, layout);
  figure.svg().open_group("class=\"links\"");
  for (const Link& link : chosen) drawing.draw(link);
  figure.svg().close_group();
  for (std::int64_t head = 0; head < layout.heads && layout.heads > 1; ++head) {
    const auto strongest =
        std::find_if(chosen.rbegin(), chosen.rend(), [head](const Link& link) { return link.head == head; });
    if (strongest != chosen.rend()) drawing.draw_letter(*strongest);
  }
  figure.describe(fmt::format("Two columns of {} tokens with a link for each large weight of {} heads.",
                              labels.size(), layout.heads));
  drawing.draw_heads(links.head_names);
  drawing.draw_widths(meaning_of(options, links, scale, chosen));
  return figure.finish();
}

}  // namespace attnscope
