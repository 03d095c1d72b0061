// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace attnscope {

/// Files of the fixture that the tests of the page read too, by their names within it: reports and parts of
/// the embedded model on one sentence, with the weights carried in each way.
[[nodiscard]] std::map<std::string, std::string> make_fixture();

}  // namespace attnscope
