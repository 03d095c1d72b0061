// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tokenizer/definition.h"

namespace attnscope {

/// Reads the text of a tokenizer.json; `file` names it in errors. Padding and truncation settings of the file
/// are not followed: attnscope never pads, and truncates only when asked.
/// Throws:  CheckpointError (TOK_FIELD, TOK_ID, TOK_SPECIAL, TOK_TEMPLATE, TOK_TRUNC, and those of
///          parse_json_file), UnsupportedModel (TOK_MODEL, TOK_UNSUPPORTED).
[[nodiscard]] TokenizerDefinition read_tokenizer_json(std::string_view text, const std::string& file);

}  // namespace attnscope
