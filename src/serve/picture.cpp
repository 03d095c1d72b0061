// SPDX-License-Identifier: Apache-2.0
#include "serve/picture.h"

#include <algorithm>

#include "attnscope/analysis.h"
#include "attnscope/version.h"
#include "core/message.h"

namespace attnscope::serve {
namespace {

std::string head_name(std::int64_t layer, std::int64_t head) { return fmt::format("L{} H{}", layer, head); }

/// The chosen layers and heads.
/// Returns:  [layers, heads, n, n].
Tensor chosen_weights(const Document& document, const PictureWish& wish) {
  const TensorView all = document.attentions().view();
  const auto layers = static_cast<std::int64_t>(wish.layers.size());
  const auto heads = static_cast<std::int64_t>(wish.heads.size());
  Tensor chosen(Shape{layers, heads, all.size(2), all.size(3)});
  for (std::int64_t layer = 0; layer < layers; ++layer)
    for (std::int64_t head = 0; head < heads; ++head)
      chosen.mutable_view().select(0, layer).select(0, head).copy_from(
          all.select(0, wish.layers[static_cast<std::size_t>(layer)])
              .select(0, wish.heads[static_cast<std::size_t>(head)]));
  return chosen;
}

/// Maps one after another.
/// Returns:  [layers * heads, n, n].
Tensor in_a_row(const Tensor& weights) {
  return weights.reshape(Shape{weights.size(0) * weights.size(1), weights.size(2), weights.size(3)});
}

std::string draw_links(const Document& document, const PictureWish& wish) {
  LinksOptions links;
  links.from = wish.from;
  for (const std::int64_t layer : wish.layers)
    for (const std::int64_t head : wish.heads) links.head_names.push_back(head_name(layer, head));
  const Tensor weights = in_a_row(chosen_weights(document, wish));
  return links_figure(weights.view(), document.encoding().tokens, links, wish.options);
}

/// The words by the first measure of the focus.
std::string draw_words(const Document& document, const PictureWish& wish) {
  const WordReport& report = *document.words();
  return words_figure(words_picture(document.text(), report, report.focuses[wish.focus]), wish.options);
}

/// The heads by entropy, the sharpest first.
std::string draw_heads(const Document& document, const PictureWish& wish) {
  const Tensor weights = chosen_weights(document, wish);
  const Tensor entropies = analysis::entropy(weights.view());
  std::vector<std::pair<double, std::string>> heads;
  for (std::size_t layer = 0; layer < wish.layers.size(); ++layer)
    for (std::size_t head = 0; head < wish.heads.size(); ++head)
      heads.emplace_back(static_cast<double>(entropies.at(
                             {static_cast<std::int64_t>(layer), static_cast<std::int64_t>(head)})),
                         head_name(wish.layers[layer], wish.heads[head]));
  std::stable_sort(heads.begin(), heads.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  RankingPicture picture;
  picture.axis = "entropy (nats)";
  for (auto& [value, head] : heads) {
    picture.values.push_back(value);
    picture.names.push_back(std::move(head));
  }
  return ranking_figure(picture, wish.options);
}

std::string draw_layers(const Document& document, const PictureWish& wish) {
  const Tensor weights = chosen_weights(document, wish);
  const Tensor entropies = analysis::entropy(weights.view());
  std::vector<double> line;
  for (std::int64_t layer = 0; layer < entropies.size(0); ++layer) {
    double sum = 0.0;
    for (std::int64_t head = 0; head < entropies.size(1); ++head)
      sum += static_cast<double>(entropies.at({layer, head}));
    line.push_back(sum / static_cast<double>(entropies.size(1)));
  }
  return layers_figure({head_mean(weights.view()), wish.layers, {{"entropy (nats)", line}}}, wish.options);
}

std::string draw_difference(const Document& document, const PictureWish& wish) {
  const Tensor weights = chosen_weights(document, wish);
  const Tensor means = head_mean(weights.view());
  const std::vector<std::string>& tokens = document.encoding().tokens;
  const auto layer_name = [&](std::size_t i) { return fmt::format("layer {}", wish.layers[i]); };
  return difference_figure({means.view().select(0, 0).own(), means.view().select(0, 1).own(), tokens, tokens,
                            layer_name(0), layer_name(1)},
                           wish.options);
}

/// The mean of the chosen layers and heads.
std::string draw_matrix(const Document& document, const PictureWish& wish) {
  const std::vector<std::string>& tokens = document.encoding().tokens;
  const Tensor weights = in_a_row(chosen_weights(document, wish));
  const Tensor mean = head_mean(weights.view());
  return matrix_figure(mean.view(), tokens, tokens, wish.options);
}

std::string draw_grid(const Document& document, const PictureWish& wish) {
  const Tensor weights = chosen_weights(document, wish);
  return grid_figure(weights.view(), wish.layers, wish.heads, wish.options);
}

std::string draw(const Document& document, const PictureWish& wish) {
  constexpr decltype(&draw_matrix) kDraw[] = {draw_matrix, draw_links,  draw_grid,      draw_words,
                                              draw_heads,  draw_layers, draw_difference};
  return kDraw[static_cast<std::size_t>(wish.view)](document, wish);
}

/// "0, 2, 5"
std::string listed(const std::vector<std::int64_t>& numbers) {
  return fmt::format("{}", fmt::join(numbers, ", "));
}

}  // namespace

Response draw_picture(const Document& document, const PictureWish& wish) {
  PictureWish told = wish;
  told.options.metadata = {{"text", document.text()},
                           {"layer", listed(wish.layers)},
                           {"head", listed(wish.heads)},
                           {"version", name_and_version()}};
  std::string svg = draw(document, told);
  switch (wish.format) {
    case PictureWish::Format::png:
      return {200, "image/png", render_png(svg, wish.dpi)};
    case PictureWish::Format::pdf:
      return {200, "application/pdf", render_pdf(svg)};
    default:
      return {200, "image/svg+xml", std::move(svg)};
  }
}

}  // namespace attnscope::serve
