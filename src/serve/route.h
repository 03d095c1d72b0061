// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "serve/http.h"

namespace attnscope::serve {

enum class Action { page, model, list, add, report, part, ablate, scan, figure };

/// What a request asks for.
struct Route {
  Action action = Action::page;
  std::string document = {};
  std::string part = {};

  [[nodiscard]] bool has_body() const;
};

/// Throws:  Refused: 400 and 404 as path_parts, 404 for a path that does not exist, 405 for another method.
[[nodiscard]] Route find_route(const RequestHead& head);

/// Whether the path belongs to what is open to holders of the token only, be it there or not.
[[nodiscard]] bool is_protected(const RequestHead& head);

}  // namespace attnscope::serve
