// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "attnscope/probe.h"
#include "core/message.h"

namespace attnscope {

MeanContexts::MeanContexts(const Model& model) : model_(model) {
  const ModelInfo& info = model.info();
  sums_.resize(static_cast<std::size_t>(info.num_layers * info.hidden_size));
}

void MeanContexts::add(Run& run, const std::vector<Sequence>& texts) {
  const std::vector<LayerParts>& layers = model_.parts().layers;
  const std::int64_t width = model_.info().hidden_size;
  std::vector<HookHandle> handles;
  for (std::size_t layer = 0; layer < layers.size(); ++layer)
    handles.push_back(run.register_forward_pre_hook(layers[layer].output, [&, layer](HookEvent& event) {
      double* sums = sums_.data() + static_cast<std::int64_t>(layer) * width;
      for (std::int64_t text = 0; text < event.num_texts(); ++text) {
        const TensorView contexts = event.input(0).text(text);  // [n, width]
        for (std::int64_t i = 0; i < contexts.count(); ++i)
          sums[i % width] += static_cast<double>(contexts.f32()[i]);
      }
    }));
  Request request;
  request.last_hidden_state = true;
  for (const TextCapture& text : run(texts, request).texts) num_tokens_ += text.last_hidden_state.size(0);
}

Tensor MeanContexts::value() const {
  if (num_tokens_ == 0)
    throw InvalidArgument(problem(ErrorKind::usage, "NO_TEXT", "mean contexts")
                              .found("no text was added")
                              .hint("call add() first"));
  const ModelInfo& info = model_.info();
  Tensor means({info.num_layers, info.num_heads, info.hidden_size / info.num_heads});
  std::transform(sums_.begin(), sums_.end(), means.mutable_view().f32(),
                 [this](double sum) { return static_cast<float>(sum / static_cast<double>(num_tokens_)); });
  return means;
}

}  // namespace attnscope
