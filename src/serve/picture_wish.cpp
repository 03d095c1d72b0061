// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "core/message.h"
#include "serve/picture.h"

namespace attnscope::serve {
namespace {

constexpr std::size_t kMostHeadsOfLinks = 4;

/// Positions in the order given; absent: all.
std::vector<std::int64_t> read_indices(const BodyPlace& body, const char* name, std::int64_t count) {
  std::vector<std::int64_t> indices;
  if (const auto place = body.find(name)) {
    for (const BodyPlace& item : place->items(1, static_cast<std::size_t>(count)))
      indices.push_back(item.index(count, name));
  } else {
    indices.resize(static_cast<std::size_t>(count));
    std::iota(indices.begin(), indices.end(), 0);
  }
  return indices;
}

template <class Enum>
void read_choice(const BodyPlace& body, const char* name, std::initializer_list<std::string_view> words,
                 Enum& value) {
  if (const auto place = body.find(name)) value = static_cast<Enum>(place->choice(words));
}

void read_number(const BodyPlace& body, const char* name, double least, double most, double& value) {
  if (const auto place = body.find(name)) value = place->number(least, most);
}

void read_options(const BodyPlace& place, PictureWish& wish) {
  place.allow({"width_mm", "font_size_pt", "theme", "palette", "transform", "range", "dpi", "caption"});
  FigureOptions& options = wish.options;
  read_number(place, "width_mm", 20, 1000, options.width_mm);
  read_number(place, "font_size_pt", 3, 48, options.font_size_pt);
  read_number(place, "dpi", 36, 1200, wish.dpi);
  read_choice(place, "theme", {"light", "dark", "paper"}, options.theme);
  read_choice(place, "transform", {"sqrt", "linear", "log"}, options.transform);
  read_choice(place, "range", {"maximum", "unit", "percentile"}, options.range);
  if (const auto palette = place.find("palette")) {
    static_cast<void>(palette->choice({"cividis", "viridis", "paper"}));
    options.palette = palette->text();
  }
  if (const auto caption = place.find("caption")) options.caption = caption->text();
}

/// How many layers and heads go into one picture.
void check_count(const BodyPlace& body, const PictureWish& wish) {
  const std::size_t heads = wish.layers.size() * wish.heads.size();
  if (wish.view == PictureWish::View::links && heads > kMostHeadsOfLinks)
    body.refuse(fmt::format("{} heads for links", heads),
                fmt::format("choose layers and heads so that there are at most {}", kMostHeadsOfLinks));
  if (wish.view == PictureWish::View::difference && wish.layers.size() != 2)
    body.refuse(fmt::format("{} layers for a difference", wish.layers.size()), "give two");
}

}  // namespace

PictureWish read_picture_wish(const BodyPlace& body, const Document& document) {
  body.allow({"view", "layers", "heads", "focus", "from", "format", "options"});
  PictureWish wish;
  static_cast<void>(body.member("view"));
  read_choice(body, "view", {"matrix", "links", "grid", "words", "heads", "layers", "difference"}, wish.view);
  read_choice(body, "format", {"svg", "png", "pdf"}, wish.format);
  wish.layers = read_indices(body, "layers", document.attentions().size(0));
  wish.heads = read_indices(body, "heads", document.attentions().size(1));
  const std::size_t focuses = document.words() ? document.words()->focuses.size() : 0;
  if (const auto place = body.find("focus"))
    wish.focus = static_cast<std::size_t>(place->index(static_cast<std::int64_t>(focuses), "focuses"));
  if (wish.view == PictureWish::View::words && focuses == 0)
    body.member("view").refuse("the document has no words to shade", "");
  if (const auto place = body.find("from")) wish.from = place->index(document.attentions().size(2), "tokens");
  if (const auto place = body.find("options")) read_options(*place, wish);
  check_count(body, wish);
  return wish;
}

}  // namespace attnscope::serve
