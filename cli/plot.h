// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/figures.h"
#include "model_options.h"

namespace attnscope::cli {

/// What stands on the command line, before the model is known.
struct PlotCommand {
  ModelOptions model;
  ComputeOptions compute;
  std::vector<std::string> sources;
  std::string output;
  std::string view;
  std::string number;  ///< of the text in a file of several
  std::string layer;
  std::string head;
  std::string layers;
  std::string entity;
  std::string word;
  std::string measure = "attention";
  std::string sort = "entropy";
  std::string top = "24";
  std::string mass = "0.7";
  std::string width = "84mm";
  std::string font_size = "7pt";
  std::string theme = "light";
  std::string palette;
  std::string scale = "sqrt";
  std::string range = "max";
  std::string dpi = "600";
  std::string title;
  std::string caption;
  bool latex = false;
};

enum class PlotView { matrix, links, grid, words, heads, layers, difference };

/// A figure: SVG, or the text of a TikZ picture.
struct Plot {
  std::string text;
  FigureOptions options;  ///< with the metadata
};

/// Draws what the command asks for. `tikz`: as TeX, which only the matrix has.
/// Throws:  InvalidArgument for options that do not go together, and what the model throws.
[[nodiscard]] Plot draw_plot(const PlotCommand& command, PlotView view, FigureOptions options, bool tikz);

}  // namespace attnscope::cli
