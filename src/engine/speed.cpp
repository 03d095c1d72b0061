// SPDX-License-Identifier: Apache-2.0
#include "attnscope/speed.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "nn/product.h"
#include "nn/threads.h"

namespace attnscope {

double product_gflops(int threads) {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t kRows = 1024;
  constexpr std::int64_t kIn = 768;
  constexpr std::int64_t kOut = 3072;
  constexpr int kRounds = 15;
  const nn::ThreadCount count(threads);
  const nn::Product product(Tensor({kOut, kIn}), Tensor({kOut}));
  const std::vector<float> input(static_cast<std::size_t>(kRows * kIn), 0.5F);
  std::vector<float> output(static_cast<std::size_t>(kRows * kOut));
  double best_s = 1e9;  // the best of several: the machine's own speed, not that of its other users
  for (int round = 0; round < kRounds; ++round) {
    const auto start = Clock::now();
    product(input.data(), kIn, kRows, output.data(), kOut);
    best_s = std::min(best_s, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return 2e-9 * static_cast<double>(kRows * kIn * kOut) / best_s;
}

}  // namespace attnscope
