// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"

namespace attnscope {

constexpr std::int64_t kMaxLabels = 1'000'000;

/// Names of a classifier's outputs, in the order of their ids.
struct LabelTable {
  std::vector<std::string> names;
  std::int64_t holes = 0;  // ids without a name, filled with LABEL_i
};

/// LABEL_0, LABEL_1, ..., as transformers calls them.
[[nodiscard]] std::vector<std::string> default_labels(std::int64_t count);

/// Called with code, JSON pointer and message; has to throw.
using RefuseLabel = std::function<void(const char* code, const std::string& where, const std::string& what)>;

/// Reads id2label: an object whose keys are integers and whose values are names.
[[nodiscard]] LabelTable read_labels(const JsonValue& id2label, const RefuseLabel& refuse);

}  // namespace attnscope
