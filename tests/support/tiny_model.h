// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "attnscope/model.h"
#include "core/temporary_directory.h"

namespace attnscope {

/// A model small enough for tests, as its config.json says it.
struct TinySpec {
  std::string model_type = "distilbert";  ///< or "bert"
  Task task = Task::none;
  std::int64_t layers = 3;
  std::int64_t heads = 4;
  std::int64_t width = 32;
  std::int64_t hidden = 48;
  std::int64_t vocab = 64;
  std::int64_t positions = 512;
  std::int64_t labels = 3;
  bool pooler = true;        ///< of a BERT without task
  bool tied_decoder = true;  ///< masked LM: the weight of the last layer is not in the file
  std::uint32_t seed = 1;
  Precision precision = Precision::fp32;  ///< that load_model(spec) computes with
};

/// Run under a name that a test can use: testing::Test has a member Run.
using ModelRun = Run;

/// Tensors of a checkpoint by name.
using WeightMap = std::map<std::string, Tensor>;

/// Seeded weights, with the names that Hugging Face gives them. Attention is far from uniform.
[[nodiscard]] WeightMap random_weights(const TinySpec& spec);

/// Writes config.json, model.safetensors, vocab.txt and tokenizer_config.json.
void write_model(const TemporaryDirectory& directory, const TinySpec& spec, const WeightMap& weights);

/// Writes a model to a folder of its own and loads it.
[[nodiscard]] Model load_model(const TinySpec& spec, const WeightMap& weights,
                               const LoadOptions& options = {});
[[nodiscard]] Model load_model(const TinySpec& spec);

/// A text of `length` seeded ids.
[[nodiscard]] Sequence random_text(std::int64_t length, std::uint32_t seed, std::int64_t vocab = 64);
[[nodiscard]] std::vector<Sequence> random_texts(const std::vector<std::int64_t>& lengths);

/// Everything that a run can give.
[[nodiscard]] Request everything();

}  // namespace attnscope
