// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attnscope/word_report.h"

namespace attnscope::python {

/// The choice of a name among those that the library knows; Python has checked the word.
template <class Choice, std::size_t count>
Choice named(const std::string& word, const std::pair<const char*, Choice> (&all)[count]) {
  for (const auto& [name, choice] : all)
    if (word == name) return choice;
  return all[0].second;
}

/// Nothing stays nothing: all that the model allows.
[[nodiscard]] std::optional<std::vector<Measure>> measures_of(
    const std::optional<std::vector<std::string>>& names);

/// From a dict of columns: tokens, input_ids, token_type_ids, offsets (bytes), word_ids (None for specials),
/// special_tokens_mask.
[[nodiscard]] Encoding encoding_of(const nanobind::dict& columns);

}  // namespace attnscope::python
