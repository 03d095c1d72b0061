// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "attnscope/model.h"
#include "attnscope/tensor.h"

/// How much of each token's state comes from each other token: methods that look at what the weights
/// multiply. They work on tensors; `attention_blocks` takes them from a run. A `poll` is called on the
/// calling thread every 20 ms or so; what it throws ends the work.
namespace attnscope::analysis {

/// The attention half of one encoder layer on one text of n tokens, all F32:
/// y_i = LN(z_i), z_i = sum_h sum_j A_ij^h f^h(x_j) + b_O + x_i, where f^h(x_j) = v_j^h W_O^h.
struct AttentionBlock {
  Tensor weights;        ///< [heads, n, n]
  Tensor values;         ///< [n, heads, head_dim], the value bias in it
  Tensor output_weight;  ///< W_O as the checkpoint has it: [width, heads * head_dim]
  Tensor output_bias;    ///< [width]
  Tensor inputs;         ///< x [n, width]
  Tensor norm_weight;    ///< [width]
  Tensor norm_bias;      ///< [width]
  double norm_eps = 1e-12;
  Tensor outputs;  ///< y [n, width], after the norm
};

enum class NormKind {
  head,       ///< ||A_ij^h f^h(x_j)||: [heads, n, n]
  summed,     ///< ||sum_h A_ij^h f^h(x_j)||: [n, n]                                  (N)
  residual,   ///< with x_i added where i = j: [n, n]                                 (N-Res)
  normalised  ///< of N-Res after the layer norm, linearised with its own variance    (N-ResLN)
};

/// Norms of the transformed vectors, weighted.
/// Throws:  as every function of a block, InvalidArgument (SHAPE) for tensors that do not belong together.
/// Cost:    n^2 heads^2 by the Gram matrix of each key's heads; no tensor of n^2 width. Threads of the
///          process's pool, as all functions of a block.
/// Source:  Kobayashi et al. 2020, 2021.
[[nodiscard]] Tensor vector_norms(const AttentionBlock& block, NormKind kind,
                                  const std::function<void()>& poll = nullptr);
/// ||f^h(x_j)||: [heads, n].
[[nodiscard]] Tensor transformed_norms(const AttentionBlock& block,
                                       const std::function<void()>& poll = nullptr);
/// How much a token mixes in from others: [n], between 0 (keeps itself) and 1.
/// Throws:  InvalidArgument (NORM_KIND) unless `kind` is residual or normalised.
/// Source:  Kobayashi et al. 2021.
[[nodiscard]] Tensor mixing_ratio(const AttentionBlock& block, NormKind kind,
                                  const std::function<void()>& poll = nullptr);

/// Contributions by the nearness of each transformed vector to the output in the L1 norm: [n, n], rows sum to
/// 1. A row to which no token comes near is 0.
/// Cost:    n^2 heads width; memory n heads width.
/// Source:  ALTI, Ferrando et al. 2022, with the layer norm's eps where it belongs.
[[nodiscard]] Tensor alti(const AttentionBlock& block, const std::function<void()>& poll = nullptr);

/// The attention blocks of all layers, of one text each, as a run computes them. Hooks of the run apply; what
/// they change between the values and the output projection (zero_heads, mean_heads) is not in the blocks.
[[nodiscard]] std::vector<AttentionBlock> attention_blocks(Run& run, const Sequence& text);

/// Value zeroing: C_ij = 1 - cos(x~_i without v_j, x~_i), x~ the output of the whole layer and the weights as
/// they are; rows divided by their sum. [layers, n, n]. Hooks of the run apply, to every text of a batch.
/// Cost:    n forwards of each layer.
/// Source:  Mohebbi et al. 2023.
[[nodiscard]] Tensor value_zeroing(Run& run, const Sequence& text);

}  // namespace attnscope::analysis
