// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

#include "attnscope/figures.h"
#include "attnscope/text_file.h"
#include "core/message.h"
#include "outputs/svg_writer.h"
#include "outputs/tex_text.h"

namespace attnscope {
namespace {

/// The number of an attribute in millimetres, within the first tag.
std::optional<double> millimetres(std::string_view tag, std::string_view attribute) {
  const std::size_t start = tag.find(attribute);
  if (start == std::string_view::npos) return std::nullopt;
  tag.remove_prefix(start + attribute.size());
  double value = 0;
  const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), value);
  const std::string_view rest(end, tag.size() - static_cast<std::size_t>(end - tag.data()));
  return error == std::errc() && value > 0 && rest.starts_with("mm\"") ? std::optional(value) : std::nullopt;
}

std::string stem_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  return name.substr(0, name.find_last_of('.'));
}

/// What \ref takes.
std::string label_of(const std::string& path) {
  std::string label = stem_of(path);
  for (char& character : label) {
    const bool plain = (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
                       (character >= 'A' && character <= 'Z');
    if (!plain) character = '-';
  }
  return label;
}

/// TeX takes no SVG, and the snippet is no figure itself: both stand for the PDF beside them.
std::string readable_by_tex(const std::string& path) {
  const bool other = path.ends_with(".svg") || path.ends_with(".tex");
  return other ? path.substr(0, path.size() - 4) + ".pdf" : path;
}

}  // namespace

FigureSize figure_size(const std::string& svg) {
  const std::string_view tag = std::string_view(svg).substr(0, svg.find('>'));
  const auto width = millimetres(tag, " width=\"");
  const auto height = millimetres(tag, " height=\"");
  if (!tag.starts_with("<svg ") || !width || !height)
    throw InvalidArgument(problem(ErrorKind::usage, "FIGURE", "svg")
                              .found("no <svg> with its width and height in mm at its start")
                              .hint("give what a function of figures.h returned"));
  return {*width, *height};
}

std::string latex_snippet(const std::string& path, const FigureOptions& options) {
  const std::string& caption = options.caption.empty() ? options.title : options.caption;
  return fmt::format(
      "\\begin{{figure}}\n  \\centering\n  \\includegraphics[width={}mm]{{\\detokenize{{{}}}}}\n"
      "  \\caption{{{}}}\n  \\label{{fig:{}}}\n\\end{{figure}}\n",
      svg_number(options.width_mm), readable_by_tex(path), tex_text(caption), label_of(path));
}

void write_figure(const std::string& path, const std::string& svg, double dpi, const FigureOptions& options) {
  if (path.ends_with(".svg")) {
    static_cast<void>(figure_size(svg));
    write_text_file(path, svg);
  } else if (path.ends_with(".png")) {
    write_text_file(path, render_png(svg, dpi));
  } else if (path.ends_with(".pdf")) {
    write_text_file(path, render_pdf(svg));
  } else if (path.ends_with(".tex")) {
    write_text_file(path, latex_snippet(path, options));
  } else {
    throw InvalidArgument(problem(ErrorKind::usage, "OUT_ENDING", path)
                              .found("the ending says no format that figures have")
                              .hint("end the name in .svg, .png, .pdf or .tex"));
  }
}

}  // namespace attnscope
