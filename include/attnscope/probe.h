// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "attnscope/gradients.h"
#include "attnscope/interventions.h"
#include "attnscope/model.h"

/// Methods that run a model many times with something changed.
namespace attnscope {

/// What takes the place of an ablated head's context.
enum class Ablation { zero, mean, uniform };
[[nodiscard]] const char* name(Ablation ablation);

struct ScanOptions {
  Ablation ablation = Ablation::zero;
  /// mean: what takes the place [layers, heads, head_dim]; empty: the mean over the tokens of the text
  /// itself.
  Tensor means = {};
  /// Texts of one batch hold at most so many tokens together.
  std::int64_t batch_tokens = 1024;
  /// Called after each batch with heads done and all; may throw to end the scan.
  std::function<void(std::int64_t done, std::int64_t all)> progress = nullptr;
};

/// Logits of a text without any edit and with each head ablated alone.
struct AblationScan {
  Tensor logits;   ///< as in TextCapture
  Tensor ablated;  ///< [layers, heads, ...]
};
/// Heads of layer l are ablated in the contexts that layer l computed, so only what follows them runs again,
/// in batches. Equal, bit for bit, to as many runs with one Edit each (zero, mean; uniform: to rounding).
/// Throws:  UnsupportedModel (NO_HEAD); InvalidArgument (SHAPE) for means of another model.
/// Cost:    about half of layers * heads forwards.
[[nodiscard]] AblationScan ablation_scan(Run& run, const Sequence& text, const ScanOptions& options = {});
/// Mean context of every head over the tokens of texts that are added: what Ablation::mean wants.
class MeanContexts {
 public:
  explicit MeanContexts(const Model& model);
  void add(Run& run, const std::vector<Sequence>& texts);
  [[nodiscard]] Tensor value() const;  ///< [layers, heads, head_dim]

 private:
  Model model_;
  std::vector<double> sums_;
  std::int64_t num_tokens_ = 0;
};
/// value(target, ablated) - value(target, unablated) of every head: [layers, heads].
[[nodiscard]] Tensor ablation_effects(const AblationScan& scan, const Target& target);

/// Change of a target when groups of tokens (words) lose their meaning: each token of the group becomes
/// `replacement_id` ([MASK]), or is left out with none. value(changed) - value: [groups].
/// Positions of the target's tokens move along; a group that holds one of them, or the token that a pooled
/// head reads, cannot be left out and is NaN. position_ids that are given stay with their tokens.
/// Throws:  UnsupportedModel (NO_HEAD); InvalidArgument: TARGET, GROUP for a token that is not there, EMBEDS
///          for a replacement in a text of inputs_embeds.
[[nodiscard]] Tensor leave_one_out(Run& run, const Sequence& text, const Target& target,
                                   const std::vector<std::vector<std::int64_t>>& groups,
                                   std::optional<std::int64_t> replacement_id);

/// Faithfulness of a ranking of groups of tokens (words), by ERASER's bins.
struct Faithfulness {
  std::vector<double> bins;               ///< shares of the groups: 0.01, 0.05, 0.1, 0.2, 0.5
  std::vector<double> comprehensiveness;  ///< value - value without the top share; large is faithful
  std::vector<double> sufficiency;        ///< value - value with only the top share; small is faithful
  double mean_comprehensiveness = 0.0;    ///< AOPC over the bins
  double mean_sufficiency = 0.0;
  /// (AOPC - lowest) / (highest - lowest), the limits over orders found by beam search (and this order); NaN
  /// if they are equal.
  double normalised_comprehensiveness = 0.0;
  double normalised_sufficiency = 0.0;
};
struct FaithfulnessOptions {
  std::optional<std::int64_t> replacement_id = std::nullopt;  ///< absent: tokens are left out
  std::int64_t beam = 5;
};
/// `scores`: one a group, larger is more important; of a share the number of groups is rounded up. Tokens in
/// no group (specials) stay, and so does a group that cannot be left out (see leave_one_out).
/// Throws:  as leave_one_out; InvalidArgument: SCORES, GROUP if no group can be left out, RANGE for the beam.
/// Cost:    up to 2 beam groups^2 forwards for the limits; what is run twice is kept.
/// Source:  DeYoung et al. 2020; normalised: Edin et al. 2024.
[[nodiscard]] Faithfulness faithfulness(Run& run, const Sequence& text, const Target& target,
                                        const std::vector<std::vector<std::int64_t>>& groups,
                                        const std::vector<double>& scores,
                                        const FaithfulnessOptions& options = {});

/// Activation patching: (patched - corrupt) / (clean - corrupt) for each path and token, patched one at a
/// time from the run of `clean` into the run of `corrupt`, which have equally many tokens. It is the first
/// output of each module that is patched.
/// Returns:  [paths, n]; NaN where clean and corrupt give the same value.
/// Throws:   UnsupportedModel (NO_HEAD); InvalidArgument: TARGET, LENGTHS; HookError for a path, and
///           (HOOK_SHAPE) for a module whose output has no rows of tokens.
/// Cost:     n forwards a path, from the path's layer on.
[[nodiscard]] Tensor patching_effects(Run& run, const Sequence& clean, const Sequence& corrupt,
                                      const Target& target, const std::vector<std::string>& paths);

}  // namespace attnscope
