// SPDX-License-Identifier: Apache-2.0
//
// DistilBERT (Sanh et al. 2019), Hugging Face's DistilBertModel and its task classes.
// What differs from BERT: no token types, no pooler; the layer norm's epsilon is fixed; the sequence
// classifier has a layer of its own with ReLU; the activation of config.json also drives the masked-LM head.

#include <memory>

#include "core/message.h"
#include "families/family.h"
#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/elementwise.h"
#include "nn/embedding.h"
#include "nn/execution.h"
#include "nn/layer_norm.h"
#include "nn/layer_stack.h"
#include "nn/linear.h"
#include "nn/projections.h"
#include "nn/token_head.h"

namespace attnscope {
namespace {

using nn::Execution;
using nn::Value;
using nn::Values;

constexpr double kLayerNormEps = 1e-12;

struct DistilBertConfig {
  std::int64_t vocab_size;
  std::int64_t max_positions;
  std::int64_t n_layers;
  std::int64_t n_heads;
  std::int64_t dim;
  std::int64_t hidden_dim;
  const nn::ActivationKind* activation;
  Precision precision;  ///< of the layers
};

DistilBertConfig read_config(const Config& config, Precision precision) {
  constexpr std::int64_t kMax = 1 << 24;
  DistilBertConfig values{
      .vocab_size = config.integer("vocab_size", 1, kMax, 30522),
      .max_positions = config.integer("max_position_embeddings", 1, kMax, 512),
      .n_layers = config.integer("n_layers", 1, 1024, 6),
      .n_heads = config.integer("n_heads", 1, 1024, 12),
      .dim = config.integer("dim", 1, 1 << 16, 768),
      .hidden_dim = config.integer("hidden_dim", 1, 1 << 18, 3072),
      .activation = &nn::read_activation(config, "activation"),
      .precision = precision,
  };
  if (values.dim % values.n_heads != 0)
    config.fail_rule("dim", fmt::format("{} is not divisible by n_heads {}", values.dim, values.n_heads));
  return values;
}

class Embeddings : public nn::Module {
 public:
  Embeddings(const Scope& scope, const DistilBertConfig& config)
      : Module(scope.path(), "Embeddings"),
        word_embeddings_(scope / "word_embeddings", config.vocab_size, config.dim),
        position_embeddings_(scope / "position_embeddings", config.max_positions, config.dim),
        layer_norm_(scope / "LayerNorm", config.dim, kLayerNormEps) {
    adopt({&word_embeddings_, &position_embeddings_, &layer_norm_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const Value words = embed_words(word_embeddings_, inputs[0], run);  // [tokens, dim]
    const Value positions = run(position_embeddings_, {nn::Layout::ids, run.batch().position_ids.data()});
    return {add_and_norm(layer_norm_, words, positions, run)};
  }

  [[nodiscard]] const Tensor& word_table() const { return word_embeddings_.table(); }

 private:
  nn::Embedding word_embeddings_;
  nn::Embedding position_embeddings_;
  nn::LayerNorm layer_norm_;
};

class SelfAttention : public nn::Module {
 public:
  SelfAttention(const Scope& scope, const DistilBertConfig& config, std::int64_t layer)
      : Module(scope.path(), "DistilBertSelfAttention"),
        q_lin_(scope / "q_lin", config.dim, config.dim, config.precision),
        k_lin_(scope / "k_lin", config.dim, config.dim, config.precision),
        v_lin_(scope / "v_lin", config.dim, config.dim, config.precision),
        out_lin_(scope / "out_lin", config.dim, config.dim, config.precision),
        attn_(scope, layer, config.n_heads, config.dim / config.n_heads) {
    adopt({&q_lin_, &k_lin_, &v_lin_, &out_lin_, &attn_});
    attn_.shown_by(*this);
  }

  // Returns (context, weights), as Hugging Face's module does.
  Values forward(const Values& inputs, Execution& run) const override {
    const Values attn = attend({q_lin_, k_lin_, v_lin_}, attn_, inputs[0], run);
    if (!attn[1].present()) return {Value{}, attn[0]};
    return {run(out_lin_, merge_heads(attn[1])), attn[0]};
  }

 private:
  nn::Linear q_lin_;
  nn::Linear k_lin_;
  nn::Linear v_lin_;
  nn::Linear out_lin_;
  nn::Attention attn_;
};

class FeedForward : public nn::Module {
 public:
  FeedForward(const Scope& scope, const DistilBertConfig& config)
      : Module(scope.path(), "FFN"),
        lin1_(scope / "lin1", config.dim, config.hidden_dim, config.precision),
        lin2_(scope / "lin2", config.hidden_dim, config.dim, config.precision),
        activation_((scope / "activation").path(), *config.activation) {
    adopt({&lin1_, &lin2_, &activation_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    return {run(lin2_, linear_and_activation(lin1_, activation_, inputs[0], run))};
  }

 private:
  nn::Linear lin1_;
  nn::Linear lin2_;
  nn::ActivationModule activation_;
};

class TransformerBlock : public nn::Module {
 public:
  TransformerBlock(const Scope& scope, const DistilBertConfig& config, std::int64_t layer)
      : Module(scope.path(), "TransformerBlock"),
        attention_(scope / "attention", config, layer),
        sa_layer_norm_(scope / "sa_layer_norm", config.dim, kLayerNormEps),
        ffn_(scope / "ffn", config),
        output_layer_norm_(scope / "output_layer_norm", config.dim, kLayerNormEps),
        layer_(layer) {
    adopt({&attention_, &sa_layer_norm_, &ffn_, &output_layer_norm_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const Value& hidden_states = inputs[0];  // [tokens, dim]
    const Values attention = run.call(attention_, {hidden_states});
    run.captures().weights(layer_, attention[1]);
    if (!attention[0].present()) return {Value{}};
    const Value residual = matching_rows(hidden_states, attention[0], run);
    const Value attended = add_and_norm(sa_layer_norm_, attention[0], residual, run);
    return {add_and_norm(output_layer_norm_, run(ffn_, attended), attended, run)};
  }

 private:
  SelfAttention attention_;
  nn::LayerNorm sa_layer_norm_;
  FeedForward ffn_;
  nn::LayerNorm output_layer_norm_;
  std::int64_t layer_;
};

class DistilBertModel : public nn::Module {
 public:
  DistilBertModel(const Scope& scope, const DistilBertConfig& config)
      : Module(scope.path(), "DistilBertModel"),
        embeddings_(scope / "embeddings", config),
        transformer_(scope / "transformer", "Transformer",
                     nn::make_layers<TransformerBlock>(scope / "transformer", config, config.n_layers)) {
    adopt({&embeddings_, &transformer_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    return {run(transformer_, nn::first_states(embeddings_, inputs[0], run))};
  }

  [[nodiscard]] const Tensor& word_table() const { return embeddings_.word_table(); }

 private:
  Embeddings embeddings_;
  nn::LayerStack transformer_;
};

class MaskedLm : public nn::Module {
 public:
  MaskedLm(const Scope& scope, std::unique_ptr<DistilBertModel> encoder, const DistilBertConfig& config)
      : Module(scope.path(), "DistilBertForMaskedLM"),
        distilbert_(std::move(encoder)),
        activation_((scope / "activation").path(), *config.activation),
        vocab_transform_(scope / "vocab_transform", config.dim, config.dim),
        vocab_layer_norm_(scope / "vocab_layer_norm", config.dim, kLayerNormEps),
        vocab_projector_((scope / "vocab_projector").path(), projector_weight(scope, config),
                         (scope / "vocab_projector").take("bias", {config.vocab_size})),
        mlm_loss_fct_((scope / "mlm_loss_fct").path(), "CrossEntropyLoss") {
    adopt({&activation_, distilbert_.get(), &vocab_transform_, &vocab_layer_norm_, &vocab_projector_,
           &mlm_loss_fct_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const Values encoded = run_encoder(*distilbert_, inputs, run);
    if (encoded.size() == 0) return {};
    const Value transformed = linear_and_activation(vocab_transform_, activation_, encoded[0], run);
    return {run(vocab_projector_, run(vocab_layer_norm_, transformed))};  // [tokens, vocab_size]
  }

 private:
  // Tied to the word embeddings: a file may leave it out.
  [[nodiscard]] Tensor projector_weight(const Scope& scope, const DistilBertConfig& config) const {
    const Scope projector = scope / "vocab_projector";
    if (!projector.has("weight")) return distilbert_->word_table();
    return projector.take("weight", {config.vocab_size, config.dim});
  }

  std::unique_ptr<DistilBertModel> distilbert_;
  nn::ActivationModule activation_;
  nn::Linear vocab_transform_;
  nn::LayerNorm vocab_layer_norm_;
  nn::Linear vocab_projector_;
  nn::Uncalled mlm_loss_fct_;
};

class SequenceClassification : public nn::Module {
 public:
  SequenceClassification(const Scope& scope, std::unique_ptr<nn::Module> encoder,
                         const DistilBertConfig& config, std::int64_t labels)
      : Module(scope.path(), "DistilBertForSequenceClassification"),
        distilbert_(std::move(encoder)),
        pre_classifier_(scope / "pre_classifier", config.dim, config.dim),
        classifier_(scope / "classifier", config.dim, labels) {
    adopt({distilbert_.get(), &pre_classifier_, &classifier_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const Values encoded = run_encoder(*distilbert_, inputs, run);
    if (encoded.size() == 0) return {};
    const Value pooled = run(pre_classifier_, pooled_tokens(encoded[0], run));  // [texts, dim]
    return {run(classifier_, activate(nn::activation_kind("relu"), pooled, run))};
  }

 private:
  std::unique_ptr<nn::Module> distilbert_;
  nn::Linear pre_classifier_;
  nn::Linear classifier_;
};

std::unique_ptr<nn::Module> make_root(const Config& file, const Weights& weights,
                                      const DistilBertConfig& config, Task task) {
  if (task == Task::none) return std::make_unique<DistilBertModel>(Scope(weights), config);
  const Scope scope(weights, "", "distilbert");
  auto encoder = std::make_unique<DistilBertModel>(scope / "distilbert", config);
  const auto labels = [&] { return static_cast<std::int64_t>(file.labels().size()); };
  switch (task) {
    case Task::masked_lm:
      return std::make_unique<MaskedLm>(scope, std::move(encoder), config);
    case Task::sequence_classification:
      return std::make_unique<SequenceClassification>(scope, std::move(encoder), config, labels());
    case Task::token_classification:
      return nn::token_classifier(scope, "DistilBertForTokenClassification", std::move(encoder), config.dim,
                                  labels());
    default:
      return nn::question_answerer(scope, "DistilBertForQuestionAnswering", std::move(encoder), config.dim);
  }
}

LayerParts layer_parts(const std::string& layer) {
  return {.layer = layer,
          .attn = layer + ".attention.attn",
          .query = layer + ".attention.q_lin",
          .key = layer + ".attention.k_lin",
          .value = layer + ".attention.v_lin",
          .output = layer + ".attention.out_lin",
          .attention_norm = layer + ".sa_layer_norm",
          .up = layer + ".ffn.lin1",
          .activation = layer + ".ffn.activation",
          .down = layer + ".ffn.lin2",
          .output_norm = layer + ".output_layer_norm"};
}

EncoderParts make_parts(Task task, const DistilBertConfig& config) {
  const std::string prefix = task == Task::none ? "" : "distilbert.";
  EncoderParts parts = common_parts(prefix, task);
  parts.activation = config.activation->name;
  parts.layer_norm_eps = kLayerNormEps;
  if (task == Task::masked_lm)
    parts.head = {{"vocab_transform", config.activation->name, "vocab_layer_norm", "activation"},
                  {"vocab_projector"}};
  if (task == Task::sequence_classification) parts.head = {{"pre_classifier", "relu"}, {"classifier"}};
  for (std::int64_t layer = 0; layer < config.n_layers; ++layer)
    parts.layers.push_back(layer_parts(fmt::format("{}transformer.layer.{}", prefix, layer)));
  return parts;
}

Network build(const Config& file, const Weights& weights, Task task, Precision precision) {
  const DistilBertConfig config = read_config(file, precision);
  return {make_root(file, weights, config, task),
          config.n_layers,
          config.n_heads,
          config.dim,
          config.vocab_size,
          config.max_positions,
          make_parts(task, config)};
}

}  // namespace

Family distilbert_family() { return {"distilbert", "distilbert", "DistilBert", build}; }

}  // namespace attnscope
