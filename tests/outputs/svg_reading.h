// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace attnscope {

/// What a matrix of a figure shows: a colour for each cell, as the last rectangle drawn over it.
using CellColors = std::vector<std::vector<std::string>>;

/// The groups of cells of an SVG, in order; `rows` and `columns` are the sizes of each.
inline std::vector<CellColors> cells_of(const std::string& svg, std::size_t rows, std::size_t columns) {
  std::vector<CellColors> matrices;
  for (std::size_t at = svg.find("<g class=\"cells\""); at != std::string::npos;
       at = svg.find("<g class=\"cells\"", at)) {
    CellColors colors(rows, std::vector<std::string>(columns));
    const std::size_t end = svg.find("</g>", at);
    for (at = svg.find("<rect ", at); at < end; at = svg.find("<rect ", at + 1)) {
      unsigned x = 0;
      unsigned y = 0;
      unsigned width = 0;
      unsigned height = 0;
      char fill[8] = {};
      if (std::sscanf(svg.c_str() + at, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"%7s\"", &x,
                      &y, &width, &height, fill) != 5)
        return {};
      for (std::size_t row = y; row < y + height; ++row) {
        for (std::size_t column = x; column < x + width; ++column) colors.at(row).at(column) = fill;
      }
    }
    matrices.push_back(colors);
    at = end;
  }
  return matrices;
}

inline std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

/// Whether a <text> has exactly this content, escaped.
inline bool has_text(const std::string& svg, const std::string& content) {
  return svg.find(">" + content + "</text>") != std::string::npos;
}

}  // namespace attnscope
