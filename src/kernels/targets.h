// SPDX-License-Identifier: Apache-2.0
// Instruction sets that the kernels are compiled for; include before any Highway header.
#pragma once

// The others give nothing here (SSSE3) or have vectors of a size unknown to the compiler (SVE, RVV), which
// cannot stand in the register tiles; processors that have them also have one of SSE4, AVX2, AVX3, NEON.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

namespace attnscope::kernels {

/// Applies ATTNSCOPE_ISA, once per process. Every dispatching kernel calls it first; it costs one load then.
void choose_instruction_set();

}  // namespace attnscope::kernels
