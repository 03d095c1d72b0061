// SPDX-License-Identifier: Apache-2.0
#include "plot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <filesystem>
#include <memory>

#include "attnscope/outputs.h"
#include "attnscope/text_file.h"
#include "commands.h"
#include "errors.h"
#include "numbers.h"
#include "output_path.h"
#include "process.h"

namespace attnscope::cli {
namespace {

struct Unit {
  const char* name;
  double size;
};

/// "84mm" as a number of the first unit; without a unit it is that one.
double parse_length(const std::string& option, const std::string& text, const std::vector<Unit>& units) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const std::string name(stopped, end);
  if (error == std::errc() && number > 0.0) {
    if (name.empty()) return number;
    for (const Unit& unit : units) {
      if (name == unit.name) return number * unit.size;
    }
  }
  throw usage_error(option, fmt::format("'{}' is no length", text),
                    fmt::format("write for example {}", option == "--width" ? "84mm or 3.3in" : "7pt"));
}

FigureOptions figure_options(const PlotCommand& command) {
  constexpr FigureTheme kThemes[] = {FigureTheme::light, FigureTheme::dark, FigureTheme::paper};
  constexpr FigureTransform kScales[] = {FigureTransform::square_root, FigureTransform::linear,
                                         FigureTransform::logarithm};
  constexpr FigureRange kRanges[] = {FigureRange::maximum, FigureRange::unit, FigureRange::percentile_99};
  FigureOptions options;
  options.width_mm = parse_length("--width", command.width, {{"mm", 1.0}, {"cm", 10.0}, {"in", 25.4}});
  options.font_size_pt = parse_length("--font-size", command.font_size, {{"pt", 1.0}});
  options.theme = kThemes[parse_choice("--theme", command.theme, {"light", "dark", "paper"})];
  if (!command.palette.empty()) {
    static_cast<void>(parse_choice("--palette", command.palette, {"cividis", "viridis", "paper"}));
    options.palette = command.palette;
  }
  options.transform = kScales[parse_choice("--scale", command.scale, {"sqrt", "linear", "log"})];
  options.range = kRanges[parse_choice("--range", command.range, {"max", "unit", "p99"})];
  options.title = command.title;
  options.caption = command.caption;
  return options;
}

/// The grid, unless an option belongs to another view.
PlotView parse_view(const PlotCommand& command) {
  const std::vector<std::string> names = {"matrix", "links",  "grid",       "words",
                                          "heads",  "layers", "difference", "head"};
  if (!command.view.empty()) {
    const std::size_t choice = parse_choice("--view", command.view, names);
    return choice + 1 == names.size() ? PlotView::matrix : static_cast<PlotView>(choice);
  }
  if (!command.entity.empty() || !command.word.empty()) return PlotView::words;
  if (!command.layers.empty() || command.sources.size() > 1) return PlotView::difference;
  return command.layer.empty() && command.head.empty() ? PlotView::grid : PlotView::matrix;
}

void check_output_of(const PlotCommand& command, PlotView view) {
  const std::string& path = command.output;
  if (path.empty())
    throw usage_error("--output", "there is no file to write to",
                      "add -o FILE.svg; -o - writes the SVG to stdout");
  if (path == "-") {
    if (command.model.json || command.latex)
      throw usage_error("--output", "'-': the SVG takes all of standard output",
                        "give the name of a file, or leave out --json and --latex");
    return;
  }
  if (path.ends_with(".tex")) {
    if (view != PlotView::matrix || command.latex)
      throw usage_error("--output", fmt::format("'{}': TeX draws the matrix alone", path),
                        "write .pdf; --latex prints the figure environment for it");
  } else if (path.ends_with(".png") || path.ends_with(".pdf")) {
    if (!can_render_figures()) static_cast<void>(render_pdf(""));  // says what is missing
  } else if (!path.ends_with(".svg")) {
    throw usage_error("--output", fmt::format("'{}' ends in none of .svg, .png, .pdf, .tex", path),
                      "choose the format by the ending");
  }
  for (const std::string& source : command.sources) check_text_output({path, command.model.model, source});
}

std::string json_of(const PlotCommand& command, const Plot& plot, bool tikz) {
  JsonWriter json;
  json.begin_object().key("path").value(command.output);
  json.key("width_mm").value(plot.options.width_mm).key("height_mm");
  if (tikz) {
    json.null();
  } else {
    json.value(figure_size(plot.text).height_mm);
  }
  json.key("bytes").value(static_cast<std::int64_t>(std::filesystem::file_size(command.output)));
  json.key("metadata").begin_object();
  for (const auto& [key, value] : plot.options.metadata) json.key(key).value(value);
  return json.end_object().end_object().text() + '\n';
}

void write_plot(const PlotCommand& command, const Plot& plot, double dpi, bool tikz) {
  if (command.output == "-") return print(plot.text);
  if (tikz) {
    write_text_file(command.output, plot.text);
  } else {
    write_figure(command.output, plot.text, dpi, plot.options);
  }
  if (command.latex) print(latex_snippet(command.output, plot.options));
  if (command.model.json) return print(json_of(command, plot, tikz));
  const std::string size = tikz ? ""
                                : fmt::format(" ({:g} x {:g} mm)", figure_size(plot.text).width_mm,
                                              figure_size(plot.text).height_mm);
  tell(command.model, {fmt::format("wrote {}{}", command.output, size)});
}

void run_plot(const PlotCommand& command) {
  const PlotView view = parse_view(command);
  const FigureOptions options = figure_options(command);
  const double dpi = parse_real("--dpi", command.dpi, 10, 4800);
  if (command.latex && command.model.json)
    throw usage_error("--latex", "both --latex and --json write to standard output", "leave out one");
  check_output_of(command, view);
  const bool tikz = command.output.ends_with(".tex");
  const Plot plot = draw_plot(command, view, options, tikz);
  check_interrupt();
  write_plot(command, plot, dpi, tikz);
}

void add_view_options(CLI::App& command, PlotCommand& options) {
  command
      .add_option("--view", options.view,
                  "matrix (also: head), links, grid (default), words, heads, layers or difference")
      ->type_name("WORD");
  command.add_option("--layer", options.layer, "Of a matrix or links; default: the last")->type_name("N");
  command
      .add_option("--head", options.head, "One head; links: up to four, as 1,5; default: the mean over all")
      ->type_name("LIST");
  command.add_option("--layers", options.layers, "Two layers to compare, as 1,5")->type_name("LIST");
  command.add_option("--text", options.number, "Of a file with several texts, this one, from 0")
      ->type_name("N");
  command.add_option("--entity", options.entity, "Words: what this entity looks at")->type_name("TEXT");
  command.add_option("--word", options.word, "Words: what this word looks at, counted from 0")
      ->type_name("N");
  command
      .add_option("--measure", options.measure,
                  "Words: attention (default), rollout, norms, gradient or leave-one-out")
      ->type_name("WORD");
  command
      .add_option("--sort", options.sort, "Heads: entropy (default), distance, max, self, previous or next")
      ->type_name("WORD");
  command.add_option("--top", options.top, "Heads: so many rows; default: 24")->type_name("N");
  command.add_option("--mass", options.mass, "Links: of each row the largest up to this share; default: 0.7")
      ->type_name("P");
}

void add_look_options(CLI::App& command, PlotCommand& options) {
  command.add_option("--width", options.width, "84mm (default), 3.3in, ...")->type_name("LENGTH");
  command.add_option("--font-size", options.font_size, "Of labels; default: 7pt")->type_name("LENGTH");
  command.add_option("--theme", options.theme, "light (default), dark or paper")->type_name("WORD");
  command
      .add_option("--palette", options.palette, "cividis, viridis or paper; default: what suits the theme")
      ->type_name("WORD");
  command.add_option("--scale", options.scale, "sqrt (default), linear or log")->type_name("WORD");
  command
      .add_option("--range", options.range,
                  "Top of the scale: max (default), unit (1) or p99 (99th percentile)")
      ->type_name("WORD");
  command.add_option("--dpi", options.dpi, "Of a PNG; default: 600")->type_name("N");
  command.add_option("--title", options.title, "Above the picture")->type_name("TEXT");
  command.add_option("--caption", options.caption, "Below the picture")->type_name("TEXT");
  command.add_flag("--latex", options.latex, "Print the LaTeX figure environment for the file");
}

}  // namespace

void setup_plot(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("plot", "Write a figure: SVG, PNG, PDF or TikZ.");
  command->footer(
      "attnscope plot \"Angela lives in Paris.\" -o heads.svg\n"
      "attnscope plot \"Angela lives in Paris.\" --layer 3 --head 7 --theme paper -o head.pdf\n"
      "attnscope plot attention.npz --view links --layer 4 --head 1,5 --width 174mm -o links.png\n"
      "attnscope plot \"Angela lives in Paris.\" --entity Paris -o words.svg\n"
      "attnscope plot \"Angela lives in Paris.\" \"Angela works in Paris.\" -o difference.svg");
  auto options = std::make_shared<PlotCommand>();
  command
      ->add_option("SOURCE", options->sources,
                   "A text, or a file that `attnscope run -o` wrote; of a difference two")
      ->type_name("")
      ->expected(1, 2)
      ->required();
  command->add_option("-o,--output", options->output, ".svg, .png, .pdf or .tex; - is the SVG on stdout")
      ->type_name("FILE");
  add_view_options(*command, *options);
  add_look_options(*command, *options);
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_plot(*options); }; });
}

}  // namespace attnscope::cli
