// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attnscope/encoder_parts.h"
#include "attnscope/hooks.h"
#include "attnscope/speed.h"
#include "attnscope/tensor.h"
#include "attnscope/tokenizer.h"

namespace attnscope {

/// The head that a checkpoint carries on top of the encoder.
enum class Task { none, masked_lm, sequence_classification, token_classification, question_answering };

/// What the matrix products of the encoder's layers (query, key, value, output, feed-forward) are computed
/// with. All else is fp32 in both: embeddings, layer norm, activation, softmax, context, pooler, task heads
/// and every result.
enum class Precision {
  fp32,
  bf16  ///< their weights and inputs rounded to bf16, to nearest with ties to even; sums and results fp32
};
/// "fp32", "bf16".
[[nodiscard]] const char* name(Precision precision);

struct ModelInfo {
  std::string source;        ///< as given to Model::load
  std::string directory;     ///< where the files are; empty for the embedded model
  std::string model_type;    ///< "distilbert", "bert"
  std::string architecture;  ///< "DistilBertForTokenClassification"
  Task task = Task::none;
  Precision precision = Precision::fp32;
  std::int64_t num_layers = 0;
  std::int64_t num_heads = 0;
  std::int64_t hidden_size = 0;
  std::int64_t vocab_size = 0;
  std::int64_t max_positions = 0;
  std::int64_t num_parameters = 0;
  std::vector<std::string> labels;          ///< id2label in order; empty if the task has none
  std::vector<std::string> unused_tensors;  ///< of the checkpoint, that this class does not take; sorted
  std::vector<std::string> notices;         ///< things worth telling the user
};

struct ParameterInfo {
  std::string name;  ///< "weight", "bias"
  Shape shape;
  /// F32: the checkpoint's memory as long as anybody holds it. A weight that runs have packed for the matrix
  /// product is unpacked by each call, to the same bits. Any thread may call it, also after the model is
  /// gone.
  std::function<Tensor()> value;
  /// The same for parameters that are one (a decoder tied to the embeddings), also in copies of the model;
  /// not to be read through.
  const void* identity = nullptr;
};

struct ModuleInfo {
  std::string path;  ///< as in Hugging Face's named_modules(); "" is the model itself
  std::string type;  ///< Hugging Face's class name
  std::vector<ParameterInfo> parameters;
};

/// Ids of one text. Empty token_type_ids mean zeros, empty position_ids mean 0..n-1.
struct Sequence {
  std::vector<std::int64_t> input_ids;
  std::vector<std::int64_t> token_type_ids = {};
  std::vector<std::int64_t> position_ids = {};
  /// Rows in place of the word embeddings of input_ids, which may then be empty: F32 [n, hidden_size].
  /// One run takes them for all of its texts or for none.
  Tensor inputs_embeds = {};
  /// The last so many tokens attend to the others and are attended to by none, not even by themselves: their
  /// columns of the weights are 0. For padding whose own row is read.
  std::int64_t num_unattended = 0;
  std::int64_t pooled_token = 0;  ///< the token that a pooler or a sequence classifier reads
  /// With Request::from_layer: the contexts of that layer's heads side by side, F32 [n, hidden_size], instead
  /// of computing its attention, which then has no weights. All texts of a run have them or none.
  Tensor contexts = {};
};

enum class Reduce { none, mean, max };

/// A number for each row of attention weights p, that is for each query, layer and head.
enum class Statistic {
  entropy,      ///< -sum p ln p, in nats
  max,          ///< the largest weight
  distance,     ///< sum p |query - key|, in tokens
  self,         ///< weight on the token itself
  previous,     ///< on the token before; 0 for the first
  next,         ///< on the token behind; 0 for the last
  cls,          ///< on all [CLS] (the first special token of the tokenizer)
  sep,          ///< on all [SEP]
  punctuation,  ///< on all tokens that are punctuation
};
[[nodiscard]] const char* name(Statistic statistic);  ///< "entropy", ...
/// All of them, in this order.
[[nodiscard]] const std::vector<Statistic>& all_statistics();

/// What to compute. Work that nothing in it needs (and no hook sees) is not done.
///
/// Example:
///   Request request = Request::attentions();
///   request.layers = {{1}};
///   request.reduce = Reduce::mean;
struct Request {
  bool weights = false;  ///< attention weights
  /// Layers and heads of the weights, in the order given; absent: all.
  std::optional<std::vector<std::int64_t>> layers = std::nullopt;
  std::optional<std::vector<std::int64_t>> heads = std::nullopt;
  Reduce reduce = Reduce::none;  ///< of the weights, over the chosen heads
  /// Query rows of weights and statistics, in the order given: positions in each text, negative ones from its
  /// end. Absent: all.
  std::optional<std::vector<std::int64_t>> rows = std::nullopt;
  /// Of the chosen layers, heads and rows, without storing weights. cls, sep and punctuation need a
  /// tokenizer.
  std::vector<Statistic> statistics = {};
  bool received = false;      ///< for each key the sum of its weights over the chosen rows
  std::int64_t top_keys = 0;  ///< so many largest weights of each row, and their keys
  /// Keep queries and keys of the chosen layers and heads, from which WeightsOnDemand makes weights later:
  /// 2 head_dim floats a token and head instead of n. Not with `rows`.
  bool on_demand = false;
  /// Memory of the caller for the weights [rows, n] of one head of one text, in place of Captures, whose
  /// `attentions` stay empty; layer and head count within `layers` and `heads` (head 0 when reduced).
  /// Called on any thread of the run.
  std::function<float*(std::int64_t layer, std::int64_t text, std::int64_t head)> weights_memory = nullptr;
  /// Start at this layer: inputs_embeds of every text are the hidden states that it receives. Embeddings and
  /// the layers before do not run, and hooks on them do not fire. Not with `hidden_states`.
  std::optional<std::int64_t> from_layer = std::nullopt;
  bool hidden_states = false;  ///< of the embeddings and of every layer
  bool last_hidden_state = false;
  bool pooler_output = false;  ///< BERT checkpoints that have a pooler
  bool logits = false;         ///< of the task head, if there is one

  /// Attention weights and nothing else.
  [[nodiscard]] static Request attentions();
  /// What Hugging Face's `model(**inputs)` returns: last hidden state (no head) or logits (head).
  [[nodiscard]] static Request outputs();
};

/// Queries and keys of one text, from which its attention weights are made when they are asked for, with the
/// bits that the run would have given. Weights that a hook replaced are not in it.
///
/// Example:
///   Request keep;
///   keep.on_demand = true;
///   const Captures kept = Model::load().run("This is a simple example sentence.", keep);
///   const Tensor map = kept.texts[0].on_demand.weights(2, 5);  // layer 2, head 5: [9, 9]
class WeightsOnDemand {
 public:
  WeightsOnDemand() = default;
  [[nodiscard]] bool empty() const { return states_.empty(); }
  [[nodiscard]] const std::vector<std::int64_t>& layers() const { return layers_; }
  [[nodiscard]] const std::vector<std::int64_t>& heads() const { return heads_; }
  [[nodiscard]] std::int64_t num_tokens() const { return empty() ? 0 : states_.size(3); }
  /// [n, n] of one layer and head of the model; of some rows [rows, n].
  /// Throws:  InvalidArgument (RANGE) for a layer, head or row that was not kept or does not exist.
  /// Cost:    2 rows n head_dim operations; any thread.
  [[nodiscard]] Tensor weights(std::int64_t layer, std::int64_t head) const;
  [[nodiscard]] Tensor weights(std::int64_t layer, std::int64_t head,
                               const std::vector<std::int64_t>& rows) const;

 private:
  friend class AttentionCaptures;
  std::vector<std::int64_t> layers_;
  std::vector<std::int64_t> heads_;
  Tensor states_;  // [layers, heads, 2 (query, key), n, head_dim]
  std::int64_t num_keys_ = 0;
};

/// What was computed for one text of n tokens; what was not asked for is an empty() Tensor.
struct TextCapture {
  Tensor attentions;   ///< [layers, heads, rows, n]; [layers, rows, n] when reduced; rows = n unless chosen
  Tensor statistics;   ///< [statistics, layers, heads, rows]
  Tensor received;     ///< [layers, heads, n]
  Tensor top_weights;  ///< [layers, heads, rows, k], largest first; k is at most n
  Tensor top_keys;     ///< I64, as top_weights
  WeightsOnDemand on_demand;
  Tensor hidden_states;      ///< [num_layers + 1, n, hidden_size]
  Tensor last_hidden_state;  ///< [n, hidden_size]
  Tensor pooler_output;      ///< [hidden_size]
  Tensor logits;  ///< masked lm [n, vocab], token classification [n, labels], sequence classification
                  ///< [labels], question answering [n, 2] (start, end)
  std::vector<std::string> notices;  ///< NaN or infinite values: never emitted without a word
};

struct Captures {
  std::vector<std::int64_t> layers;   ///< of the attention
  std::vector<std::int64_t> heads;    ///< of the attention; those reduced over, when reduced
  std::vector<Statistic> statistics;  ///< as in the request
  std::vector<TextCapture> texts;     ///< in the order of the inputs
};

struct LoadOptions {
  /// The class to load; absent: what config.json's `architectures` says. Task::none is the bare encoder.
  std::optional<Task> task = std::nullopt;
  Precision precision = Precision::fp32;
  /// Refuse weights that are NaN or infinite (CheckpointError NOT_FINITE names the tensor and the index).
  bool check_finite = false;
  /// Refuse a tokenizer.json and a vocab.txt that disagree (TOK_DISAGREE); otherwise a notice tells.
  bool strict_tokenizer = false;
};

/// A model directory in memory: the files' texts by name and the weights by their checkpoint names.
struct ModelParts {
  std::string label = "memory";  ///< stands for the directory in messages
  /// "config.json", and "tokenizer.json" or "vocab.txt", "tokenizer_config.json" if there is a tokenizer.
  std::map<std::string, std::string> files;
  std::map<std::string, Tensor> tensors;  ///< F32 ones are used where they are, F16 and BF16 are converted
};

/// Text of a small file of a model ("config.json"); nothing if the model has no such file.
/// `source` as for Model::load.
[[nodiscard]] std::optional<std::string> read_model_file(const std::string& source, const std::string& name);

class Run;

/// A loaded checkpoint: immutable, cheap to copy, shared by threads.
///
/// Example:
///   const auto model = attnscope::Model::load("builtin:demo");
///   const auto captures = model.run("This is a simple example sentence.", Request::attentions());
class Model {
 public:
  /// `source`: a directory with config.json and model.safetensors (or shards), "builtin:demo", or a
  /// hub id ("owner/name") in the local Hugging Face cache.
  /// Throws:  CheckpointError, UnsupportedModel, StorageError, LimitError, HubError.
  [[nodiscard]] static Model load(const std::string& source = "builtin:demo",
                                  const LoadOptions& options = {});
  /// The same from memory, for weights that another program has loaded.
  /// Throws:  as load.
  [[nodiscard]] static Model from_memory(const ModelParts& parts, const LoadOptions& options = {});

  [[nodiscard]] const ModelInfo& info() const;
  /// Throws CheckpointError if the directory has no tokenizer files.
  [[nodiscard]] const Tokenizer& tokenizer() const;
  /// Every module in Hugging Face's order, dropout left out, `attn` leaves added.
  [[nodiscard]] const std::vector<ModuleInfo>& modules() const;
  /// The base model's path without the task's prefix is accepted.
  /// Throws:  HookError (HOOK_PATH) that lists the nearest paths.
  [[nodiscard]] const ModuleInfo& module(std::string_view path) const;

  /// Where query, key, value and the other parts of the layers and of the task head stand.
  [[nodiscard]] const EncoderParts& parts() const;

  /// One-off runs without hooks.
  [[nodiscard]] Captures run(const std::string& text, const Request& request) const;
  [[nodiscard]] Captures run(const std::vector<Encoding>& texts, const Request& request) const;

  struct Impl;  // private to the library
  explicit Model(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  friend class Run;
  std::shared_ptr<const Impl> impl_;
};

struct RunOptions {
  int threads = 0;  ///< 0: OpenMP's choice (OMP_NUM_THREADS, else every core)
  /// Called on the thread of the run every 20 ms or so, also within long layers. What it throws ends the run
  /// and reaches the caller; the run can be used again.
  std::function<void()> poll = nullptr;
  bool measure_times = false;  ///< for Run::times
};

/// Runs a model and holds what changes: hooks and working memory. One per thread.
///
/// Example:
///   attnscope::Run run(model);
///   auto handle = run.register_forward_hook("transformer.layer.1.attention.attn",
///       [&](HookEvent& event) { weights.push_back(event.output(0).own()); });
///   run("This is a simple example sentence.");
class Run {
 public:
  /// Throws:  InvalidArgument (RANGE) for a negative number of threads.
  explicit Run(const Model& model, const RunOptions& options = {});
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();

  [[nodiscard]] Model model() const;
  [[nodiscard]] const RunOptions& options() const;

  /// Uninitialised F32 memory, which the run takes back when the last tensor on it is gone: large results of
  /// one call after another then cost no fresh pages.
  [[nodiscard]] Tensor memory(const Shape& shape);
  /// Where the time of the calls since the last reset went; zeros unless RunOptions::measure_times.
  [[nodiscard]] RunTimes times() const;
  void reset_times();
  /// Another run of the same model with the same hooks, for another thread: a hook that is added or removed
  /// through one is added or removed for both.
  [[nodiscard]] Run sibling() const;
  /// Another run of the same model that starts with the hooks that are set now; what is added or removed
  /// later through one does not change the other.
  [[nodiscard]] Run fork() const;
  /// For the calls to come. Results have the same bits whatever the number.
  /// Throws:  InvalidArgument (RANGE) for a negative number.
  void set_threads(int threads);

  /// `path` is a module path or a pattern: `*` is any part of one name, `**` also crosses dots.
  /// Hooks fire in the order of registration; the list is fixed when it starts to fire.
  /// Throws:  HookError: HOOK_PATH if nothing matches, HOOK_DROPOUT for dropout, with the reason;
  ///          LimitError (HOOK_LIMIT) for more than 100,000 hooks in one run.
  HookHandle register_forward_pre_hook(std::string_view path, Hook hook, const HookOptions& options = {});
  HookHandle register_forward_hook(std::string_view path, Hook hook, const HookOptions& options = {});
  HookHandle register_forward_pre_hook(const ModuleInfo& module, Hook hook, const HookOptions& options = {});
  HookHandle register_forward_hook(const ModuleInfo& module, Hook hook, const HookOptions& options = {});

  /// Throws:  TextError (TEXT_TOO_LONG), InvalidArgument (ids, layers or heads out of range), HookError,
  ///          and whatever a hook throws; the run can be used again afterwards.
  Captures operator()(const std::vector<Sequence>& texts, const Request& request = Request::outputs());
  Captures operator()(const std::vector<Encoding>& texts, const Request& request = Request::outputs());
  Captures operator()(const std::vector<std::string>& texts, const Request& request = Request::outputs());
  Captures operator()(const std::string& text, const Request& request = Request::outputs());

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace attnscope
