// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "attnscope/viewer.h"
#include "serve/http.h"

namespace attnscope::serve {

/// A request for the bytes of a part: all of them, a range, deflated, or only if they are not known yet.
class PartWish {
 public:
  PartWish(const RequestHead& head, const std::string& document_id, std::string part);
  /// Throws:  InvalidArgument (PART), Refused (416).
  [[nodiscard]] Response answer(const Document& document) const;

 private:
  [[nodiscard]] Response whole(std::string bytes) const;
  [[nodiscard]] Response not_modified() const;
  [[nodiscard]] Fields fields(bool deflated) const;

  std::string part_;
  std::string tag_;           // of the bytes as they are
  std::string deflated_tag_;  // of the deflated ones
  std::string range_;         // empty: none
  std::string known_;         // If-None-Match
  bool takes_deflate_ = false;
};

}  // namespace attnscope::serve
