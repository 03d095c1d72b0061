// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace attnscope {

/// Where the time of a run went, in milliseconds on the thread that called it (see
/// RunOptions::measure_times).
struct RunTimes {
  double embeddings_ms = 0;   ///< word, position and type embeddings and their sum
  double products_ms = 0;     ///< matrix products of the Linear modules
  double activations_ms = 0;  ///< GELU and the like
  double attention_ms = 0;    ///< scores, softmax, what is made of the weights, context
  double norms_ms = 0;        ///< layer norms and the residuals added in them
  double other_ms = 0;        ///< batches, memory, copies
};

/// Speed of this machine's matrix products as the library does them: [1024, 768] times [768, 3072], weights
/// packed, in 10^9 additions and multiplications a second. A run cannot be faster than its products.
/// `threads` 0: every core.  Cost: about 0.3 s.
[[nodiscard]] double product_gflops(int threads = 0);

}  // namespace attnscope
