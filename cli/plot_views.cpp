// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "attnscope/analysis.h"
#include "attnscope/layer_report.h"
#include "attnscope/version.h"
#include "attnscope/weight_table.h"
#include "errors.h"
#include "numbers.h"
#include "plot.h"
#include "plot_source.h"
#include "plot_words.h"

namespace attnscope::cli {
namespace {

using Numbers = std::vector<std::int64_t>;

/// Where `number` stands in what the source has.
std::int64_t position_of(const std::string& option, const std::string& text, const Numbers& present) {
  constexpr std::int64_t kMost = 1'000'000;
  const std::int64_t number = parse_number(option, text, 0, kMost);
  const auto found = std::find(present.begin(), present.end(), number);
  if (found != present.end()) return found - present.begin();
  throw usage_error(option, fmt::format("{} is not there", number),
                    fmt::format("there are {}", fmt::join(present, ", ")));
}

/// Without --layer the last.
std::int64_t layer_position(const PlotCommand& command, const PlotSource& source) {
  if (command.layer.empty()) return static_cast<std::int64_t>(source.layers.size()) - 1;
  return position_of("--layer", command.layer, source.layers);
}

Numbers head_positions(const PlotCommand& command, const PlotSource& source) {
  Numbers positions;
  if (command.head.empty()) return positions;
  if (source.heads.empty())
    throw usage_error("--head", fmt::format("'{}' holds the {}", source.name, source.mean_name()),
                      "leave out --head, or write the file without --reduce");
  for (const std::string& part : split_list(command.head))
    positions.push_back(position_of("--head", part, source.heads));
  return positions;
}

/// One matrix: of a head, or of the mean over all.
struct Chosen {
  Tensor weights;    // [rows, n]
  std::string name;  // "layer 3, head 7"
};

Chosen choose_matrix(const PlotCommand& command, const PlotSource& source, std::int64_t layer) {
  const Numbers heads = head_positions(command, source);
  if (heads.size() > 1)
    throw usage_error("--head", fmt::format("a matrix shows one head, not {}", heads.size()),
                      "take --view links for up to four");
  const TensorView weights = source.attentions.view().select(0, layer);
  const std::int64_t number = source.layers[static_cast<std::size_t>(layer)];
  if (heads.empty()) return {head_mean(weights), fmt::format("layer {}, {}", number, source.mean_name())};
  return {weights.select(0, heads[0]).own(),
          fmt::format("layer {}, head {}", number, source.heads[static_cast<std::size_t>(heads[0])])};
}

std::vector<std::string> row_labels(const PlotSource& source) {
  std::vector<std::string> labels;
  for (const std::int64_t row : source.rows) labels.push_back(source.tokens[static_cast<std::size_t>(row)]);
  return labels;
}

/// What needs a row for each token.
void check_square(const PlotSource& source, const char* view) {
  if (source.rows.size() == source.tokens.size()) return;
  throw usage_error("--view",
                    fmt::format("{} needs all rows, '{}' has {} of {}", view, source.name, source.rows.size(),
                                source.tokens.size()),
                    "write the file without --rows");
}

std::string draw_matrix_view(const PlotCommand& command, const PlotSource& source, FigureOptions& options,
                             bool tikz) {
  const Chosen chosen = choose_matrix(command, source, layer_position(command, source));
  options.metadata["measure"] = "attention weight, " + chosen.name;
  const auto draw = tikz ? tikz_matrix : matrix_figure;
  return draw(chosen.weights.view(), row_labels(source), source.tokens, options);
}

std::string draw_links_view(const PlotCommand& command, const PlotSource& source, FigureOptions& options) {
  check_square(source, "links");
  const std::int64_t layer = layer_position(command, source);
  const std::int64_t number = source.layers[static_cast<std::size_t>(layer)];
  const Numbers heads = head_positions(command, source);
  if (heads.size() > 4)
    throw usage_error("--head", fmt::format("{} heads cannot be told apart", heads.size()),
                      "give at most four");
  LinksOptions links;
  links.mass = parse_real("--mass", command.mass, 0.01, 1.0);
  std::vector<Tensor> matrices;
  for (const std::int64_t head : heads) {
    matrices.push_back(source.attentions.view().select(0, layer).select(0, head).own());
    links.head_names.push_back(
        fmt::format("layer {}, head {}", number, source.heads[static_cast<std::size_t>(head)]));
  }
  options.metadata["measure"] = fmt::format("attention weight, layer {}", number);
  if (heads.size() == 1) options.metadata["measure"] = "attention weight, " + links.head_names.front();
  if (heads.empty()) {
    const Chosen mean = choose_matrix(command, source, layer);
    matrices.push_back(mean.weights);
    options.metadata["measure"] = "attention weight, " + mean.name;
  }
  const Tensor weights = stack(matrices);
  return links_figure(weights.view(), source.tokens, links, options);
}

std::string draw_grid_view(const PlotCommand& command, const PlotSource& source, FigureOptions& options) {
  check_square(source, "the grid");
  if (source.heads.empty())
    throw usage_error("--view",
                      fmt::format("the grid needs heads, '{}' holds the {}", source.name, source.mean_name()),
                      "take --view matrix or layers");
  Tensor weights = source.attentions;
  Numbers layers = source.layers;
  if (!command.layer.empty()) {
    const std::int64_t layer = layer_position(command, source);
    weights = weights.view().narrow(0, layer, 1).own();
    layers = {layers[static_cast<std::size_t>(layer)]};
  }
  if (!command.head.empty()) throw usage_error("--head", "the grid shows all heads", "take --view matrix");
  return grid_figure(weights.view(), layers, source.heads, options);
}

/// Means over the queries of each head, [layers, heads].
Tensor statistic_of(const std::string& name, const TensorView& weights) {
  constexpr std::int64_t kNone = 2;
  std::int64_t offset = kNone;
  if (name == "entropy") return analysis::entropy(weights);
  if (name == "distance") return analysis::distance(weights);
  if (name == "max") return analysis::confidence(weights);
  if (name == "self") offset = 0;
  if (name == "previous") offset = -1;
  if (name == "next") offset = 1;
  return analysis::mass_at_offset(weights, offset);
}

std::string draw_heads_view(const PlotCommand& command, const PlotSource& source, FigureOptions& options) {
  constexpr std::int64_t kMost = 10'000;
  const std::vector<std::string> names = {"entropy", "distance", "max", "self", "previous", "next"};
  const std::vector<std::string> axes = {"entropy (nats)",
                                         "distance (tokens)",
                                         "largest weight of a row",
                                         "weight on the token itself",
                                         "weight on the token before",
                                         "weight on the token behind"};
  check_square(source, "the ranking of heads");
  if (source.heads.empty())
    throw usage_error("--view",
                      fmt::format("heads are ranked, '{}' holds the {}", source.name, source.mean_name()),
                      "write the file without --reduce");
  const std::size_t choice = parse_choice("--sort", command.sort, names);
  const auto top = static_cast<std::size_t>(parse_number("--top", command.top, 1, kMost));
  const Tensor values = statistic_of(command.sort, source.attentions.view());
  std::vector<std::int64_t> order(static_cast<std::size_t>(values.count()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t left, std::int64_t right) {
    return values.f32()[left] > values.f32()[right];
  });
  RankingPicture picture;
  picture.axis = axes[choice] + ", mean over the rows";
  const auto heads = static_cast<std::int64_t>(source.heads.size());
  for (const std::int64_t index : order) {
    if (picture.names.size() == top) break;
    picture.names.push_back(fmt::format("L{} H{}", source.layers[static_cast<std::size_t>(index / heads)],
                                        source.heads[static_cast<std::size_t>(index % heads)]));
    picture.values.push_back(static_cast<double>(values.f32()[index]));
  }
  options.metadata["measure"] = picture.axis;
  if (order.size() > picture.names.size())
    picture.axis += fmt::format("; the first {} of {} heads", picture.names.size(), order.size());
  return ranking_figure(picture, options);
}

std::string draw_layers_view(const PlotSource& source, FigureOptions& options) {
  check_square(source, "the view of layers");
  LayersPicture picture;
  picture.means = head_mean(source.attentions.view());
  picture.layers = source.layers;
  const auto add_line = [&](const std::string& name, const Tensor& by_head) {
    std::vector<double> values;
    for (std::int64_t layer = 0; layer < by_head.size(0); ++layer) {
      double sum = 0;
      for (std::int64_t head = 0; head < by_head.size(1); ++head)
        sum += static_cast<double>(by_head.at({layer, head}));
      values.push_back(sum / static_cast<double>(by_head.size(1)));
    }
    picture.lines.emplace_back(name, std::move(values));
  };
  const std::string mean =
      source.heads.empty() ? " of the " + source.mean_name() : ", mean over heads and rows";
  add_line("Entropy in nats" + mean, analysis::entropy(source.attentions.view()));
  if (std::find(source.specials.begin(), source.specials.end(), true) != source.specials.end())
    add_line("Weight on special tokens" + mean, analysis::mass_on(source.attentions.view(), source.specials));
  options.metadata["measure"] = "attention weight, " + source.mean_name();
  return layers_figure(picture, options);
}

/// Two layers of one source.
std::string draw_layer_pair(const PlotCommand& command, const PlotSource& source, FigureOptions& options) {
  const std::vector<std::string> parts = split_list(command.layers);
  if (parts.size() != 2)
    throw usage_error("--layers", fmt::format("'{}' is no pair of layers", command.layers),
                      "write two, as 1,5");
  if (!command.head.empty() || !command.layer.empty())
    throw usage_error("--layers", "two layers are compared by the mean over their heads",
                      "leave out --layer and --head");
  DifferencePicture picture;
  picture.left = choose_matrix(command, source, position_of("--layers", parts[0], source.layers)).weights;
  picture.right = choose_matrix(command, source, position_of("--layers", parts[1], source.layers)).weights;
  picture.left_labels = picture.right_labels = source.tokens;
  picture.left_name = "L" + parts[0];
  picture.right_name = "L" + parts[1];
  options.metadata["measure"] = "attention weight, " + source.mean_name();
  return difference_figure(picture, options);
}

/// Between the tokens, or of two unlike texts between the words.
NamedAttention attention_of(const PlotSource& source, const Tensor& weights, bool by_words) {
  const Tensor one = weights.reshape({1, 1, weights.size(0), weights.size(1)});
  if (by_words) return attention_of_words(source.name, *source.encoding, one.view());
  return {source.tokens, one};
}

/// The start of a long text.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMostBytes = 160;
  if (text.size() <= kMostBytes) return text;
  std::size_t end = kMostBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "\u2026";
}

std::string draw_difference_view(const PlotCommand& command, const PlotSource& left, FigureOptions& options) {
  check_square(left, "the difference");
  if (!command.layers.empty() && command.sources.size() == 1) return draw_layer_pair(command, left, options);
  if (command.sources.size() != 2 || !command.layers.empty())
    throw usage_error("SOURCE", "there is nothing to compare with, or too much",
                      "give two texts or files, or one and --layers 1,5");
  const PlotSource right = open_source(command, command.sources[1], 2);
  check_square(right, "the difference");
  const Chosen left_matrix = choose_matrix(command, left, layer_position(command, left));
  const Chosen right_matrix = choose_matrix(command, right, layer_position(command, right));
  const bool by_words = left.tokens != right.tokens && left.encoding && right.encoding;
  const DifferenceReport report = difference(attention_of(left, left_matrix.weights, by_words),
                                             attention_of(right, right_matrix.weights, by_words));
  DifferencePicture picture;
  const auto pairs = static_cast<std::int64_t>(report.pairs.size());
  picture.left = report.left.reshape({pairs, pairs});
  picture.right = report.right.reshape({pairs, pairs});
  for (const auto& [left_index, right_index] : report.pairs) {
    picture.left_labels.push_back(report.left_names[static_cast<std::size_t>(left_index)]);
    picture.right_labels.push_back(report.right_names[static_cast<std::size_t>(right_index)]);
  }
  options.metadata["measure"] =
      fmt::format("attention weight between {}, {}", by_words ? "words" : "tokens", left_matrix.name);
  options.metadata["compared with"] = right.name;
  if (options.caption.empty())
    options.caption = fmt::format("A: {}\nB: {}", shortened(left.name), shortened(right.name));
  return difference_figure(picture, options);
}

void check_sources(const PlotCommand& command, PlotView view) {
  std::error_code ignored;
  for (const std::string& source : command.sources)
    if (is_weight_table(source) && std::filesystem::exists(source, ignored))
      throw usage_error("SOURCE", fmt::format("'{}' is a table, which is not read back", source),
                        "write a .npz or .safetensors file and draw that");
  if (command.sources.size() > 1 && view != PlotView::difference)
    throw usage_error("SOURCE", "two are drawn by the view difference only", "give one");
  if (view != PlotView::difference && !command.layers.empty())
    throw usage_error("--layers", "two layers are drawn by the view difference only", "give --layer");
  if (view != PlotView::words && !(command.entity.empty() && command.word.empty()))
    throw usage_error(command.entity.empty() ? "--word" : "--entity", "belongs to the view words");
}

}  // namespace

Plot draw_plot(const PlotCommand& command, PlotView view, FigureOptions options, bool tikz) {
  check_sources(command, view);
  if (view == PlotView::words) return draw_words_view(command, std::move(options));
  const PlotSource source = open_source(command, command.sources.front(), 1);
  options.metadata = source.metadata;
  options.metadata["version"] = name_and_version();
  Plot plot;
  switch (view) {
    case PlotView::matrix:
      plot.text = draw_matrix_view(command, source, options, tikz);
      break;
    case PlotView::links:
      plot.text = draw_links_view(command, source, options);
      break;
    case PlotView::heads:
      plot.text = draw_heads_view(command, source, options);
      break;
    case PlotView::layers:
      plot.text = draw_layers_view(source, options);
      break;
    case PlotView::difference:
      plot.text = draw_difference_view(command, source, options);
      break;
    case PlotView::grid:
    case PlotView::words:
      plot.text = draw_grid_view(command, source, options);
      break;
  }
  plot.options = std::move(options);
  return plot;
}

}  // namespace attnscope::cli
