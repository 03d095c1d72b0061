// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "attnscope/model.h"

namespace attnscope::cli {

/// Puts what --stats names into the request: names of all_statistics(), `received`, `topN` for the N largest
/// weights of each row, `all` for every statistic and received.
/// Throws:  InvalidArgument for an unknown name, listing those that there are, and for a repetition.
void add_statistics(const std::string& list, Request& request);

}  // namespace attnscope::cli
