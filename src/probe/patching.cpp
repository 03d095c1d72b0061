// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <string_view>

#include "attnscope/probe.h"
#include "core/message.h"
#include "gradients/target.h"
#include "probe/target_values.h"

namespace attnscope {
namespace {

// The layer that a module stands in, if it stands in one.
std::optional<std::int64_t> layer_of(const Model& model, std::string_view path) {
  const std::vector<LayerParts>& layers = model.parts().layers;
  for (std::size_t layer = 0; layer < layers.size(); ++layer)
    if (path == layers[layer].layer || path.starts_with(layers[layer].layer + "."))
      return static_cast<std::int64_t>(layer);
  return std::nullopt;
}

/// The run that is patched, and where its parts can be taken up again.
class CorruptRun {
 public:
  CorruptRun(Run& run, const Sequence& text, const Target& target)
      : run_(run), model_(run.model()), text_(text), target_(target) {
    Request request;
    request.logits = true;
    request.hidden_states = true;
    const TextCapture capture = run(std::vector<Sequence>{text}, request).texts[0];
    value_ = target_value(capture.logits.view(), target);
    states_ = capture.hidden_states;
  }

  [[nodiscard]] double value() const { return value_; }

  // The values of the target with each row of the module's output from `clean` alone.
  [[nodiscard]] std::vector<double> patched(const std::string& path, const Tensor& clean) {
    std::int64_t first_token = 0;
    const HookHandle handle = run_.register_forward_hook(model_.module(path), [&](HookEvent& event) {
      for (std::int64_t text = 0; text < event.num_texts(); ++text)
        put_row(event, text, first_token + text, clean);
    });
    Request request;
    request.logits = true;
    const Sequence start = start_of(path, request);
    const std::int64_t n = num_tokens(text_);
    const std::int64_t at_once = texts_at_once(n);
    std::vector<double> values;
    for (; first_token < n; first_token += at_once) {
      const auto count = static_cast<std::size_t>(std::min(at_once, n - first_token));
      for (const TextCapture& text : run_(std::vector<Sequence>(count, start), request).texts)
        values.push_back(target_value(text.logits.view(), target_));
    }
    return values;
  }

 private:
  static void put_row(HookEvent& event, std::int64_t text, std::int64_t token, const Tensor& clean) {
    const std::vector<int> token_dims = event.output(0).token_dims();
    if (token_dims.empty())
      throw HookError(problem(ErrorKind::input, "HOOK_SHAPE", "hooks")
                          .field(event.path())
                          .found("its output has no rows of tokens to patch")
                          .hint("choose a module whose output is [n, width]"));
    const int dim = token_dims.front();
    event.edit_output(0, text).select(dim, token).copy_from(clean.view().select(dim, token));
  }

  // Layers before the module give what they gave before.
  [[nodiscard]] Sequence start_of(const std::string& path, Request& request) const {
    request.from_layer = layer_of(model_, model_.module(path).path);
    Sequence start = text_;
    if (request.from_layer.has_value())
      start.inputs_embeds = states_.view().select(0, *request.from_layer).own();
    return start;
  }

  Run& run_;
  Model model_;
  const Sequence& text_;
  const Target& target_;
  double value_ = 0.0;
  Tensor states_;  // [layers + 1, n, width]
};

void check_lengths(const Sequence& clean, const Sequence& corrupt) {
  if (num_tokens(clean) == num_tokens(corrupt)) return;
  throw InvalidArgument(problem(ErrorKind::usage, "LENGTHS", "patching")
                            .field("corrupt")
                            .found("{} tokens, the clean text has {}", num_tokens(corrupt), num_tokens(clean))
                            .hint("choose texts with equally many tokens"));
}

}  // namespace

Tensor patching_effects(Run& run, const Sequence& clean, const Sequence& corrupt, const Target& target,
                        const std::vector<std::string>& paths) {
  check_lengths(clean, corrupt);
  const Target own_target = target_of_model(run.model(), target);
  const double clean_value = target_value(run, clean, own_target);
  CorruptRun corrupt_run(run, corrupt, own_target);
  const std::vector<Tensor> values = activations(run, clean, paths);
  const double difference = clean_value - corrupt_run.value();
  Tensor result({static_cast<std::int64_t>(paths.size()), num_tokens(clean)});
  float* effects = result.mutable_view().f32();
  for (std::size_t path = 0; path < paths.size(); ++path)
    for (const double patched : corrupt_run.patched(paths[path], values[path]))
      *effects++ = difference == 0.0 ? std::numeric_limits<float>::quiet_NaN()
                                     : static_cast<float>((patched - corrupt_run.value()) / difference);
  return result;
}

}  // namespace attnscope
