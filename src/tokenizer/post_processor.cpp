// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/post_processor.h"

namespace attnscope {

PostProcessor PostProcessor::none() {
  using Kind = TemplatePiece::Kind;
  return {{{Kind::first, 0, {}}}, {{Kind::first, 0, {}}, {Kind::second, 1, {}}}};
}

PostProcessor PostProcessor::bert(const SpecialToken& cls, const SpecialToken& sep) {
  using Kind = TemplatePiece::Kind;
  PostProcessor result;
  result.single = {{Kind::specials, 0, {cls}}, {Kind::first, 0, {}}, {Kind::specials, 0, {sep}}};
  result.pair = result.single;
  result.pair.push_back({Kind::second, 1, {}});
  result.pair.push_back({Kind::specials, 1, {sep}});
  return result;
}

std::size_t count_specials(const Template& pieces) {
  std::size_t count = 0;
  for (const TemplatePiece& piece : pieces) count += piece.specials.size();
  return count;
}

}  // namespace attnscope
