// SPDX-License-Identifier: Apache-2.0
#include "call.h"

#include <utility>
#include <vector>

namespace attnscope::python {
namespace {

thread_local const Call* current_call = nullptr;

}  // namespace

Call::Call(const PaddedLayout* layout, const CallOptions& the_options)
    : options(the_options), layout_(layout), outer_(current_call) {
  current_call = this;
}

Call::~Call() { current_call = outer_; }

std::shared_ptr<const PaddedLayout> Call::layout_of(const HookEvent& event) const {
  if (layout_ != nullptr) return {std::shared_ptr<const void>(), layout_};  // kept by the call itself
  std::vector<Sequence> texts(static_cast<std::size_t>(event.num_texts()));
  for (std::size_t i = 0; i < texts.size(); ++i)
    texts[i].input_ids.resize(static_cast<std::size_t>(event.seq_len(static_cast<std::int64_t>(i))));
  return std::make_shared<const PaddedLayout>(std::move(texts));
}

const Call* Call::current() { return current_call; }

}  // namespace attnscope::python
