// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attnscope::nn {

/// What of the network has to be computed.
struct Plan {
  std::int64_t num_layers = 0;        ///< layers that run; those after them do not
  bool last_is_weights_only = false;  ///< the last of them ends with its attention weights
  bool after_encoder = true;          ///< pooler and task head

  [[nodiscard]] bool weights_only(std::int64_t layer) const {
    return last_is_weights_only && layer == num_layers - 1;
  }
};

}  // namespace attnscope::nn
