// SPDX-License-Identifier: Apache-2.0
// Time of each kernel at the sizes of DistilBERT-base, and of its floor: the bare oneDNN primitive, or the
// plain loop. On a shared machine compare minimums of one run:
//   kernels_bench --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true
#include <benchmark/benchmark.h>
#include <omp.h>

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "attnscope/version.h"
#include "kernels/kernels.h"
#include "nn/product.h"

namespace attnscope {
namespace {

constexpr std::int64_t kHeads = 12;
constexpr std::int64_t kHeadDim = 64;
constexpr std::int64_t kWidth = kHeads * kHeadDim;
constexpr std::int64_t kQueryBlock = 64;

std::vector<float> random_floats(std::int64_t count) {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(generator);
  return values;
}

std::string version_number() {
  return std::to_string(ATTNSCOPE_VERSION_MAJOR) + '.' + std::to_string(ATTNSCOPE_VERSION_MINOR) + '.' +
         std::to_string(ATTNSCOPE_VERSION_PATCH);
}

double minimum(const std::vector<double>& values) { return *std::min_element(values.begin(), values.end()); }

void set_flops(benchmark::State& state, std::int64_t flops) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(1e-9 * static_cast<double>(flops), benchmark::Counter::kIsIterationInvariantRate);
}

// All heads of one layer and text on one thread, weights and context.
template <decltype(kernels::attention_head)* kernel>
void attention(benchmark::State& state) {
  const std::int64_t seq_len = state.range(0);
  const std::vector<float> input = random_floats(3 * seq_len * kWidth);
  std::vector<float> weights(static_cast<std::size_t>(kHeads * seq_len * seq_len));
  std::vector<float> context(static_cast<std::size_t>(seq_len * kWidth));
  std::vector<float> scratch(static_cast<std::size_t>(kernels::attention_scratch_floats(seq_len, kHeadDim)));
  kernels::AttentionHead head;
  head.seq_len = head.num_keys = seq_len;
  head.head_dim = kHeadDim;
  head.scaling = 0.125F;
  head.query_stride = head.key_stride = head.value_stride = 3 * kWidth;
  head.context_stride = kWidth;
  for (auto _ : state)
    for (std::int64_t h = 0; h < kHeads; ++h) {
      head.query = input.data() + h * kHeadDim;
      head.key = head.query + kWidth;
      head.value = head.key + kWidth;
      head.outputs.weights = weights.data() + h * seq_len * seq_len;
      head.context = context.data() + h * kHeadDim;
      for (std::int64_t first = 0; first < seq_len; first += kQueryBlock)
        kernel(head, first, std::min(first + kQueryBlock, seq_len), scratch.data());
    }
  set_flops(state, 4 * seq_len * seq_len * kWidth);
}

template <decltype(kernels::layer_norm)* kernel>
void layer_norm(benchmark::State& state) {
  const std::int64_t rows = state.range(0);
  const std::vector<float> input = random_floats(rows * kWidth);
  std::vector<float> output(input.size());
  const kernels::LayerNorm norm{input.data(), input.data(), input.data(), input.data(), 1e-12F, kWidth};
  for (auto _ : state) kernel(norm, 0, rows, output.data());
}

template <decltype(kernels::activate)* kernel>
void gelu(benchmark::State& state) {
  const std::int64_t count = state.range(0) * 4 * kWidth;
  const std::vector<float> input = random_floats(count);
  std::vector<float> values(input.size());
  for (auto _ : state) {
    values = input;  // in place: without this, values would shrink to 0
    kernel(kernels::Activation::gelu, values.data(), count);
  }
}

void product(benchmark::State& state) {
  const std::int64_t rows = state.range(0);
  const std::int64_t in = state.range(1);
  const std::int64_t out = state.range(2);
  const nn::Product product(Tensor::of({out, in}, random_floats(out * in)),
                            Tensor::of({out}, random_floats(out)));
  const std::vector<float> input = random_floats(rows * in);
  std::vector<float> output(static_cast<std::size_t>(rows * out));
  product(input.data(), in, rows, output.data(), out);  // packs
  for (auto _ : state) product(input.data(), in, rows, output.data(), out);
  set_flops(state, 2 * rows * in * out);
}

// The floor: a oneDNN primitive for exactly this number of rows, with weights in the layout it likes best.
void bare_onednn(benchmark::State& state) {
  using dnnl::memory;
  const std::int64_t rows = state.range(0);
  const std::int64_t in = state.range(1);
  const std::int64_t out = state.range(2);
  const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(cpu);
  const auto desc = [](std::int64_t r, std::int64_t c, memory::format_tag tag) {
    return memory::desc({r, c}, memory::data_type::f32, tag);
  };
  const memory::desc source = desc(rows, in, memory::format_tag::ab);
  const memory::desc any = desc(in, out, memory::format_tag::any);
  const memory::desc bias = desc(1, out, memory::format_tag::ab);
  const memory::desc target = desc(rows, out, memory::format_tag::ab);
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::matmul::primitive_desc description(cpu, source, any, bias, target);
#else
  const dnnl::matmul::primitive_desc description(dnnl::matmul::desc(source, any, bias, target), cpu);
#endif
  std::vector<float> plain = random_floats(in * out);
  memory plain_weight(desc(in, out, memory::format_tag::ba), cpu, plain.data());
  memory weight(description.weights_desc(), cpu);
  dnnl::reorder(plain_weight, weight).execute(stream, plain_weight, weight);
  const dnnl::matmul matmul(description);
  const std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, memory(source, cpu)},
                                                  {DNNL_ARG_WEIGHTS, weight},
                                                  {DNNL_ARG_BIAS, memory(bias, cpu)},
                                                  {DNNL_ARG_DST, memory(target, cpu)}};
  for (auto _ : state) {
    matmul.execute(stream, arguments);
    stream.wait();
  }
  set_flops(state, 2 * rows * in * out);
}

void lengths(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t rows : {9, 16, 128, 512}) benchmark->Arg(rows);
  benchmark->Unit(benchmark::kMicrosecond)->ComputeStatistics("min", minimum);
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  for (const auto& [in, out] : {std::pair<std::int64_t, std::int64_t>{768, 768}, {768, 3072}, {3072, 768}})
    for (const std::int64_t rows : {9, 16, 37, 128, 1024}) benchmark->Args({rows, in, out});
  benchmark->Unit(benchmark::kMicrosecond)->ComputeStatistics("min", minimum)->UseRealTime();
}

BENCHMARK(attention<kernels::attention_head>)->Name("attention")->Apply(lengths);
BENCHMARK(attention<kernels::attention_head_plain>)->Name("attention_plain")->Apply(lengths);
BENCHMARK(layer_norm<kernels::layer_norm>)->Name("layer_norm")->Apply(lengths);
BENCHMARK(layer_norm<kernels::layer_norm_plain>)->Name("layer_norm_plain")->Apply(lengths);
BENCHMARK(gelu<kernels::activate>)->Name("gelu")->Apply(lengths);
BENCHMARK(gelu<kernels::activate_plain>)->Name("gelu_plain")->Apply(lengths);
BENCHMARK(product)->Apply(shapes);
BENCHMARK(bare_onednn)->Apply(shapes);

}  // namespace
}  // namespace attnscope

// Google Benchmark prints processor, caches and load itself.
int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("attnscope", attnscope::version_number());
  benchmark::AddCustomContext("instruction_set", attnscope::kernels::instruction_set());
  benchmark::AddCustomContext("product_library", attnscope::nn::product_library());
  benchmark::AddCustomContext("threads", std::to_string(omp_get_max_threads()));
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
