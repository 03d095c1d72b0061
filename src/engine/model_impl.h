// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "attnscope/model.h"
#include "engine/module_index.h"
#include "families/family.h"

namespace attnscope {

struct Model::Impl {
  ModelInfo info;
  Network network;
  ModuleIndex modules;
  std::optional<Tokenizer> tokenizer;
};

}  // namespace attnscope
