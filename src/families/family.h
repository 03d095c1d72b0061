// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "attnscope/encoder_parts.h"
#include "attnscope/model.h"
#include "checkpoint/config.h"
#include "checkpoint/scope.h"
#include "nn/module.h"

namespace attnscope {

/// A model as built from a checkpoint: the tree, and the numbers that a request is checked against.
struct Network {
  std::unique_ptr<nn::Module> root;
  std::int64_t num_layers = 0;
  std::int64_t num_heads = 0;
  std::int64_t hidden_size = 0;
  std::int64_t vocab_size = 0;
  std::int64_t max_positions = 0;
  EncoderParts parts;
};

/// One architecture: how its checkpoints are recognised and how its tree is built.
struct Family {
  std::string model_type;    ///< of config.json: "distilbert"
  std::string base_prefix;   ///< of the base model in task classes, and in their checkpoints: "distilbert"
  std::string class_prefix;  ///< of Hugging Face's class names: "DistilBert"
  Network (*build)(const Config& config, const Weights& weights, Task task, Precision precision) = nullptr;
};

/// The families, in the order in which errors list them.
[[nodiscard]] const std::vector<Family>& families();

[[nodiscard]] Family distilbert_family();
[[nodiscard]] Family bert_family();

/// Class name of a task: "DistilBertForTokenClassification", "DistilBertModel".
[[nodiscard]] std::string class_name(const Family& family, Task task);

/// The parts that every family names alike: embeddings, and a head that is one Linear. `prefix` stands before
/// the paths of the base model: "distilbert.", or nothing.
[[nodiscard]] EncoderParts common_parts(const std::string& prefix, Task task);

/// The task that `architectures` of config.json names; a class that is not supported gives the bare encoder
/// and a notice.
[[nodiscard]] Task task_of(const Family& family, const std::vector<std::string>& architectures,
                           std::vector<std::string>& notices);

}  // namespace attnscope
