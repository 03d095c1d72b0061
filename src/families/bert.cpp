// SPDX-License-Identifier: Apache-2.0
//
// BERT (Devlin et al. 2019), Hugging Face's BertModel and its task classes.
// The line that the other families are described against: token types, post-norm layers, a pooler on one
// token that the bare model and the sequence classifier have, and a masked-LM decoder tied to the word
// embeddings.

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

struct BertConfig {
  std::int64_t vocab_size;
  std::int64_t type_vocab_size;
  std::int64_t max_positions;
  std::int64_t num_layers;
  std::int64_t num_heads;
  std::int64_t hidden_size;
  std::int64_t intermediate_size;
  double layer_norm_eps;
  const nn::ActivationKind* hidden_act;
  Precision precision;  ///< of the layers
};

BertConfig read_config(const Config& config, Precision precision) {
  constexpr std::int64_t kMax = 1 << 24;
  const std::string positions = config.text("position_embedding_type", "absolute");
  if (positions != "absolute")
    config.fail_value("position_embedding_type", fmt::format("'{}'", positions), "supported: absolute");
  BertConfig values{
      .vocab_size = config.integer("vocab_size", 1, kMax, 30522),
      .type_vocab_size = config.integer("type_vocab_size", 1, kMax, 2),
      .max_positions = config.integer("max_position_embeddings", 1, kMax, 512),
      .num_layers = config.integer("num_hidden_layers", 1, 1024, 12),
      .num_heads = config.integer("num_attention_heads", 1, 1024, 12),
      .hidden_size = config.integer("hidden_size", 1, 1 << 16, 768),
      .intermediate_size = config.integer("intermediate_size", 1, 1 << 18, 3072),
      .layer_norm_eps = config.positive_number("layer_norm_eps", 1e-12),
      .hidden_act = &nn::read_activation(config, "hidden_act"),
      .precision = precision,
  };
  if (values.hidden_size % values.num_heads != 0)
    config.fail_rule("hidden_size", fmt::format("{} is not divisible by num_attention_heads {}",
                                                values.hidden_size, values.num_heads));
  return values;
}

class Embeddings : public nn::Module {
 public:
  Embeddings(const Scope& scope, const BertConfig& config)
      : Module(scope.path(), "BertEmbeddings"),
        word_embeddings_(scope / "word_embeddings", config.vocab_size, config.hidden_size),
        position_embeddings_(scope / "position_embeddings", config.max_positions, config.hidden_size),
        token_type_embeddings_(scope / "token_type_embeddings", config.type_vocab_size, config.hidden_size),
        layer_norm_(scope / "LayerNorm", config.hidden_size, config.layer_norm_eps) {
    adopt({&word_embeddings_, &position_embeddings_, &token_type_embeddings_, &layer_norm_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const nn::Batch& batch = run.batch();
    const Value words = embed_words(word_embeddings_, inputs[0], run);  // [tokens, hidden_size]
    const Value types = run(token_type_embeddings_, {nn::Layout::ids, batch.token_type_ids.data()});
    const Value positions = run(position_embeddings_, {nn::Layout::ids, batch.position_ids.data()});
    return {add_and_norm(layer_norm_, add(words, types, run), positions, run)};
  }

  [[nodiscard]] const Tensor& word_table() const { return word_embeddings_.table(); }

 private:
  nn::Embedding word_embeddings_;
  nn::Embedding position_embeddings_;
  nn::Embedding token_type_embeddings_;
  nn::LayerNorm layer_norm_;
};

class SelfAttention : public nn::Module {
 public:
  SelfAttention(const Scope& scope, const BertConfig& config, std::int64_t layer)
      : Module(scope.path(), "BertSelfAttention"),
        query_(scope / "query", config.hidden_size, config.hidden_size, config.precision),
        key_(scope / "key", config.hidden_size, config.hidden_size, config.precision),
        value_(scope / "value", config.hidden_size, config.hidden_size, config.precision),
        attn_(scope, layer, config.num_heads, config.hidden_size / config.num_heads) {
    adopt({&query_, &key_, &value_, &attn_});
    attn_.shown_by(*this);
  }

  void shown_by(const nn::Module& owner) { attn_.shown_by(owner); }

  // Returns (context, weights), as Hugging Face's module does.
  Values forward(const Values& inputs, Execution& run) const override {
    const Values attn = attend({query_, key_, value_}, attn_, inputs[0], run);
    if (!attn[1].present()) return {Value{}, attn[0]};
    return {merge_heads(attn[1]), attn[0]};
  }

 private:
  nn::Linear query_;
  nn::Linear key_;
  nn::Linear value_;
  nn::Attention attn_;
};

/// dense, then the layer norm of its output + residual: BertSelfOutput and BertOutput.
class Output : public nn::Module {
 public:
  Output(const Scope& scope, const char* type, std::int64_t in, const BertConfig& config)
      : Module(scope.path(), type),
        dense_(scope / "dense", in, config.hidden_size, config.precision),
        layer_norm_(scope / "LayerNorm", config.hidden_size, config.layer_norm_eps) {
    adopt({&dense_, &layer_norm_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    return {add_and_norm(layer_norm_, run(dense_, inputs[0]), inputs[1], run)};
  }

 private:
  nn::Linear dense_;
  nn::LayerNorm layer_norm_;
};

class BertAttention : public nn::Module {
 public:
  BertAttention(const Scope& scope, const BertConfig& config, std::int64_t layer)
      : Module(scope.path(), "BertAttention"),
        self_(scope / "self", config, layer),
        output_(scope / "output", "BertSelfOutput", config.hidden_size, config) {
    adopt({&self_, &output_});
    self_.shown_by(*this);
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const Values attention = run.call(self_, inputs);
    if (!attention[0].present()) return attention;
    const Value residual = matching_rows(inputs[0], attention[0], run);
    return {run.call(output_, {attention[0], residual})[0], attention[1]};
  }

 private:
  SelfAttention self_;
  Output output_;
};

/// dense and an activation: BertIntermediate, BertPooler's and the masked-LM head's first step.
class DenseActivation : public nn::Module {
 public:
  DenseActivation(const Scope& scope, const char* type, std::int64_t in, std::int64_t out,
                  const char* activation, const nn::ActivationKind& kind,
                  Precision precision = Precision::fp32)
      : Module(scope.path(), type),
        dense_(scope / "dense", in, out, precision),
        activation_((scope / activation).path(), kind) {
    adopt({&dense_, &activation_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    return {linear_and_activation(dense_, activation_, inputs[0], run)};
  }

 private:
  nn::Linear dense_;
  nn::ActivationModule activation_;
};

class Pooler : public DenseActivation {
 public:
  Pooler(const Scope& scope, const BertConfig& config)
      : DenseActivation(scope, "BertPooler", config.hidden_size, config.hidden_size, "activation",
                        nn::activation_kind("tanh")) {}

  Values forward(const Values& inputs, Execution& run) const override {
    return DenseActivation::forward({pooled_tokens(inputs[0], run)}, run);
  }
};

class BertLayer : public nn::Module {
 public:
  BertLayer(const Scope& scope, const BertConfig& config, std::int64_t layer)
      : Module(scope.path(), "BertLayer"),
        attention_(scope / "attention", config, layer),
        intermediate_(scope / "intermediate", "BertIntermediate", config.hidden_size,
                      config.intermediate_size, "intermediate_act_fn", *config.hidden_act, config.precision),
        output_(scope / "output", "BertOutput", config.intermediate_size, config),
        layer_(layer) {
    adopt({&attention_, &intermediate_, &output_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const Values attention = run.call(attention_, {inputs[0]});
    run.captures().weights(layer_, attention[1]);
    if (!attention[0].present()) return {Value{}};
    return run.call(output_, {run(intermediate_, attention[0]), attention[0]});
  }

 private:
  BertAttention attention_;
  DenseActivation intermediate_;
  Output output_;
  std::int64_t layer_;
};

enum class WithPooler { no, yes };

class BertModel : public nn::Module {
 public:
  BertModel(const Scope& scope, const BertConfig& config, WithPooler with_pooler)
      : Module(scope.path(), "BertModel"),
        embeddings_(scope / "embeddings", config),
        encoder_(scope / "encoder", "BertEncoder",
                 nn::make_layers<BertLayer>(scope / "encoder", config, config.num_layers)) {
    adopt({&embeddings_, &encoder_});
    if (with_pooler == WithPooler::no) return;
    pooler_ = std::make_unique<Pooler>(scope / "pooler", config);
    adopt({pooler_.get()});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const Value hidden_states = run(encoder_, nn::first_states(embeddings_, inputs[0], run));
    if (pooler_ == nullptr || !hidden_states.present() || !run.plan().after_encoder) return {hidden_states};
    return {hidden_states, run(*pooler_, hidden_states)};
  }

  [[nodiscard]] const Tensor& word_table() const { return embeddings_.word_table(); }

 private:
  Embeddings embeddings_;
  nn::LayerStack encoder_;
  std::unique_ptr<Pooler> pooler_;
};

/// dense, activation, layer norm.
class PredictionTransform : public nn::Module {
 public:
  PredictionTransform(const Scope& scope, const BertConfig& config)
      : Module(scope.path(), "BertPredictionHeadTransform"),
        dense_(scope / "dense", config.hidden_size, config.hidden_size),
        transform_act_fn_((scope / "transform_act_fn").path(), *config.hidden_act),
        layer_norm_(scope / "LayerNorm", config.hidden_size, config.layer_norm_eps) {
    adopt({&dense_, &transform_act_fn_, &layer_norm_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    return {run(layer_norm_, linear_and_activation(dense_, transform_act_fn_, inputs[0], run))};
  }

 private:
  nn::Linear dense_;
  nn::ActivationModule transform_act_fn_;
  nn::LayerNorm layer_norm_;
};

class LmPredictionHead : public nn::Module {
 public:
  LmPredictionHead(const Scope& scope, const Tensor& word_table, const BertConfig& config)
      : Module(scope.path(), "BertLMPredictionHead"),
        transform_(scope / "transform", config),
        decoder_((scope / "decoder").path(), decoder_weight(scope, word_table, config),
                 decoder_bias(scope, config)) {
    declare("bias", decoder_.parameters().back().value());
    adopt({&transform_, &decoder_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    return {run(decoder_, run(transform_, inputs[0]))};  // [tokens, vocab_size]
  }

 private:
  // Both are tied, the weight to the word embeddings and the bias to the head's own: a file may leave either
  // out.
  static Tensor decoder_weight(const Scope& scope, const Tensor& word_table, const BertConfig& config) {
    const Scope decoder = scope / "decoder";
    if (!decoder.has("weight")) return word_table;
    return decoder.take("weight", {config.vocab_size, config.hidden_size});
  }
  static Tensor decoder_bias(const Scope& scope, const BertConfig& config) {
    const Scope decoder = scope / "decoder";
    const Shape shape{config.vocab_size};
    if (!decoder.has("bias")) return scope.take("bias", shape);
    if (scope.has("bias"))
      static_cast<void>(scope.take("bias", shape));  // its twin, which the decoder's beats
    return decoder.take("bias", shape);
  }

  PredictionTransform transform_;
  nn::Linear decoder_;
};

/// The module `cls`, which only holds its child.
class MlmHead : public nn::Module {
 public:
  MlmHead(const Scope& scope, const Tensor& word_table, const BertConfig& config)
      : Module(scope.path(), "BertOnlyMLMHead"), predictions_(scope / "predictions", word_table, config) {
    adopt({&predictions_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    return {run(predictions_, inputs[0])};
  }

 private:
  LmPredictionHead predictions_;
};

class MaskedLm : public nn::Module {
 public:
  MaskedLm(const Scope& scope, std::unique_ptr<BertModel> encoder, const BertConfig& config)
      : Module(scope.path(), "BertForMaskedLM"),
        bert_(std::move(encoder)),
        cls_(scope / "cls", bert_->word_table(), config) {
    adopt({bert_.get(), &cls_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const Values encoded = run_encoder(*bert_, inputs, run);
    if (encoded.size() == 0) return {};
    return {run(cls_, encoded[0])};
  }

 private:
  std::unique_ptr<BertModel> bert_;
  MlmHead cls_;
};

class SequenceClassification : public nn::Module {
 public:
  SequenceClassification(const Scope& scope, std::unique_ptr<nn::Module> encoder, const BertConfig& config,
                         std::int64_t labels)
      : Module(scope.path(), "BertForSequenceClassification"),
        bert_(std::move(encoder)),
        classifier_(scope / "classifier", config.hidden_size, labels) {
    adopt({bert_.get(), &classifier_});
  }

  Values forward(const Values& inputs, Execution& run) const override {
    const Values encoded = run_encoder(*bert_, inputs, run);
    if (encoded.size() < 2) return {};
    return {run(classifier_, encoded[1])};
  }

 private:
  std::unique_ptr<nn::Module> bert_;
  nn::Linear classifier_;
};

std::unique_ptr<nn::Module> make_root(const Config& file, const Weights& weights, const BertConfig& config,
                                      Task task) {
  if (task == Task::none) {
    // A file saved from a task model may have no pooler; then there is no pooler output.
    const WithPooler with_pooler = weights.has("pooler.dense.weight") ? WithPooler::yes : WithPooler::no;
    return std::make_unique<BertModel>(Scope(weights), config, with_pooler);
  }
  const Scope scope(weights, "", "bert");
  const bool pools = task == Task::sequence_classification;
  auto encoder =
      std::make_unique<BertModel>(scope / "bert", config, pools ? WithPooler::yes : WithPooler::no);
  const auto labels = [&] { return static_cast<std::int64_t>(file.labels().size()); };
  switch (task) {
    case Task::masked_lm:
      return std::make_unique<MaskedLm>(scope, std::move(encoder), config);
    case Task::sequence_classification:
      return std::make_unique<SequenceClassification>(scope, std::move(encoder), config, labels());
    case Task::token_classification:
      return nn::token_classifier(scope, "BertForTokenClassification", std::move(encoder), config.hidden_size,
                                  labels());
    default:
      return nn::question_answerer(scope, "BertForQuestionAnswering", std::move(encoder), config.hidden_size);
  }
}

LayerParts layer_parts(const std::string& layer) {
  return {.layer = layer,
          .attn = layer + ".attention.self.attn",
          .query = layer + ".attention.self.query",
          .key = layer + ".attention.self.key",
          .value = layer + ".attention.self.value",
          .output = layer + ".attention.output.dense",
          .attention_norm = layer + ".attention.output.LayerNorm",
          .up = layer + ".intermediate.dense",
          .activation = layer + ".intermediate.intermediate_act_fn",
          .down = layer + ".output.dense",
          .output_norm = layer + ".output.LayerNorm"};
}

EncoderParts make_parts(Task task, const BertConfig& config) {
  const std::string prefix = task == Task::none ? "" : "bert.";
  EncoderParts parts = common_parts(prefix, task);
  parts.activation = config.hidden_act->name;
  parts.layer_norm_eps = config.layer_norm_eps;
  const std::string transform = "cls.predictions.transform.";
  if (task == Task::masked_lm)
    parts.head = {{transform + "dense", config.hidden_act->name, transform + "LayerNorm",
                   transform + "transform_act_fn"},
                  {"cls.predictions.decoder"}};
  if (task == Task::sequence_classification)
    parts.head = {{"bert.pooler.dense", "tanh", "", "bert.pooler.activation"}, {"classifier"}};
  for (std::int64_t layer = 0; layer < config.num_layers; ++layer)
    parts.layers.push_back(layer_parts(fmt::format("{}encoder.layer.{}", prefix, layer)));
  return parts;
}

Network build(const Config& file, const Weights& weights, Task task, Precision precision) {
  const BertConfig config = read_config(file, precision);
  return {make_root(file, weights, config, task),
          config.num_layers,
          config.num_heads,
          config.hidden_size,
          config.vocab_size,
          config.max_positions,
          make_parts(task, config)};
}

}  // namespace

Family bert_family() { return {"bert", "bert", "Bert", build}; }

}  // namespace attnscope
