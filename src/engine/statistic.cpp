// SPDX-License-Identifier: Apache-2.0
#include "attnscope/model.h"

namespace attnscope {

const char* name(Statistic statistic) {
  switch (statistic) {
    case Statistic::entropy:
      return "entropy";
    case Statistic::max:
      return "max";
    case Statistic::distance:
      return "distance";
    case Statistic::self:
      return "self";
    case Statistic::previous:
      return "previous";
    case Statistic::next:
      return "next";
    case Statistic::cls:
      return "cls";
    case Statistic::sep:
      return "sep";
    case Statistic::punctuation:
      break;
  }
  return "punctuation";
}

const std::vector<Statistic>& all_statistics() {
  static const std::vector<Statistic> all{Statistic::entropy, Statistic::max,      Statistic::distance,
                                          Statistic::self,    Statistic::previous, Statistic::next,
                                          Statistic::cls,     Statistic::sep,      Statistic::punctuation};
  return all;
}

}  // namespace attnscope
