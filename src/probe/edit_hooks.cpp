// SPDX-License-Identifier: Apache-2.0
#include "probe/edit_hooks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "core/message.h"
#include "probe/edit_checks.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse(const HookEvent& event, const NumberedEdit& edit, const std::string& what,
                         const std::string& hint) {
  throw HookError(problem(ErrorKind::input, "HOOK_SHAPE", "hooks")
                      .field(event.path())
                      .found("{}: {}", described(edit.edit, edit.index), what)
                      .hint("{}", hint));
}

// The texts of the batch that an edit is for. Throws HookError (HOOK_INDEX) for one that is not there.
std::vector<std::int64_t> texts_of(const HookEvent& event, const Edit& edit) {
  if (edit.text.has_value()) {
    static_cast<void>(event.seq_len(*edit.text));
    return {*edit.text};
  }
  std::vector<std::int64_t> all(static_cast<std::size_t>(event.num_texts()));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return all;
}

// A position that may count from the end.
std::int64_t position_in(std::int64_t position, std::int64_t n, const HookEvent& event,
                         const NumberedEdit& edit) {
  if (position < -n || position >= n)
    refuse(event, edit, fmt::format("token {} of a text of {} tokens", position, n),
           fmt::format("choose from 0..{}, or from -1 backwards", n - 1));
  return position < 0 ? position + n : position;
}

/// The queries and keys of one head of one text, [n, head_dim] each.
struct HeadStates {
  TensorView queries;
  TensorView keys;

  [[nodiscard]] double score(std::int64_t query, std::int64_t key) const {
    const std::int64_t head_dim = queries.size(1);
    const float* q = queries.f32() + query * queries.strides()[0];
    const float* k = keys.f32() + key * keys.strides()[0];
    double dot = 0.0;
    for (std::int64_t d = 0; d < head_dim; ++d) dot += static_cast<double>(q[d]) * static_cast<double>(k[d]);
    return dot / std::sqrt(static_cast<double>(head_dim));
  }
};

/// One row of weights of which some keys are knocked out.
struct KnockedRow {
  float* weights;
  const char* is_out;  // a flag for each key
  std::int64_t num_keys;

  [[nodiscard]] double kept_mass() const {
    double mass = 0.0;
    for (std::int64_t key = 0; key < num_keys; ++key)
      if (is_out[key] == 0) mass += static_cast<double>(weights[key]);
    return mass;
  }

  void scale_up(double mass) const {
    for (std::int64_t key = 0; key < num_keys; ++key)
      weights[key] = is_out[key] != 0 ? 0.0F : static_cast<float>(static_cast<double>(weights[key]) / mass);
  }

  // The softmax over the scores of the kept keys.
  void recompute(const HeadStates& states, std::int64_t query) const {
    std::vector<double> scores(static_cast<std::size_t>(num_keys));
    double maximum = -std::numeric_limits<double>::infinity();
    for (std::int64_t key = 0; key < num_keys; ++key) {
      if (is_out[key] != 0) continue;
      scores[static_cast<std::size_t>(key)] = states.score(query, key);
      maximum = std::max(maximum, scores[static_cast<std::size_t>(key)]);
    }
    double sum = 0.0;
    for (std::int64_t key = 0; key < num_keys; ++key)
      if (is_out[key] == 0) sum += std::exp(scores[static_cast<std::size_t>(key)] - maximum);
    for (std::int64_t key = 0; key < num_keys; ++key)
      weights[key] =
          is_out[key] != 0
              ? 0.0F
              : static_cast<float>(std::exp(scores[static_cast<std::size_t>(key)] - maximum) / sum);
  }

  void knock_out(const HeadStates& states, std::int64_t query) const {
    // Below this the weights that are kept may have lost digits, or be 0: floats end at 1e-38.
    constexpr double kSmallestMass = 1e-25;
    const bool any_kept = std::any_of(is_out, is_out + num_keys, [](char out) { return out == 0; });
    if (!any_kept) return static_cast<void>(std::fill_n(weights, num_keys, 0.0F));
    const double mass = kept_mass();
    if (mass >= kSmallestMass) return scale_up(mass);
    recompute(states, query);
  }
};

/// Edits of the weights of one text.
class TextWeights {
 public:
  TextWeights(HookEvent& event, std::int64_t text)
      : event_(event),
        text_(text),
        num_keys_(event.num_keys(text)),
        weights_(event.edit_output(0, text)),  // [heads, n, n]
        n_(weights_.size(1)) {}

  void make_uniform(const Edit& edit) const {
    for (const std::int64_t head : heads_of(edit, weights_.size(0))) {
      const MutableTensorView matrix = weights_.select(0, head);
      matrix.fill(0.0F);
      matrix.narrow(1, 0, num_keys_).fill(1.0F / static_cast<float>(num_keys_));
    }
  }

  void zero(const NumberedEdit& edit) const {
    for (const std::int64_t head : heads_of(edit.edit, weights_.size(0)))
      for (const auto& [query, key] : edit.edit.pairs)
        weights_.f32()[head * n_ * n_ + place(query, key, edit)] = 0.0F;
  }

  // All knock-outs of the text at once, because two of one row are one softmax over what both leave.
  void knock_out(const std::vector<const NumberedEdit*>& edits) const {
    for (std::int64_t head = 0; head < weights_.size(0); ++head) {
      std::vector<char> is_out;  // [n, n]
      for (const NumberedEdit* edit : edits) mark(*edit, head, is_out);
      if (!is_out.empty()) knock_out_head(head, is_out);
    }
  }

 private:
  // Of a pair in [n, n].
  [[nodiscard]] std::int64_t place(std::int64_t query, std::int64_t key, const NumberedEdit& edit) const {
    return position_in(query, n_, event_, edit) * n_ + position_in(key, n_, event_, edit);
  }

  void mark(const NumberedEdit& edit, std::int64_t head, std::vector<char>& is_out) const {
    const std::vector<std::int64_t>& heads = edit.edit.heads;
    if (!heads.empty() && std::find(heads.begin(), heads.end(), head) == heads.end()) return;
    is_out.resize(static_cast<std::size_t>(n_ * n_), 0);
    for (const auto& [query, key] : edit.edit.pairs)
      is_out[static_cast<std::size_t>(place(query, key, edit))] = 1;
  }

  void knock_out_head(std::int64_t head, const std::vector<char>& is_out) const {
    const HeadStates states{event_.input(0).text(text_).select(1, head),
                            event_.input(1).text(text_).select(1, head)};
    for (std::int64_t query = 0; query < n_; ++query) {
      const char* row = is_out.data() + query * n_;
      if (std::find(row, row + num_keys_, char{1}) == row + num_keys_) continue;
      float* weights = weights_.f32() + (head * n_ + query) * n_;
      KnockedRow{weights, row, num_keys_}.knock_out(states, query);
    }
  }

  HookEvent& event_;
  std::int64_t text_;
  std::int64_t num_keys_;
  MutableTensorView weights_;
  std::int64_t n_;
};

/// Who patched which row, so that none is patched twice: positions from the front and from the end can meet.
class PatchedRows {
 public:
  void claim(std::int64_t output, std::int64_t row, const NumberedEdit& edit) {
    const auto [place, is_new] = owners_.try_emplace({output, row}, &edit);
    if (!is_new)
      refuse_conflict(described(place->second->edit, place->second->index), described(edit.edit, edit.index));
  }

 private:
  std::map<std::pair<std::int64_t, std::int64_t>, const NumberedEdit*> owners_;
};

void patch_rows(HookEvent& event, const NumberedEdit& patch, std::int64_t text, PatchedRows& patched) {
  const auto output = static_cast<std::size_t>(patch.edit.output);
  const std::vector<int> token_dims = event.output(output).token_dims();
  if (token_dims.empty()) refuse(event, patch, "the output has no rows of tokens", "patch it whole");
  const int dim = token_dims.front();
  const MutableTensorView target = event.edit_output(output, text);
  const std::vector<std::int64_t>& rows = patch.edit.rows;
  Shape expected = target.shape();
  expected[dim] = static_cast<std::int64_t>(rows.size());
  if (!(patch.edit.value.shape() == expected))
    refuse(event, patch,
           fmt::format("the value has shape {}, expected {}", to_string(patch.edit.value.shape()),
                       to_string(expected)),
           "give the rows in their order");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t row = position_in(rows[i], target.size(dim), event, patch);
    patched.claim(patch.edit.output, row, patch);
    target.select(dim, row).copy_from(patch.edit.value.view().select(dim, static_cast<std::int64_t>(i)));
  }
}

}  // namespace

void edit_contexts(HookEvent& event, const std::vector<NumberedEdit>& edits, std::int64_t num_heads) {
  for (const auto& [edit, index] : edits)
    for (const std::int64_t text : texts_of(event, edit)) {
      const MutableTensorView contexts = event.edit_input(0, text);  // [n, heads * head_dim]
      const std::int64_t head_dim = contexts.size(1) / num_heads;
      std::int64_t place = 0;
      for (const std::int64_t head : heads_of(edit, num_heads)) {
        const MutableTensorView context = contexts.narrow(1, head * head_dim, head_dim);
        if (edit.kind == EditKind::zero_heads) {
          context.fill(0.0F);
          continue;
        }
        const TensorView mean = edit.value.view().select(0, place++);
        for (std::int64_t row = 0; row < context.size(0); ++row) context.select(0, row).copy_from(mean);
      }
    }
}

void edit_weights(HookEvent& event, const std::vector<NumberedEdit>& edits) {
  std::map<std::int64_t, std::vector<const NumberedEdit*>> edits_of_text;
  for (const NumberedEdit& edit : edits)
    for (const std::int64_t text : texts_of(event, edit.edit)) edits_of_text[text].push_back(&edit);
  for (const auto& [text, here] : edits_of_text) {
    const TextWeights weights(event, text);
    std::vector<const NumberedEdit*> knock_outs;
    for (const NumberedEdit* edit : here) {
      if (edit->edit.kind == EditKind::uniform_heads) weights.make_uniform(edit->edit);
      if (edit->edit.kind == EditKind::knock_out) knock_outs.push_back(edit);
    }
    weights.knock_out(knock_outs);
    // Last: what is zeroed behind the softmax does not scale up the rest.
    for (const NumberedEdit* edit : here)
      if (edit->edit.kind == EditKind::zero_weights) weights.zero(*edit);
  }
}

void patch_outputs(HookEvent& event, const std::vector<NumberedEdit>& edits) {
  std::map<std::int64_t, PatchedRows> patched;  // by text
  for (const NumberedEdit& patch : edits)
    for (const std::int64_t text : texts_of(event, patch.edit)) {
      if (patch.edit.rows.empty())
        event.replace_output(static_cast<std::size_t>(patch.edit.output), text, patch.edit.value.view());
      else
        patch_rows(event, patch, text, patched[text]);
    }
}

}  // namespace attnscope
