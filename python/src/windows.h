// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "attnscope/tokenizer.h"

namespace attnscope::python {

enum class TruncationSide { right, left };

/// A text or pair that is too long, cut into all its windows in the order of the `tokenizers` wheel: the one
/// that is kept, then the others.
/// `kept` is the encoding truncated by the library: it says how many tokens of each text a window has.
/// Throws:  InvalidArgument (TOK_TRUNC) unless stride is below that number.
/// Source:  `tokenizers` tokenizer/encoding.rs, truncate and merge_with.
[[nodiscard]] std::vector<Encoding> windows_of(const Encoding& whole, const Encoding& kept,
                                               std::int64_t stride, TruncationSide side);

}  // namespace attnscope::python
