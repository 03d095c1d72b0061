// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/checkpoint.h"

namespace attnscope {

/// The files of a model: a directory, the embedded model, or a snapshot in the local hub cache.
/// Shared by the tokenizer and the weights.
class ModelFiles {
 public:
  /// `source`: an existing directory, "builtin:demo", or "owner/name" (or "name") looked up in the hub cache:
  /// $HF_HUB_CACHE, else $HF_HOME/hub, else $XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub;
  /// models--owner--name/refs/main names the snapshot.
  /// Throws:  StorageError or HubError that says where was looked and what to do.
  [[nodiscard]] static ModelFiles locate(const std::string& source);
  /// Texts by name, without weights; `label` stands for the directory in messages.
  [[nodiscard]] static ModelFiles from_memory(std::map<std::string, std::string> files, std::string label);

  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] const std::string& directory() const { return directory_; }  ///< empty if embedded
  [[nodiscard]] bool has(const std::string& name) const;
  /// Text of a small file. Throws StorageError if absent, LimitError over `limit_bytes`.
  [[nodiscard]] std::string text(const std::string& name, std::size_t limit_bytes) const;
  /// How errors call the file: "DIR/config.json" or "builtin:demo/config.json".
  [[nodiscard]] std::string label(const std::string& name) const;
  /// model.safetensors, or the shards that model.safetensors.index.json names (rows 24-28 of the bad inputs:
  /// INDEX_* codes, PICKLE_REFUSED with a conversion hint if there is only pytorch_model.bin).
  [[nodiscard]] std::vector<SafetensorsFile> weights() const;

 private:
  std::string source_;
  std::string directory_;
  bool embedded_ = false;
  std::optional<std::map<std::string, std::string>> texts_;  ///< of from_memory
  bool immutable_ = false;                                   ///< hub cache: files may be mapped
};

}  // namespace attnscope
