// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "attnscope/model.h"
#include "attnscope/viewer.h"
#include "serve/exchange.h"
#include "serve/json_body.h"

namespace attnscope::serve {

/// Heads to be ablated together, and the focus whose label is watched.
struct AblationWish {
  std::map<std::int64_t, std::set<std::int64_t>> heads;  ///< by layer
  std::size_t focus = 0;
};
/// {"heads": [[layer, head]], "focus": 0}
/// Throws:  Refused: 400, 422 for a focus without a label.
[[nodiscard]] AblationWish read_ablation(const BodyPlace& body, const Document& document);
/// {"focus": 0}
/// Throws:  Refused as above.
[[nodiscard]] Target read_scan(const BodyPlace& body, const Document& document);

/// {"label", "value", "ablated", "change", "labels"}
[[nodiscard]] std::string ablate(Run& run, const Document& document, const AblationWish& wish);
/// Lines {"done", "all"}, then {"value", "effect"}. Throws Left.
void scan(Run& run, const Document& document, const Target& target, Exchange& to);

}  // namespace attnscope::serve
