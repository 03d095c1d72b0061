// SPDX-License-Identifier: Apache-2.0
#include "attnscope/model.h"

#include <algorithm>
#include <filesystem>

#include "checkpoint/config.h"
#include "checkpoint/pretrained.h"
#include "checkpoint/scope.h"
#include "core/message.h"
#include "engine/model_impl.h"
#include "nn/product.h"
#include "tokenizer/load.h"

namespace attnscope {
namespace {

const Family& family_of(const Config& config) {
  std::vector<std::string> supported;
  for (const Family& family : families()) supported.push_back(family.model_type);
  const std::string model_type = config.model_type(supported);
  return *std::find_if(families().begin(), families().end(),
                       [&](const Family& family) { return family.model_type == model_type; });
}

std::optional<Tokenizer> tokenizer_of(const ModelFiles& files, const Network& network,
                                      const LoadOptions& options) {
  if (!files.has("tokenizer.json") && !files.has("vocab.txt")) return std::nullopt;
  const FileDisagreement disagreement =
      options.strict_tokenizer ? FileDisagreement::refuse : FileDisagreement::notice;
  Tokenizer tokenizer = load_tokenizer(files, disagreement);
  if (tokenizer.id_limit() > network.vocab_size)
    throw CheckpointError(problem(ErrorKind::input, "TOK_ROWS", files.label("config.json"))
                              .field("/vocab_size")
                              .found("the tokenizer has ids up to {}, the embedding has {} rows",
                                     tokenizer.id_limit() - 1, network.vocab_size)
                              .hint("take tokenizer and weights from the same model"));
  return tokenizer;
}

Weights weights_of(const ModelFiles& files, const std::string& base_prefix, const Config& config) {
  if (const auto* tensors = files.tensors()) return {*tensors, files.source(), base_prefix, config.label()};
  return {files.weights(), base_prefix, config.label()};
}

std::string unused_notice(const std::vector<std::string>& unused) {
  std::vector<std::string> shown(
      unused.begin(), unused.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, unused.size())));
  return fmt::format("{} tensors of the checkpoint are not used by this class: {}{}", unused.size(),
                     fmt::join(shown, ", "), unused.size() > shown.size() ? ", ..." : "");
}

void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

bool has_labels(Task task) {
  return task == Task::sequence_classification || task == Task::token_classification;
}

ModelInfo describe(const ModelFiles& files, const Family& family, Task task, const Config& config,
                   const Network& network, const Weights& weights) {
  ModelInfo info;
  info.source = files.source();
  info.directory = files.directory();
  info.model_type = family.model_type;
  info.architecture = class_name(family, task);
  info.task = task;
  info.num_layers = network.num_layers;
  info.num_heads = network.num_heads;
  info.hidden_size = network.hidden_size;
  info.vocab_size = network.vocab_size;
  info.max_positions = network.max_positions;
  info.num_parameters = weights.num_parameters();
  if (has_labels(task)) info.labels = config.labels();
  return info;
}

Model build_model(const ModelFiles& files, const LoadOptions& options) {
  const Config config = Config::read(files);
  const Family& family = family_of(config);
  std::vector<std::string> notices;
  const Task task = options.task.value_or(task_of(family, config.architectures(), notices));
  const Weights weights = weights_of(files, family.base_prefix + ".", config);
  if (options.check_finite) weights.check_finite();
  Network network = family.build(config, weights, task, options.precision);
  weights.check_complete();

  ModelInfo info = describe(files, family, task, config, network, weights);
  info.precision = options.precision;
  std::optional<Tokenizer> tokenizer = tokenizer_of(files, network, options);
  info.unused_tensors = weights.unused();
  if (!info.unused_tensors.empty()) notices.push_back(unused_notice(info.unused_tensors));
  append(notices, config.notices());
  if (options.precision == Precision::bf16 && !nn::has_bf16_products())
    notices.push_back("bf16 is not faster here: this processor multiplies it as rounded fp32");
  if (tokenizer.has_value()) append(notices, tokenizer->notices());
  info.notices = std::move(notices);
  ModuleIndex modules(*network.root, family.base_prefix, network.num_layers);
  return Model(std::make_shared<const Model::Impl>(
      Model::Impl{std::move(info), std::move(network), std::move(modules), std::move(tokenizer)}));
}

// A model has no files but those below its directory.
bool leads_outside(const std::string& name) {
  const std::filesystem::path path(name);
  return path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
}

}  // namespace

std::optional<std::string> read_model_file(const std::string& source, const std::string& name) {
  constexpr std::size_t kMaxBytes = std::size_t{256} << 20;
  const ModelFiles files = ModelFiles::locate(source);
  if (leads_outside(name) || !files.has(name)) return std::nullopt;
  return files.text(name, kMaxBytes);
}

Model Model::load(const std::string& source, const LoadOptions& options) {
  return build_model(ModelFiles::locate(source), options);
}

Model Model::from_memory(const ModelParts& parts, const LoadOptions& options) {
  return build_model(ModelFiles::from_memory(parts.files, parts.label, parts.tensors), options);
}

const ModelInfo& Model::info() const { return impl_->info; }

const Tokenizer& Model::tokenizer() const {
  if (!impl_->tokenizer.has_value())
    throw CheckpointError(
        problem(ErrorKind::input, "TOK_MISSING", impl_->info.source)
            .found("no tokenizer.json and no vocab.txt")
            .hint("copy the tokenizer's files into the directory, or give ids instead of text"));
  return *impl_->tokenizer;
}

const std::vector<ModuleInfo>& Model::modules() const { return impl_->modules.infos(); }

const EncoderParts& Model::parts() const { return impl_->network.parts; }

const ModuleInfo& Model::module(std::string_view path) const {
  return impl_->modules.infos()[impl_->modules.find(path)];
}

Captures Model::run(const std::string& text, const Request& request) const {
  return Run(*this)(text, request);
}

Captures Model::run(const std::vector<Encoding>& texts, const Request& request) const {
  return Run(*this)(texts, request);
}

}  // namespace attnscope
