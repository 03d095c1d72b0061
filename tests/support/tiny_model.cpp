// SPDX-License-Identifier: Apache-2.0
#include "support/tiny_model.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

#include "support/safetensors_bytes.h"

namespace attnscope {
namespace {

/// Adds seeded tensors to a WeightMap.
class WeightMaker {
 public:
  explicit WeightMaker(const TinySpec& spec) : spec_(spec), engine_(spec.seed) {}

  void linear(const std::string& path, std::int64_t in, std::int64_t out) {
    const float spread = 2.0F / std::sqrt(static_cast<float>(in));
    weights_[path + ".weight"] = uniform({out, in}, 0.0F, spread);
    weights_[path + ".bias"] = uniform({out}, 0.0F, 0.1F);
  }
  void norm(const std::string& path) {
    weights_[path + ".weight"] = uniform({spec_.width}, 1.0F, 0.2F);
    weights_[path + ".bias"] = uniform({spec_.width}, 0.0F, 0.1F);
  }
  void table(const std::string& path, std::int64_t rows) {
    weights_[path + ".weight"] = uniform({rows, spec_.width}, 0.0F, 1.0F);
  }
  void vector(const std::string& name, std::int64_t size) { weights_[name] = uniform({size}, 0.0F, 0.1F); }
  void erase(const std::string& name) { weights_.erase(name); }
  void square(const std::string& path) { linear(path, spec_.width, spec_.width); }

  WeightMap take() { return std::move(weights_); }

 private:
  Tensor uniform(const Shape& shape, float middle, float spread) {
    Tensor tensor(shape);
    float* values = tensor.mutable_view().f32();
    constexpr auto kSteps = static_cast<float>(std::mt19937::max());
    for (std::int64_t i = 0; i < tensor.count(); ++i)
      values[i] = middle + spread * (2.0F * static_cast<float>(engine_()) / kSteps - 1.0F);
    return tensor;
  }

  const TinySpec& spec_;
  std::mt19937 engine_;
  WeightMap weights_;
};

void add_distilbert(WeightMaker& make, const TinySpec& spec, const std::string& prefix) {
  make.table(prefix + "embeddings.word_embeddings", spec.vocab);
  make.table(prefix + "embeddings.position_embeddings", spec.positions);
  make.norm(prefix + "embeddings.LayerNorm");
  for (std::int64_t i = 0; i < spec.layers; ++i) {
    const std::string layer = fmt::format("{}transformer.layer.{}.", prefix, i);
    for (const char* name : {"q_lin", "k_lin", "v_lin", "out_lin"}) make.square(layer + "attention." + name);
    make.norm(layer + "sa_layer_norm");
    make.linear(layer + "ffn.lin1", spec.width, spec.hidden);
    make.linear(layer + "ffn.lin2", spec.hidden, spec.width);
    make.norm(layer + "output_layer_norm");
  }
}

void add_distilbert_head(WeightMaker& make, const TinySpec& spec) {
  switch (spec.task) {
    case Task::none:
      break;
    case Task::masked_lm:
      make.square("vocab_transform");
      make.norm("vocab_layer_norm");
      make.linear("vocab_projector", spec.width, spec.vocab);
      if (spec.tied_decoder) make.erase("vocab_projector.weight");
      break;
    case Task::sequence_classification:
      make.square("pre_classifier");
      make.linear("classifier", spec.width, spec.labels);
      break;
    case Task::token_classification:
      make.linear("classifier", spec.width, spec.labels);
      break;
    case Task::question_answering:
      make.linear("qa_outputs", spec.width, 2);
      break;
  }
}

void add_bert(WeightMaker& make, const TinySpec& spec, const std::string& prefix) {
  make.table(prefix + "embeddings.word_embeddings", spec.vocab);
  make.table(prefix + "embeddings.position_embeddings", spec.positions);
  make.table(prefix + "embeddings.token_type_embeddings", 2);
  make.norm(prefix + "embeddings.LayerNorm");
  for (std::int64_t i = 0; i < spec.layers; ++i) {
    const std::string layer = fmt::format("{}encoder.layer.{}.", prefix, i);
    for (const char* name : {"query", "key", "value"}) make.square(layer + "attention.self." + name);
    make.square(layer + "attention.output.dense");
    make.norm(layer + "attention.output.LayerNorm");
    make.linear(layer + "intermediate.dense", spec.width, spec.hidden);
    make.linear(layer + "output.dense", spec.hidden, spec.width);
    make.norm(layer + "output.LayerNorm");
  }
}

void add_bert_head(WeightMaker& make, const TinySpec& spec, const std::string& prefix) {
  switch (spec.task) {
    case Task::none:
      if (spec.pooler) make.square("pooler.dense");
      break;
    case Task::masked_lm:
      make.square("cls.predictions.transform.dense");
      make.norm("cls.predictions.transform.LayerNorm");
      make.vector("cls.predictions.bias", spec.vocab);
      if (!spec.tied_decoder) make.table("cls.predictions.decoder", spec.vocab);
      break;
    case Task::sequence_classification:
      make.square(prefix + "pooler.dense");
      make.linear("classifier", spec.width, spec.labels);
      break;
    case Task::token_classification:
      make.linear("classifier", spec.width, spec.labels);
      break;
    case Task::question_answering:
      make.linear("qa_outputs", spec.width, 2);
      break;
  }
}

std::string architecture(const TinySpec& spec) {
  const std::string family = spec.model_type == "bert" ? "Bert" : "DistilBert";
  switch (spec.task) {
    case Task::none:
      return family + "Model";
    case Task::masked_lm:
      return family + "ForMaskedLM";
    case Task::sequence_classification:
      return family + "ForSequenceClassification";
    case Task::token_classification:
      return family + "ForTokenClassification";
    case Task::question_answering:
      return family + "ForQuestionAnswering";
  }
  return {};
}

std::string id2label(std::int64_t count) {
  std::string entries;
  for (std::int64_t i = 0; i < count; ++i)
    entries += fmt::format(R"({}"{}": "label {}")", i ? ", " : "", i, i);
  return "{" + entries + "}";
}

std::string config_json(const TinySpec& spec) {
  const bool is_bert = spec.model_type == "bert";
  return fmt::format(
      R"({{"model_type": "{}", "architectures": ["{}"], "{}": {}, "{}": {}, "{}": {}, "{}": {}, "vocab_size": {},
"max_position_embeddings": {}, "id2label": {}}})",
      spec.model_type, architecture(spec), is_bert ? "num_hidden_layers" : "n_layers", spec.layers,
      is_bert ? "num_attention_heads" : "n_heads", spec.heads, is_bert ? "hidden_size" : "dim", spec.width,
      is_bert ? "intermediate_size" : "hidden_dim", spec.hidden, spec.vocab, spec.positions,
      id2label(spec.labels));
}

std::string vocab_txt(std::int64_t count) {
  std::vector<std::string> tokens{"[PAD]", "[UNK]", "[CLS]",  "[SEP]",   "[MASK]",   "this",
                                  "is",    "a",     "simple", "example", "sentence", "."};
  std::string text;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    text += (i < tokens.size() ? tokens[i] : fmt::format("w{}", i)) + "\n";
  return text;
}

}  // namespace

WeightMap random_weights(const TinySpec& spec) {
  WeightMaker make(spec);
  const std::string prefix = spec.task == Task::none ? "" : spec.model_type + ".";
  if (spec.model_type == "bert") {
    add_bert(make, spec, prefix);
    add_bert_head(make, spec, prefix);
  } else {
    add_distilbert(make, spec, prefix);
    add_distilbert_head(make, spec);
  }
  return make.take();
}

void write_model(const TemporaryDirectory& directory, const TinySpec& spec, const WeightMap& weights) {
  directory.write("config.json", config_json(spec));
  directory.write("model.safetensors", safetensors_bytes(weights));
  directory.write("vocab.txt", vocab_txt(spec.vocab));
  directory.write("tokenizer_config.json", R"({"do_lower_case": true, "model_max_length": 512})");
}

Model load_model(const TinySpec& spec, const WeightMap& weights, const LoadOptions& options) {
  const TemporaryDirectory directory;
  write_model(directory, spec, weights);
  return Model::load(directory.path(""), options);
}

Model load_model(const TinySpec& spec) {
  return load_model(spec, random_weights(spec), {.precision = spec.precision});
}

Sequence random_text(std::int64_t length, std::uint32_t seed, std::int64_t vocab) {
  std::mt19937 engine(seed);
  Sequence text;
  for (std::int64_t i = 0; i < length; ++i)
    text.input_ids.push_back(static_cast<std::int64_t>(engine()) % vocab);
  return text;
}

std::vector<Sequence> random_texts(const std::vector<std::int64_t>& lengths) {
  std::vector<Sequence> texts;
  for (const std::int64_t length : lengths)
    texts.push_back(random_text(length, static_cast<std::uint32_t>(texts.size()) + 7U));
  return texts;
}

Request everything() {
  Request request = Request::outputs();
  request.weights = true;
  request.hidden_states = true;
  // Not the entropy, whose last bits differ when a hook sees the weights, nor what needs a tokenizer.
  request.statistics = {Statistic::max, Statistic::distance, Statistic::self, Statistic::previous,
                        Statistic::next};
  request.received = true;
  request.top_keys = 4;
  return request;
}

}  // namespace attnscope
