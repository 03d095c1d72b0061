// SPDX-License-Identifier: Apache-2.0
#include "attnscope/figures.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "arrays.h"
#include "bindings.h"
#include "choices.h"
#include "python_text.h"
#include "session.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

using Labels = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

// From the dict that figure_options.py makes.
FigureOptions options_of(const nb::dict& given) {
  FigureOptions options;
  options.width_mm = nb::cast<double>(given["width_mm"]);
  options.font_size_pt = nb::cast<double>(given["font_size_pt"]);
  options.theme = named<FigureTheme>(
      nb::cast<std::string>(given["theme"]),
      {{"light", FigureTheme::light}, {"dark", FigureTheme::dark}, {"paper", FigureTheme::paper}});
  options.palette = nb::cast<std::string>(given["palette"]);
  options.transform =
      named<FigureTransform>(nb::cast<std::string>(given["scale"]), {{"sqrt", FigureTransform::square_root},
                                                                     {"linear", FigureTransform::linear},
                                                                     {"log", FigureTransform::logarithm}});
  options.range = named<FigureRange>(
      nb::cast<std::string>(given["range"]),
      {{"max", FigureRange::maximum}, {"unit", FigureRange::unit}, {"p99", FigureRange::percentile_99}});
  options.title = nb::cast<std::string>(given["title"]);
  options.caption = nb::cast<std::string>(given["caption"]);
  options.metadata = nb::cast<std::map<std::string, std::string>>(given["metadata"]);
  return options;
}

// What `make` writes. Python runs meanwhile.
template <class Make>
std::string drawn(const Make& make) {
  std::string result;
  Session::without_model(false, [&](const auto&) { result = make(); });
  return result;
}

std::string matrix(const FloatArray& weights, const Labels& rows, const Labels& columns,
                   const nb::dict& options) {
  const Tensor tensor = tensor_of(weights);
  const FigureOptions chosen = options_of(options);
  return drawn([&] { return matrix_figure(tensor.view(), rows, columns, chosen); });
}

std::string tikz(const FloatArray& weights, const Labels& rows, const Labels& columns,
                 const nb::dict& options) {
  const Tensor tensor = tensor_of(weights);
  const FigureOptions chosen = options_of(options);
  return drawn([&] { return tikz_matrix(tensor.view(), rows, columns, chosen); });
}

std::string links(const FloatArray& weights, const Labels& labels, const Labels& head_names, double mass,
                  std::optional<std::int64_t> from, const nb::dict& options) {
  const Tensor tensor = tensor_of(weights);
  const FigureOptions chosen = options_of(options);
  return drawn([&] { return links_figure(tensor.view(), labels, {mass, head_names, from}, chosen); });
}

std::string grid(const FloatArray& weights, const Numbers& layers, const Numbers& heads,
                 const nb::dict& options) {
  const Tensor tensor = tensor_of(weights);
  const FigureOptions chosen = options_of(options);
  return drawn([&] { return grid_figure(tensor.view(), layers, heads, chosen); });
}

/// (begin, end, weight, focus, label, entity): bytes of the text, -1 for no entity.
using WordOfPicture = std::tuple<std::int64_t, std::int64_t, double, bool, std::string, std::int64_t>;

std::string words(const std::string& text, const std::vector<WordOfPicture>& shaded,
                  const std::vector<std::pair<std::string, double>>& rest, const std::string& measure,
                  std::size_t top, const std::string& rule, const nb::dict& options) {
  WordsPicture picture{text, {}, rest, measure, top, rule};
  for (const auto& [begin, end, weight, focus, label, entity] : shaded)
    picture.words.push_back({{begin, end}, weight, focus, label, entity});
  const FigureOptions chosen = options_of(options);
  return drawn([&] { return words_figure(picture, chosen); });
}

std::string ranking(const Labels& names, const std::vector<double>& values, const Labels& notes,
                    const std::string& axis, const nb::dict& options) {
  const RankingPicture picture{names, values, notes, axis};
  const FigureOptions chosen = options_of(options);
  return drawn([&] { return ranking_figure(picture, chosen); });
}

std::string layers(const FloatArray& means, const Numbers& numbers,
                   const std::vector<std::pair<std::string, std::vector<double>>>& lines,
                   const nb::dict& options) {
  const LayersPicture picture{tensor_of(means), numbers, lines};
  const FigureOptions chosen = options_of(options);
  return drawn([&] { return layers_figure(picture, chosen); });
}

/// (name, labels, weights) of a side.
using Side = std::tuple<std::string, Labels, FloatArray>;

std::string difference(const Side& left, const Side& right, const nb::dict& options) {
  DifferencePicture picture;
  picture.left = tensor_of(std::get<FloatArray>(left));
  picture.right = tensor_of(std::get<FloatArray>(right));
  picture.left_labels = std::get<Labels>(left);
  picture.right_labels = std::get<Labels>(right);
  picture.left_name = std::get<std::string>(left);
  picture.right_name = std::get<std::string>(right);
  const FigureOptions chosen = options_of(options);
  return drawn([&] { return difference_figure(picture, chosen); });
}

nb::tuple size_of(const std::string& svg) {
  const FigureSize size = figure_size(svg);
  return nb::make_tuple(size.width_mm, size.height_mm);
}

std::string latex(const std::string& path, const nb::dict& options) {
  return latex_snippet(path, options_of(options));
}

}  // namespace

void bind_figures(nb::module_& m) {
  m.def("matrix_figure", &matrix, "weights"_a, "row_labels"_a, "column_labels"_a, "options"_a);
  m.def("tikz_matrix", &tikz, "weights"_a, "row_labels"_a, "column_labels"_a, "options"_a);
  m.def("links_figure", &links, "weights"_a, "labels"_a, "head_names"_a, "mass"_a, "from_token"_a.none(),
        "options"_a);
  m.def("grid_figure", &grid, "weights"_a, "layers"_a, "heads"_a, "options"_a);
  m.def("words_figure", &words, "text"_a, "words"_a, "rest"_a, "measure"_a, "top"_a, "rule"_a, "options"_a);
  m.def("ranking_figure", &ranking, "names"_a, "values"_a, "notes"_a, "axis"_a, "options"_a);
  m.def("layers_figure", &layers, "means"_a, "layers"_a, "lines"_a, "options"_a);
  m.def("difference_figure", &difference, "left"_a, "right"_a, "options"_a);
  m.def("figure_size", &size_of, "svg"_a);
  m.def("can_render_figures", &can_render_figures);
  m.def(
      "render_png",
      [](const std::string& svg, double dpi) {
        return bytes_of(drawn([&] { return render_png(svg, dpi); }));
      },
      "svg"_a, "dpi"_a);
  m.def(
      "render_pdf", [](const std::string& svg) { return bytes_of(drawn([&] { return render_pdf(svg); })); },
      "svg"_a);
  m.def("latex_snippet", &latex, "path"_a, "options"_a);
}

}  // namespace attnscope::python
