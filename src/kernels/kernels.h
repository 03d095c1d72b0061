// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

/// Plain loops over floats, one instruction set chosen per process. Pointers, sizes and strides only; nothing
/// is checked. Every kernel handles a range of rows that is independent of all others, so that the result of
/// a row has the same bits whatever the batch and the number of threads. Strides are in floats.
namespace attnscope::kernels {

/// What a row of weights p over the keys j of a token i can be summed up to.
enum class RowStatistic { entropy, max, distance, self, previous, next, cls, sep, punctuation };
constexpr int kRowStatistics = 9;

/// Positions of tokens of a text.
struct TokenGroup {
  const std::int64_t* tokens = nullptr;
  std::int64_t count = 0;
};

enum class Combine { store, add, maximum };

/// Where the weights of one head go and what is made of them. Null: not wanted. "Row" is a row of the output.
struct AttentionOutputs {
  const std::int64_t* rows = nullptr;       ///< by query: its row, -1 if it has none; null: row i is query i
  const std::int64_t* positions = nullptr;  ///< by query: its token; null: query i is token i
  float* weights = nullptr;                 ///< [rows, seq_len] contiguous
  Combine combine = Combine::store;         ///< with what stands there
  float scale = 1.0F;                       ///< of the result of add
  float* statistics[kRowStatistics] = {};   ///< [rows] each, by RowStatistic
  TokenGroup cls, sep, punctuation;
  float* received = nullptr;         ///< [seq_len]: sum of the rows, added to what stands there
  std::int64_t num_top = 0;          ///< at most num_keys
  float* top_weights = nullptr;      ///< [rows, num_top], largest first, of equal ones the earlier key
  std::int64_t* top_keys = nullptr;  ///< [rows, num_top]
  [[nodiscard]] bool any() const;
};

/// softmax(query key^T scaling) value for one head of one text. Keys are the first num_keys tokens; the
/// weights of the others are 0.
struct AttentionHead {
  const float* query = nullptr;  ///< row 0 of the queries, first column of the head
  const float* key = nullptr;
  const float* value = nullptr;  ///< null: no context wanted
  std::int64_t query_stride = 0;
  std::int64_t key_stride = 0;
  std::int64_t value_stride = 0;
  std::int64_t seq_len = 0;
  std::int64_t num_keys = 0;  ///< 1 to seq_len
  std::int64_t head_dim = 0;
  float scaling = 1.0F;
  AttentionOutputs outputs;
  float* context = nullptr;  ///< null exactly if value is
  std::int64_t context_stride = 0;
};
/// Floats of scratch that attention_head needs for a text of `seq_len` tokens.
[[nodiscard]] std::int64_t attention_scratch_floats(std::int64_t seq_len, std::int64_t head_dim);
/// Queries [first, last). Returns whether all weights with a row are finite.
bool attention_head(const AttentionHead& head, std::int64_t first, std::int64_t last, float* scratch);
bool attention_head_plain(const AttentionHead& head, std::int64_t first, std::int64_t last, float* scratch);

/// Puts rows [first, last) of given weights [queries, seq_len] where they are wanted, with the bits that
/// attention_head gives them, entropy aside: that is computed from the weights here. `scratch` as there.
bool put_weights(const float* weights, std::int64_t seq_len, const AttentionOutputs& outputs,
                 std::int64_t first, std::int64_t last, float* scratch);
bool put_weights_plain(const float* weights, std::int64_t seq_len, const AttentionOutputs& outputs,
                       std::int64_t first, std::int64_t last);
/// -sum p ln p of a row.
[[nodiscard]] float entropy_of(const float* weights, std::int64_t count);

/// context = weights value for given (replaced) weights [seq_len, seq_len], of which columns from num_keys on
/// are not read; fields as above, query, key and outputs unused.
void attention_context(const AttentionHead& head, const float* weights, std::int64_t first,
                       std::int64_t last);

/// output[r] = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias with x = input[r] + residual[r].
struct LayerNorm {
  const float* input = nullptr;
  const float* residual = nullptr;  ///< null: none
  const float* weight = nullptr;
  const float* bias = nullptr;
  float eps = 0.0F;
  std::int64_t width = 0;
};
/// Rows [first, last), all tensors contiguous [rows, width]. output may be input.
void layer_norm(const LayerNorm& norm, std::int64_t first, std::int64_t last, float* output);
void layer_norm_plain(const LayerNorm& norm, std::int64_t first, std::int64_t last, float* output);

/// output[i] = a[i] + b[i].
void add(const float* a, const float* b, float* output, std::int64_t count);

/// output[r] = table[ids[r]], contiguous rows of `width`.
void gather_rows(const float* table, const std::int64_t* ids, std::int64_t rows, std::int64_t width,
                 float* output);

/// Names of config.json. gelu is the exact erf form; gelu_tanh serves gelu_new, gelu_pytorch_tanh, gelu_fast,
/// ...
enum class Activation {
  gelu,
  gelu_tanh,
  quick_gelu,
  relu,
  silu,
  tanh,
  sigmoid,
  linear,
  gelu_10,
  hardswish,
  leaky_relu,
  mish,
  relu2,
  relu6,
  laplace,
  sqrtsoftplus
};
/// In place. Error at most a few ULP of the fp64 value.
void activate(Activation activation, float* values, std::int64_t count);
void activate_plain(Activation activation, float* values, std::int64_t count);
/// gradients[i] *= the derivative at inputs[i].
void activation_backward(Activation activation, const float* inputs, float* gradients, std::int64_t count);
void activation_backward_plain(Activation activation, const float* inputs, float* gradients,
                               std::int64_t count);

/// Raw 16-bit checkpoint floats to F32, exact.
void f16_to_f32(const std::uint16_t* source, float* output, std::int64_t count);
void bf16_to_f32(const std::uint16_t* source, float* output, std::int64_t count);
void f16_to_f32_plain(const std::uint16_t* source, float* output, std::int64_t count);
void bf16_to_f32_plain(const std::uint16_t* source, float* output, std::int64_t count);

/// F32 to bf16: to the nearest, to the even one of two; what is too large becomes infinity, NaN stays NaN.
void f32_to_bf16(const float* source, std::uint16_t* output, std::int64_t count);
void f32_to_bf16_plain(const float* source, std::uint16_t* output, std::int64_t count);

/// output = input weight^T + bias: a Linear layer on processors where the matrix library has no kernel whose
/// bits are independent of the number of rows (nn/product.cpp chooses).
struct PackedProduct {
  const float* packed = nullptr;  ///< by pack_weight
  const float* bias = nullptr;    ///< [out]; null: none
  std::int64_t in = 0;
  std::int64_t out = 0;
  const float* input = nullptr;
  std::int64_t input_stride = 0;
  float* output = nullptr;
  std::int64_t output_stride = 0;
};
/// Column panels of a packed weight, the units that threads share.
[[nodiscard]] std::int64_t weight_panels(std::int64_t out);
[[nodiscard]] std::int64_t packed_weight_floats(std::int64_t out, std::int64_t in);
/// One panel of weight [out, in], contiguous.
void pack_weight(const float* weight, std::int64_t out, std::int64_t in, std::int64_t panel, float* packed);
/// The way back, to the same bits.
void unpack_weight(const float* packed, std::int64_t out, std::int64_t in, std::int64_t panel, float* weight);
/// The columns of one panel for rows [first, last).
void packed_product(const PackedProduct& product, std::int64_t panel, std::int64_t first, std::int64_t last);

/// "AVX3", "AVX2", "SSE4", "NEON", "SCALAR": what dynamic dispatch chose. The environment variable
/// ATTNSCOPE_ISA forces a lower one; a name that the processor does not have changes nothing.
[[nodiscard]] const char* instruction_set();

}  // namespace attnscope::kernels
