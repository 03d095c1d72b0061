// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/pretrained.h"
#include "core/json.h"

namespace attnscope {

/// config.json with checked access: an absent key gives the default, a wrong one a CheckpointError with the
/// JSON pointer (codes CFG_RANGE, CFG_VALUE, CFG_ARCH).
class Config {
 public:
  /// At most 1 MiB (else LimitError CFG_LIMIT); a byte order mark and ignored fields (auto_map, ...) give a
  /// notice.
  [[nodiscard]] static Config read(const ModelFiles& files);

  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] bool has(std::string_view key) const;
  /// An integer in low..high. Without a default the key is required.
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high) const;
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high,
                                     std::int64_t fallback) const;
  /// A finite number > 0.
  [[nodiscard]] double positive_number(std::string_view key, double fallback) const;
  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback) const;
  [[nodiscard]] bool flag(std::string_view key, bool fallback) const;
  [[nodiscard]] std::vector<std::string> architectures() const;  ///< may be empty
  /// model_type; CFG_ARCH listing `supported` if it is absent, not a string or not one of them.
  [[nodiscard]] std::string model_type(const std::vector<std::string>& supported) const;
  /// id2label in order, holes filled with LABEL_i and a notice; else num_labels, else 2 names.
  [[nodiscard]] std::vector<std::string> labels() const;
  /// CFG_RANGE for a rule that joins two keys, for example "dim 770 is not divisible by n_heads 12".
  [[noreturn]] void fail_rule(std::string_view key, const std::string& what) const;
  [[noreturn]] void fail_value(std::string_view key, const std::string& what, const std::string& hint) const;

  [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }

 private:
  std::string label_;
  JsonValue root_;
  mutable std::vector<std::string> notices_;
};

}  // namespace attnscope
