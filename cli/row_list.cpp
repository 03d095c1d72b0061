// SPDX-License-Identifier: Apache-2.0
#include "row_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "errors.h"
#include "numbers.h"

namespace attnscope::cli {

std::optional<std::vector<std::int64_t>> parse_rows(const std::string& text, std::int64_t limit) {
  if (text == "cls") return {{0}};
  return parse_position_list("--rows", text, limit);
}

std::string text_name(std::int64_t index, const std::optional<WindowPlace>& place) {
  if (!place) return fmt::format("text {}", index);
  return fmt::format("window {} of text {}", place->window, place->text);
}

std::vector<std::int64_t> positions_in(const std::vector<std::int64_t>& rows, std::int64_t num_tokens,
                                       const std::string& text) {
  std::vector<std::int64_t> positions;
  for (const std::int64_t row : rows) {
    if (row < -num_tokens || row >= num_tokens)
      throw usage_error("--rows", fmt::format("{} does not exist in {}", row, text),
                        fmt::format("it has {} tokens: choose from 0..{}, or from -1 backwards", num_tokens,
                                    num_tokens - 1));
    const std::int64_t position = row < 0 ? row + num_tokens : row;
    if (std::find(positions.begin(), positions.end(), position) != positions.end())
      throw usage_error("--rows", fmt::format("{} is named twice in {}", position, text), "name each once");
    positions.push_back(position);
  }
  return positions;
}

}  // namespace attnscope::cli
