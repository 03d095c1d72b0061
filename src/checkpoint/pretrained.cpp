// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/pretrained.h"

#include <filesystem>

#include "attnscope/error.h"
#include "checkpoint/embedded.h"
#include "checkpoint/hub_cache.h"
#include "checkpoint/shards.h"
#include "checkpoint/shown.h"
#include "core/files.h"
#include "core/message.h"

namespace attnscope {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBuiltin = "builtin:";
constexpr const char* kWeights = "model.safetensors";

bool looks_like_a_path(const std::string& source) {
  return source.starts_with('/') || source.starts_with("./") || source.starts_with("../") ||
         source.starts_with('~') || source == "." || source == "..";
}

[[noreturn]] void refuse(const char* code, const std::string& file, const std::string& what,
                         const std::string& hint) {
  throw StorageError(problem(ErrorKind::input, code, file).found("{}", what).hint("{}", hint));
}

void check_embedded(const std::string& source) {
  if (source != "builtin:demo")
    throw InvalidArgument(problem(ErrorKind::usage, "MODEL_NAME", shown(source))
                              .found("no such embedded model, expected builtin:demo"));
  if (find_embedded_file("config.json") == nullptr || find_embedded_file(kWeights) == nullptr)
    refuse("MODEL_MISSING", source, "this build has no embedded model",
           "build from a source tree that has data/demo-ner, or give the path of a model directory");
}

// A pickle can run any program while it is read; the way around is one conversion by its owner.
[[noreturn]] void refuse_pickle(const std::string& label) {
  throw CheckpointError(
      problem(ErrorKind::input, "PICKLE_REFUSED", label)
          .found("a pickle, which may run code when it is read; expected {}", kWeights)
          .hint("if you trust it, convert it once in Python:\n"
                "  import torch; from safetensors.torch import save_file\n"
                "  state = torch.load('pytorch_model.bin', map_location='cpu', weights_only=True)\n"
                "  save_file({{name: t.clone().contiguous() for name, t in state.items()}}, '{}')",
                kWeights));
}

}  // namespace

ModelFiles ModelFiles::locate(const std::string& source) {
  ModelFiles files;
  files.source_ = source;
  std::error_code ignored;
  if (source.find('\0') != source.npos) {
    refuse("MODEL_MISSING", shown(source), "a path cannot hold a NUL byte", "");
  } else if (source.starts_with(kBuiltin)) {
    check_embedded(source);
    files.embedded_ = true;
  } else if (fs::is_directory(source, ignored)) {
    files.directory_ = source;
  } else if (fs::exists(source, ignored)) {
    refuse("MODEL_KIND", shown(source),
           "is a file, expected the directory that holds config.json and the weights", "");
  } else if (looks_like_a_path(source)) {
    refuse("MODEL_MISSING", shown(source), "no such directory", "give the directory that holds config.json");
  } else {
    files.directory_ = find_in_hub_cache(source);
    files.immutable_ = true;
  }
  return files;
}

ModelFiles ModelFiles::from_memory(std::map<std::string, std::string> files, std::string label,
                                   std::map<std::string, Tensor> tensors) {
  ModelFiles result;
  result.source_ = std::move(label);
  result.memory_ = std::make_shared<const Memory>(Memory{std::move(files), std::move(tensors)});
  return result;
}

bool ModelFiles::has(const std::string& name) const {
  if (memory_ != nullptr) return memory_->files.contains(name);
  if (embedded_) return find_embedded_file(name) != nullptr;
  std::error_code ignored;  // a link that leads nowhere counts: opening it says what is wrong with it
  return fs::exists(fs::symlink_status(fs::path(directory_) / name, ignored));
}

std::string ModelFiles::text(const std::string& name, std::size_t limit_bytes) const {
  if (memory_ != nullptr) return text_in_memory(name, limit_bytes);
  if (!embedded_) return read_text_file(label(name), limit_bytes);
  const EmbeddedFile* file = find_embedded_file(name);
  if (file == nullptr) refuse("FILE_OPEN", label(name), "the embedded model has no such file", "");
  return {reinterpret_cast<const char*>(file->data), file->size_bytes};
}

std::string ModelFiles::text_in_memory(const std::string& name, std::size_t limit_bytes) const {
  const auto file = memory_->files.find(name);
  if (file == memory_->files.end()) refuse("FILE_OPEN", label(name), "the model has no such file", "");
  check_file_limit(label(name), file->second.size(), limit_bytes);
  return file->second;
}

std::string ModelFiles::label(const std::string& name) const {
  const bool in_directory = !embedded_ && memory_ == nullptr;
  return in_directory ? (fs::path(directory_) / name).string() : source_ + "/" + name;
}

std::vector<SafetensorsFile> ModelFiles::weights() const {
  if (memory_ != nullptr) return {};
  if (embedded_) {
    const EmbeddedFile* file = find_embedded_file(kWeights);
    return {SafetensorsFile::from_memory(nullptr, file->data, file->size_bytes, label(kWeights))};
  }
  const Sharing sharing = immutable_ ? Sharing::nobody : Sharing::anybody;
  if (has(kWeights)) return {open_weights(label(kWeights), sharing)};
  if (has("model.safetensors.index.json")) return open_shards(directory_, sharing);
  for (const char* pickle : {"pytorch_model.bin", "pytorch_model.bin.index.json"})
    if (has(pickle)) refuse_pickle(label(pickle));
  refuse("WEIGHTS_MISSING", directory_, "no model.safetensors and no model.safetensors.index.json",
         "fetch the whole model again");
}

}  // namespace attnscope
