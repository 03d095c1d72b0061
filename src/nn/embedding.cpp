// SPDX-License-Identifier: Apache-2.0
#include "nn/embedding.h"

#include "core/message.h"
#include "kernels/kernels.h"
#include "nn/execution.h"
#include "nn/parallel.h"

namespace attnscope::nn {
namespace {

void check_ids(const std::int64_t* ids, const Batch& batch, std::int64_t rows, const std::string& path) {
  for (std::int64_t text = 0; text < batch.num_texts(); ++text)
    for (std::int64_t i = batch.first(text); i < batch.first(text + 1); ++i)
      if (ids[i] < 0 || ids[i] >= rows)
        throw InvalidArgument(problem(ErrorKind::usage, "ID_RANGE", path)
                                  .at(fmt::format("text {} token {}", text, i - batch.first(text)))
                                  .found("id {}, expected 0 to {}", ids[i], rows - 1)
                                  .hint("use the tokenizer of the model"));
}

}  // namespace

Embedding::Embedding(const Scope& scope, std::int64_t rows, std::int64_t width)
    : Module(scope.path(), "Embedding"), table_(parameter(scope, "weight", {rows, width})) {}

Values Embedding::forward(const Values& inputs, Execution& run) const {
  const Timed timed(run.times(), Part::embeddings);
  const std::int64_t* ids = inputs[0].i64();
  const std::int64_t width = table_.size(1);
  const std::int64_t count = run.batch().num_tokens();
  check_ids(ids, run.batch(), table_.size(0), path());
  Value output{Layout::tokens, nullptr, width};
  float* values = run.allocate(output);
  parallel_rows(run, count, width, [&](std::int64_t first, std::int64_t last) {
    kernels::gather_rows(table_.f32(), ids + first, last - first, width, values + first * width);
  });
  return {output};
}

Value embed_words(const Embedding& table, const Value& input, Execution& run) {
  if (input.layout == Layout::embeds) return {Layout::tokens, input.data, input.width};
  return run(table, input);
}

}  // namespace attnscope::nn
