// SPDX-License-Identifier: Apache-2.0
// In place of raster.cpp in a build without librsvg.
#include "attnscope/figures.h"
#include "core/message.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse() {
  throw UnsupportedModel(problem(ErrorKind::input, "NO_RENDERER", "figure")
                             .found("this build writes neither PNG nor PDF: it was made without librsvg")
                             .hint("write .svg and convert it, or install librsvg2-dev and build again"));
}

}  // namespace

bool can_render_figures() { return false; }

std::string render_png(const std::string& /*svg*/, double /*dpi*/) { refuse(); }

std::string render_pdf(const std::string& /*svg*/) { refuse(); }

}  // namespace attnscope
