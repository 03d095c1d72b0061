// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "attnscope/gradients.h"
#include "gradients/backward.h"
#include "gradients/path.h"
#include "gradients/target.h"

namespace attnscope {
namespace {

/// The weights of one layer, scaled in each text of a run by a factor of its own.
class ScaledWeights {
 public:
  ScaledWeights(Run& run, std::int64_t layer)
      : handle_(run.register_forward_hook(run.model().parts().layers[static_cast<std::size_t>(layer)].attn,
                                          [this](HookEvent& event) { scale(event); })) {}
  ScaledWeights(const ScaledWeights&) = delete;
  ScaledWeights& operator=(const ScaledWeights&) = delete;

  void set(const std::vector<double>& factors) { factors_ = factors; }

 private:
  void scale(HookEvent& event) const {
    for (std::int64_t text = 0; text < event.num_texts(); ++text) {
      const MutableTensorView weights = event.edit_output(0, text);
      for (std::int64_t i = 0; i < weights.count(); ++i)
        weights.f32()[i] =
            static_cast<float>(double{weights.f32()[i]} * factors_[static_cast<std::size_t>(text)]);
    }
  }

  std::vector<double> factors_;  // [texts]
  HookHandle handle_;
};

/// A text whose target is differentiated by the weights of one layer after another.
class Scan {
 public:
  Scan(Run& run, const Sequence& text, const Target& target, std::vector<std::vector<double>> batches)
      : run_(run), text_(text), target_(target), batches_(std::move(batches)) {}

  // Sum over the steps of the gradient: [heads, n, n].
  [[nodiscard]] std::vector<double> gradient_sums(std::int64_t layer, std::size_t count) {
    ScaledWeights scaled(run_, layer);
    std::vector<double> sums(count);
    for (const std::vector<double>& batch : batches_) {
      scaled.set(batch);
      for (const TextGradients& point : gradients_of(layer, batch.size()))
        for (std::size_t i = 0; i < count; ++i) sums[i] += double{point.attention_gradients.f32()[i]};
    }
    return sums;
  }

  [[nodiscard]] double value_without(std::int64_t layer) {
    ScaledWeights scaled(run_, layer);
    scaled.set({0.0});
    Request request;
    request.logits = true;
    return target_value(run_(std::vector<Sequence>{text_}, request).texts.front().logits.view(), target_);
  }

 private:
  [[nodiscard]] std::vector<TextGradients> gradients_of(std::int64_t layer, std::size_t copies) {
    const std::vector<Sequence> texts(copies, text_);
    const std::vector<Target> targets(copies, target_);
    return run_backward(run_, texts, targets, {.kept = {.attentions = true}, .only_layer = layer});
  }

  Run& run_;
  const Sequence& text_;
  const Target& target_;
  std::vector<std::vector<double>> batches_;
};

}  // namespace

AttentionAttribution attention_attribution(Run& run, const Sequence& text, const Target& target,
                                           const PathOptions& options) {
  const Target of_model = target_of_model(run.model(), target);
  Run own = run.fork();
  const TextGradients whole = run_backward(own, {text}, {of_model}, {.kept = {.attentions = true}}).front();
  const Shape shape = whole.attentions.shape();  // [layers, heads, n, n]
  AttentionAttribution result{Tensor(shape), whole.value, Tensor({shape[0]})};
  Scan scan(own, text, of_model, path_batches(options, shape[2]));
  const std::int64_t count = shape[1] * shape[2] * shape[3];
  for (std::int64_t layer = 0; layer < shape[0]; ++layer) {
    const std::vector<double> sums = scan.gradient_sums(layer, static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      const double weight = double{whole.attentions.f32()[layer * count + i]};
      result.scores.mutable_view().f32()[layer * count + i] =
          static_cast<float>(weight * sums[static_cast<std::size_t>(i)] / static_cast<double>(options.steps));
    }
    result.value_without.mutable_view().f32()[layer] = static_cast<float>(scan.value_without(layer));
  }
  return result;
}

}  // namespace attnscope
