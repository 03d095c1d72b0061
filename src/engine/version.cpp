// SPDX-License-Identifier: Apache-2.0
#include "attnscope/version.h"

#include <omp.h>

#include <string>

#include "core/message.h"
#include "kernels/kernels.h"
#include "nn/product.h"

namespace attnscope {

const char* version_string() {
  static const std::string text =
      fmt::format("{} ({}, {}, {} threads)", name_and_version(), kernels::instruction_set(),
                  nn::product_library(), omp_get_max_threads());
  return text.c_str();
}

const char* name_and_version() {
  static const std::string text = fmt::format("attnscope {}.{}.{}", ATTNSCOPE_VERSION_MAJOR,
                                              ATTNSCOPE_VERSION_MINOR, ATTNSCOPE_VERSION_PATCH);
  return text.c_str();
}

}  // namespace attnscope
