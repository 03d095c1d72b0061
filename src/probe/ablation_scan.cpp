// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "attnscope/probe.h"
#include "core/message.h"

namespace attnscope {
namespace {

/// What the layers of one run saw of one text.
struct Recorded {
  Tensor logits;
  std::vector<Tensor> inputs;    // of each layer [n, hidden_size]
  std::vector<Tensor> contexts;  // of each layer [n, heads * head_dim]
  std::vector<Tensor> values;    // of each layer [n, heads * head_dim], with Ablation::uniform
};

HookHandle keep_input(Run& run, const std::string& path, Tensor& kept) {
  return run.register_forward_pre_hook(path,
                                       [&kept](HookEvent& event) { kept = event.input(0).text(0).own(); });
}

Recorded record(Run& run, const Sequence& text, Ablation ablation) {
  const Model model = run.model();
  const std::vector<LayerParts>& layers = model.parts().layers;
  Recorded recorded;
  recorded.inputs.resize(layers.size());
  recorded.contexts.resize(layers.size());
  recorded.values.resize(layers.size());
  std::vector<HookHandle> handles;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    handles.push_back(keep_input(run, layers[layer].layer, recorded.inputs[layer]));
    handles.push_back(keep_input(run, layers[layer].output, recorded.contexts[layer]));
    if (ablation == Ablation::uniform)
      handles.push_back(run.register_forward_hook(
          layers[layer].value,
          [&kept = recorded.values[layer]](HookEvent& event) { kept = event.output(0).text(0).own(); }));
  }
  Request request;
  request.logits = true;
  recorded.logits = run(std::vector<Sequence>{text}, request).texts[0].logits;
  return recorded;
}

// Mean of the first `count` rows: [width].
std::vector<float> mean_row(const Tensor& rows, std::int64_t count) {
  const std::int64_t width = rows.size(1);
  std::vector<double> sums(static_cast<std::size_t>(width));
  for (std::int64_t row = 0; row < count; ++row)
    for (std::int64_t column = 0; column < width; ++column)
      sums[static_cast<std::size_t>(column)] += static_cast<double>(rows.f32()[row * width + column]);
  std::vector<float> means(sums.size());
  std::transform(sums.begin(), sums.end(), means.begin(),
                 [count](double sum) { return static_cast<float>(sum / static_cast<double>(count)); });
  return means;
}

// What takes the place of the contexts of all heads of a layer: [heads * head_dim].
std::vector<float> replacement(const ScanOptions& options, const Recorded& recorded, const Sequence& text,
                               std::int64_t layer, std::int64_t width) {
  const auto index = static_cast<std::size_t>(layer);
  switch (options.ablation) {
    case Ablation::zero:
      return std::vector<float>(static_cast<std::size_t>(width));
    case Ablation::uniform: {
      const Tensor& values = recorded.values[index];
      return mean_row(values, values.size(0) - text.num_unattended);
    }
    default:
      break;
  }
  if (options.means.empty()) return mean_row(recorded.contexts[index], recorded.contexts[index].size(0));
  const float* first = options.means.f32() + layer * width;
  return {first, first + width};
}

/// Heads of one layer that are ablated in one run, one a text.
struct HeadBatch {
  std::int64_t layer;
  std::int64_t first_head;
  std::int64_t count;
};

// The contexts with the replacement in the columns of one head, in all rows.
Tensor ablated(const Tensor& contexts, std::int64_t head, std::int64_t head_dim,
               const std::vector<float>& means) {
  Tensor result = contexts.view().own();
  const std::int64_t width = result.size(1);
  for (std::int64_t row = 0; row < result.size(0); ++row)
    std::copy_n(means.data() + head * head_dim, head_dim,
                result.mutable_view().f32() + row * width + head * head_dim);
  return result;
}

Captures run_ablated(Run& run, const Sequence& text, const Recorded& recorded, const HeadBatch& batch,
                     const std::vector<float>& means) {
  const std::int64_t head_dim = static_cast<std::int64_t>(means.size()) / run.model().info().num_heads;
  const auto layer = static_cast<std::size_t>(batch.layer);
  std::vector<Sequence> texts(static_cast<std::size_t>(batch.count), text);
  for (std::int64_t i = 0; i < batch.count; ++i) {
    Sequence& resumed = texts[static_cast<std::size_t>(i)];
    resumed.inputs_embeds = recorded.inputs[layer];
    resumed.contexts = ablated(recorded.contexts[layer], batch.first_head + i, head_dim, means);
  }
  Request request;
  request.from_layer = batch.layer;
  request.logits = true;
  return run(texts, request);
}

void check(const ModelInfo& info, const ScanOptions& options) {
  if (info.task == Task::none)
    throw UnsupportedModel(
        problem(ErrorKind::input, "NO_HEAD", "ablation scan")
            .found("'{}' has no task head, so there is nothing to see an effect in", info.architecture)
            .hint("load a checkpoint with a classifier"));
  const Shape expected{info.num_layers, info.num_heads, info.hidden_size / info.num_heads};
  if (!options.means.empty() && !(options.means.shape() == expected))
    throw InvalidArgument(
        problem(ErrorKind::usage, "SHAPE", "ablation scan")
            .field("means")
            .found("shape {}, expected {}", to_string(options.means.shape()), to_string(expected))
            .hint("take them from MeanContexts"));
}

Shape ablated_shape(const ModelInfo& info, const Tensor& logits) {
  return logits.shape().with_front(info.num_heads).with_front(info.num_layers);
}

}  // namespace

const char* name(Ablation ablation) {
  switch (ablation) {
    case Ablation::zero:
      return "zero";
    case Ablation::mean:
      return "mean";
    default:
      return "uniform";
  }
}

AblationScan ablation_scan(Run& run, const Sequence& text, const ScanOptions& options) {
  const Model model = run.model();
  const ModelInfo& info = model.info();
  check(info, options);
  const Recorded recorded = record(run, text, options.ablation);
  AblationScan scan{recorded.logits, Tensor(ablated_shape(info, recorded.logits))};
  const std::int64_t tokens = std::max<std::int64_t>(1, recorded.inputs[0].size(0));
  const std::int64_t at_once = std::clamp<std::int64_t>(options.batch_tokens / tokens, 1, info.num_heads);
  float* next = scan.ablated.mutable_view().f32();
  for (std::int64_t layer = 0; layer < info.num_layers; ++layer) {
    const std::vector<float> means = replacement(options, recorded, text, layer, info.hidden_size);
    for (std::int64_t head = 0; head < info.num_heads; head += at_once) {
      const HeadBatch batch{layer, head, std::min(at_once, info.num_heads - head)};
      for (const TextCapture& capture : run_ablated(run, text, recorded, batch, means).texts)
        next = std::copy_n(capture.logits.f32(), capture.logits.count(), next);
      if (options.progress)
        options.progress(layer * info.num_heads + head + batch.count, info.num_layers * info.num_heads);
    }
  }
  return scan;
}

Tensor ablation_effects(const AblationScan& scan, const Target& target) {
  const double value = target_value(scan.logits.view(), target);
  Tensor effects({scan.ablated.size(0), scan.ablated.size(1)});
  float* next = effects.mutable_view().f32();
  for (std::int64_t layer = 0; layer < effects.size(0); ++layer)
    for (std::int64_t head = 0; head < effects.size(1); ++head)
      *next++ = static_cast<float>(
          target_value(scan.ablated.view().select(0, layer).select(0, head), target) - value);
  return effects;
}

}  // namespace attnscope
