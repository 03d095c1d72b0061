// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "attnscope/tokenizer.h"
#include "kernels/kernels.h"
#include "nn/batch.h"

namespace attnscope {

/// Where the tokens of a kind stand in the texts of a batch.
class TokenGroups {
 public:
  enum Kind { cls, sep, punctuation };
  static constexpr int kKinds = 3;

  TokenGroups() = default;  // no tokens of any kind
  TokenGroups(const nn::Batch& batch, const Tokenizer& tokenizer);

  [[nodiscard]] kernels::TokenGroup of(std::int64_t text, Kind kind) const;

 private:
  struct Places {
    std::vector<std::int64_t> tokens;      // positions in their text, of all texts
    std::vector<std::int64_t> offsets{0};  // those of text i are [offsets[i], offsets[i + 1])
  };
  std::array<Places, kKinds> places_;
};

}  // namespace attnscope
