// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/figures.h"
#include "attnscope/viewer.h"
#include "serve/http.h"
#include "serve/json_body.h"

namespace attnscope::serve {

/// A picture of a document that a page wants as a file.
struct PictureWish {
  enum class View { matrix, links, grid, words, heads, layers, difference } view = View::matrix;
  enum class Format { svg, png, pdf } format = Format::svg;
  std::vector<std::int64_t> layers;  ///< positions, as chosen or all
  std::vector<std::int64_t> heads;
  std::size_t focus = 0;             ///< of words
  std::optional<std::int64_t> from;  ///< of links: a token
  FigureOptions options;
  double dpi = 300;
};
/// {"view", "layers", "heads", "focus", "from", "format", "options"}
/// Throws:  Refused (400).
[[nodiscard]] PictureWish read_picture_wish(const BodyPlace& body, const Document& document);

/// Throws:  as figures.h.
[[nodiscard]] Response draw_picture(const Document& document, const PictureWish& wish);

}  // namespace attnscope::serve
