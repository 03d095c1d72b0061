// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "attnscope/tokenizer.h"

namespace attnscope {

/// Word ids as analysis takes them: -1 for special tokens; in a pair the second text's words follow those of
/// the first.
[[nodiscard]] std::vector<std::int64_t> flat_word_ids(const Encoding& text);

}  // namespace attnscope
