// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/checkpoint.h"

namespace attnscope {

/// The files of a model: a directory, the embedded model, a snapshot in the local hub cache, or memory.
/// Shared by the tokenizer and the weights.
class ModelFiles {
 public:
  /// `source`: an existing directory, "builtin:demo", or "owner/name" (or "name") looked up in the hub cache:
  /// $HF_HUB_CACHE, else $HF_HOME/hub, else $XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub;
  /// models--owner--name/refs/main names the snapshot.
  /// Throws:  StorageError or HubError that says where was looked and what to do.
  [[nodiscard]] static ModelFiles locate(const std::string& source);

  /// Texts by file name, and weights by their checkpoint names; `label` stands for the directory in messages.
  [[nodiscard]] static ModelFiles from_memory(std::map<std::string, std::string> files, std::string label,
                                              std::map<std::string, Tensor> tensors = {});

  [[nodiscard]] const std::string& source() const { return source_; }
  /// Empty if embedded or in memory.
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] bool has(const std::string& name) const;
  /// Text of a small file. Throws StorageError if absent, LimitError over `limit_bytes`.
  [[nodiscard]] std::string text(const std::string& name, std::size_t limit_bytes) const;
  /// How errors call the file: "DIR/config.json" or "builtin:demo/config.json".
  [[nodiscard]] std::string label(const std::string& name) const;
  /// model.safetensors, or the shards that model.safetensors.index.json names (rows 24-28 of the bad inputs:
  /// INDEX_* codes, PICKLE_REFUSED with a conversion hint if there is only pytorch_model.bin).
  /// None if in memory: see tensors().
  [[nodiscard]] std::vector<SafetensorsFile> weights() const;
  /// The weights of a model in memory; null for others.
  [[nodiscard]] const std::map<std::string, Tensor>* tensors() const {
    return memory_ == nullptr ? nullptr : &memory_->tensors;
  }

 private:
  struct Memory {
    std::map<std::string, std::string> files;
    std::map<std::string, Tensor> tensors;
  };
  [[nodiscard]] std::string text_in_memory(const std::string& name, std::size_t limit_bytes) const;

  std::string source_;
  std::string directory_;
  bool embedded_ = false;
  bool immutable_ = false;  ///< hub cache: files may be mapped
  std::shared_ptr<const Memory> memory_;
};

}  // namespace attnscope
