// SPDX-License-Identifier: Apache-2.0
#include "attnscope/model.h"

namespace attnscope {

const char* name(Precision precision) { return precision == Precision::bf16 ? "bf16" : "fp32"; }

}  // namespace attnscope
