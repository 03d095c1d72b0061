// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attnscope/tokenizer.h"

namespace attnscope::python {

/// A Python str, kept alive.
struct Text {
  nanobind::object owner;
  std::string_view utf8;
  std::int64_t characters = 0;
};

/// One text or pair; each is one Text, or its words.
struct Item {
  std::vector<Text> first;
  std::vector<Text> second;
  bool is_pair = false;
  bool in_words = false;
};

/// Where an item stands in the call, for messages: "text", or "texts[index]".
struct Place {
  std::int64_t index = -1;  ///< -1: the only one
};

/// Raises:  TypeError for what is no text; ValueError for lone surrogates; both name the place.
[[nodiscard]] Item read_item(nanobind::handle text, nanobind::handle pair, bool in_words, const Place& place);

/// Turns the offsets of an encoding of `item`, which count bytes, into characters.
void count_characters(const Item& item, Encoding& encoding);

}  // namespace attnscope::python
