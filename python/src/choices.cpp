// SPDX-License-Identifier: Apache-2.0
#include "choices.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;

namespace attnscope::python {

std::optional<std::vector<Measure>> measures_of(const std::optional<std::vector<std::string>>& names) {
  if (!names) return std::nullopt;
  std::vector<Measure> measures;
  for (const Measure measure : all_measures())
    for (const std::string& wanted : *names)
      if (wanted == name(measure)) measures.push_back(measure);
  return measures;
}

Encoding encoding_of(const nb::dict& columns) {
  using Ids = std::vector<std::int64_t>;
  Encoding encoding;
  encoding.tokens = nb::cast<std::vector<std::string>>(columns["tokens"]);
  encoding.input_ids = nb::cast<Ids>(columns["input_ids"]);
  encoding.token_type_ids = nb::cast<Ids>(columns["token_type_ids"]);
  encoding.special_tokens_mask = nb::cast<Ids>(columns["special_tokens_mask"]);
  encoding.word_ids = nb::cast<std::vector<std::optional<std::int64_t>>>(columns["word_ids"]);
  for (const auto& word : encoding.word_ids)
    encoding.sequence_ids.push_back(word ? std::optional<std::int64_t>(0) : std::nullopt);
  using Offsets = std::vector<std::pair<std::int64_t, std::int64_t>>;
  for (const auto& [begin, end] : nb::cast<Offsets>(columns["offsets"]))
    encoding.offsets.push_back({begin, end});
  return encoding;
}

}  // namespace attnscope::python
