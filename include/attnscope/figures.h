// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/outputs.h"
#include "attnscope/tensor.h"
#include "attnscope/tokenizer.h"

/// Pictures for a paper. SVG is written here, with the same bytes on every machine and text that stays text;
/// PNG and PDF are rendered from it.
namespace attnscope {

enum class FigureTheme {
  light,
  dark,
  paper  ///< white ground, black text, a scale that prints in grey
};
/// How a weight becomes a fraction of the scale.
enum class FigureTransform {
  square_root,  ///< attention is skewed
  linear,
  logarithm  ///< from 1e-4 of the top on; less counts as that
};
/// What the top of the scale is.
enum class FigureRange {
  maximum,       ///< the largest weight drawn
  unit,          ///< 1
  percentile_99  ///< of the weights drawn
};

struct FigureOptions {
  double width_mm = 84.0;     ///< one column of a journal
  double font_size_pt = 7.0;  ///< of labels; titles are larger, ticks smaller
  FigureTheme theme = FigureTheme::light;
  /// "cividis", "viridis", "paper"; empty: paper in the theme paper and for words on a light ground, else
  /// cividis.
  std::string palette = {};
  FigureTransform transform = FigureTransform::square_root;
  FigureRange range = FigureRange::maximum;
  std::string title = {};    ///< above the picture; empty: none
  std::string caption = {};  ///< below it, wrapped; empty: none
  /// Into the metadata of the SVG: "model", "text", "layer", "head", "measure", "version", ...
  std::map<std::string, std::string> metadata = {};
};

/// Matrix of weights from each token (row) to each token (column), with labels, colour bar and ticks; with
/// the numbers where cells are large enough. Negative weights take the signed scale. More than 256 a side are
/// max-pooled.
/// Shapes:  weights [n, m]; row and column labels n and m texts (UTF-8).
/// Throws:  InvalidArgument: SHAPE for labels that do not fit, VALUE for NaN, FIGURE for options.
[[nodiscard]] std::string matrix_figure(const TensorView& weights, const std::vector<std::string>& row_labels,
                                        const std::vector<std::string>& column_labels,
                                        const FigureOptions& options = {});

struct LinksOptions {
  /// Of each row the largest weights are drawn until they sum to this share of it.
  double mass = 0.7;
  std::vector<std::string> head_names = {};         ///< "L3 H7", one a head
  std::optional<std::int64_t> from = std::nullopt;  ///< only the links of this token
};
/// Two columns of tokens with a link for each large weight; heads differ by colour, dash and letter.
/// Shapes:  weights [heads, n, n], at most 4 heads.
/// Throws:  InvalidArgument: SHAPE, VALUE, FIGURE.
[[nodiscard]] std::string links_figure(const TensorView& weights, const std::vector<std::string>& labels,
                                       const LinksOptions& links = {}, const FigureOptions& options = {});

/// Layers x heads of thumbnails, max-pooled to at most 64 x 64.
/// Shapes:  weights [layers, heads, n, n]; `layers` and `heads` are the numbers to print.
[[nodiscard]] std::string grid_figure(const TensorView& weights, const std::vector<std::int64_t>& layers,
                                      const std::vector<std::int64_t>& heads,
                                      const FigureOptions& options = {});

/// A text whose words are shaded.
struct ShadedWord {
  Span span;                 ///< bytes of the text
  double weight = 0;         ///< NaN: not shaded
  bool focus = false;        ///< framed: what is explained
  std::string label = {};    ///< of the entity that begins here, "PER"
  std::int64_t entity = -1;  ///< words with one number are underlined as one entity
};
struct WordsPicture {
  std::string text;
  std::vector<ShadedWord> words;
  /// Below the text: what of the whole is not in the words, "special tokens [CLS] [SEP]" 0.61.
  std::vector<std::pair<std::string, double>> rest = {};
  std::string measure = {};  ///< "attention, mean over 6 layers and 12 heads": printed beside the colour bar
  std::size_t top = 10;      ///< bars of the largest words; 0: none
  std::string rule = {};     ///< a sentence behind the measure: how pieces become words
};
/// The text wrapped to the width, words shaded by weight, then bars of the largest with their numbers.
/// Negative weights take the signed scale.
[[nodiscard]] std::string words_figure(const WordsPicture& picture, const FigureOptions& options = {});

/// Rows with a dot on a common axis, for example heads by entropy.
struct RankingPicture {
  std::vector<std::string> names;       ///< "L3 H7"
  std::vector<double> values;           ///< NaN: no dot
  std::vector<std::string> notes = {};  ///< printed behind the value, "previous"; empty: none
  std::string axis;                     ///< name and unit, "entropy (nats)"
};
/// In the order given.
[[nodiscard]] std::string ranking_figure(const RankingPicture& picture, const FigureOptions& options = {});

/// One matrix a layer side by side, the differences of neighbours on a signed scale below, and lines of
/// numbers over the layers.
/// Shapes:  means [layers, n, n].
struct LayersPicture {
  Tensor means;
  std::vector<std::int64_t> layers;
  std::vector<std::pair<std::string, std::vector<double>>> lines = {};  ///< "entropy (nats)": one a layer
};
[[nodiscard]] std::string layers_figure(const LayersPicture& picture, const FigureOptions& options = {});

/// A, B and B - A side by side; A and B on one scale, the difference on a signed one.
/// Shapes:  left, right [n, n].
struct DifferencePicture {
  Tensor left;
  Tensor right;
  std::vector<std::string> left_labels;
  std::vector<std::string> right_labels;
  std::string left_name = "A";
  std::string right_name = "B";
};
[[nodiscard]] std::string difference_figure(const DifferencePicture& picture,
                                            const FigureOptions& options = {});

/// The size that an SVG of ours says, in millimetres.
struct FigureSize {
  double width_mm = 0;
  double height_mm = 0;
};
[[nodiscard]] FigureSize figure_size(const std::string& svg);

/// Whether this build can render PNG and PDF (librsvg was there).
[[nodiscard]] bool can_render_figures();
/// Throws:  UnsupportedModel (NO_RENDERER) in a build without librsvg; InvalidArgument (FIGURE) for what is
///          no SVG and for a picture over 30,000 pixels a side.
[[nodiscard]] std::string render_png(const std::string& svg, double dpi = 300);
[[nodiscard]] std::string render_pdf(const std::string& svg);

/// The matrix as a tikzpicture, text in the document's font.
/// Shapes:  as matrix_figure.
[[nodiscard]] std::string tikz_matrix(const TensorView& weights, const std::vector<std::string>& row_labels,
                                      const std::vector<std::string>& column_labels,
                                      const FigureOptions& options = {});
/// A figure environment that includes the file, or the PDF beside an SVG.
[[nodiscard]] std::string latex_snippet(const std::string& path, const FigureOptions& options = {});

/// Writes SVG, PNG, PDF or TeX by the ending of the path, whole or not at all. The TeX is the snippet.
/// Throws:  InvalidArgument (OUT_ENDING), StorageError, and as render_png.
void write_figure(const std::string& path, const std::string& svg, double dpi = 300,
                  const FigureOptions& options = {});

}  // namespace attnscope
