// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "attnscope/outputs.h"
#include "results.h"

namespace attnscope::cli {

/// A line for each layer with the mean of each statistic over heads and rows, and the token that receives the
/// most; nothing if no statistics were asked for.
[[nodiscard]] std::string statistics_table(const TextResult& result);

/// The same of one layer as `mean_statistics` and `mean_received` of an open JSON object.
void write_statistics(JsonWriter& json, const TextResult& result, std::size_t layer);

}  // namespace attnscope::cli
