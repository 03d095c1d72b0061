// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace attnscope::test {

/// How often the program has called operator new so far, on any thread.
[[nodiscard]] int allocations();

}  // namespace attnscope::test
