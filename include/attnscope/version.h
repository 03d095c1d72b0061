// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The version number; this is its single place, CMake reads it from here.
#define ATTNSCOPE_VERSION_MAJOR 0
#define ATTNSCOPE_VERSION_MINOR 1
#define ATTNSCOPE_VERSION_PATCH 0

namespace attnscope {

/// Version, build and the instruction set chosen on this machine.
/// Returns: text such as "attnscope 0.1.0 (AVX3, oneDNN 2.6.3, 2 threads)".
[[nodiscard]] const char* version_string();
/// Name and number alone, which are the same on every machine: "attnscope 0.1.0".
[[nodiscard]] const char* name_and_version();

}  // namespace attnscope
