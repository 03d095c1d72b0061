// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "attnscope/model.h"
#include "families/family.h"
#include "nn/batch.h"

namespace attnscope {

/// The texts of one run, checked against the model.
/// Throws:  TextError (TEXT_TOO_LONG), InvalidArgument (SEQUENCE) where the parts of a text disagree.
[[nodiscard]] nn::Batch make_batch(const std::vector<Sequence>& texts, const Network& network);

}  // namespace attnscope
