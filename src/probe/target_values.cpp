// SPDX-License-Identifier: Apache-2.0
#include "probe/target_values.h"

#include <algorithm>

namespace attnscope {
namespace {

constexpr std::int64_t kTokensAtOnce = 1024;

// Where the batch that starts at `first` ends.
std::size_t end_of_batch(const std::vector<Sequence>& texts, std::size_t first) {
  std::int64_t tokens = num_tokens(texts[first]);
  std::size_t last = first + 1;
  while (last < texts.size() && tokens + num_tokens(texts[last]) <= kTokensAtOnce)
    tokens += num_tokens(texts[last++]);
  return last;
}

}  // namespace

std::int64_t texts_at_once(std::int64_t num_tokens) {
  return std::max<std::int64_t>(1, kTokensAtOnce / std::max<std::int64_t>(1, num_tokens));
}

std::int64_t num_tokens(const Sequence& text) {
  return text.inputs_embeds.empty() ? static_cast<std::int64_t>(text.input_ids.size())
                                    : text.inputs_embeds.size(0);
}

std::vector<double> target_values(Run& run, const std::vector<Sequence>& texts,
                                  const std::vector<Target>& targets) {
  Request request;
  request.logits = true;
  std::vector<double> values;
  for (std::size_t first = 0; first < texts.size();) {
    const std::size_t last = end_of_batch(texts, first);
    const auto at = [&](std::size_t index) { return texts.begin() + static_cast<std::ptrdiff_t>(index); };
    for (const TextCapture& text : run(std::vector<Sequence>(at(first), at(last)), request).texts)
      values.push_back(target_value(text.logits.view(), targets[values.size()]));
    first = last;
  }
  return values;
}

double target_value(Run& run, const Sequence& text, const Target& target) {
  return target_values(run, {text}, {target})[0];
}

}  // namespace attnscope
