// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "attnscope/contributions.h"
#include "attnscope/interventions.h"
#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope::analysis {
namespace {

double cosine(const TensorView& left, const TensorView& right) {
  double product = 0.0;
  double squares[2] = {0.0, 0.0};
  for (std::int64_t d = 0; d < left.size(0); ++d) {
    product += double{left.at({d})} * double{right.at({d})};
    squares[0] += double{left.at({d})} * double{left.at({d})};
    squares[1] += double{right.at({d})} * double{right.at({d})};
  }
  return product / std::sqrt(squares[0] * squares[1]);
}

// One whole forward for each layer and key, with one hook that zeroes a row of the layer's values.
Tensor one_by_one(Run& run, const Sequence& text) {
  const Model model = run.model();
  const Tensor states = run({text}, everything()).texts[0].hidden_states;
  const std::int64_t n = states.size(1);
  Tensor result({model.info().num_layers, n, n});
  for (std::int64_t layer = 0; layer < model.info().num_layers; ++layer) {
    const std::string& path = model.parts().layers[static_cast<std::size_t>(layer)].value;
    for (std::int64_t key = 0; key < n; ++key) {
      const HookHandle handle = run.register_forward_hook(
          path, [key](HookEvent& event) { event.edit_output(0).select(0, key).fill(0.0F); });
      const Tensor changed = run({text}, everything()).texts[0].hidden_states;
      for (std::int64_t row = 0; row < n; ++row)
        result.mutable_view().f32()[(layer * n + row) * n + key] =
            static_cast<float>(1.0 - cosine(changed.view().select(0, layer + 1).select(0, row),
                                            states.view().select(0, layer + 1).select(0, row)));
    }
    for (std::int64_t row = 0; row < n; ++row) {
      const MutableTensorView values = result.mutable_view().select(0, layer).select(0, row);
      double sum = 0.0;
      for (std::int64_t key = 0; key < n; ++key) sum += double{values.at({key})};
      for (std::int64_t key = 0; key < n; ++key)
        values.f32()[key] = static_cast<float>(double{values.at({key})} / sum);
    }
  }
  return result;
}

class ValueZeroing : public testing::TestWithParam<std::string> {
 protected:
  Model model_ = load_model({.model_type = GetParam()});
  ModelRun run_{model_};
};

TEST_P(ValueZeroing, EqualsOneForwardForEachLayerAndToken) {
  const Sequence text = random_text(6, 3);
  EXPECT_LT(max_abs_difference(value_zeroing(run_, text), one_by_one(run_, text)), 1e-5F);
}

TEST_P(ValueZeroing, OfMoreTextsThanABatchHoldsIsTheSame) {
  const Sequence text = random_text(40, 3);  // 25 texts a batch
  EXPECT_LT(max_abs_difference(value_zeroing(run_, text), one_by_one(run_, text)), 1e-5F);
}

TEST_P(ValueZeroing, SeesEditsOfTheRun) {
  const Sequence text = random_text(6, 3);
  const Tensor before = value_zeroing(run_, text);
  Interventions edits;
  edits.add({.kind = EditKind::uniform_heads, .layer = 1});
  const auto applied = edits.apply(run_);
  const Tensor after = value_zeroing(run_, text);
  EXPECT_LT(max_abs_difference(after, one_by_one(run_, text)), 1e-5F);
  EXPECT_TRUE(same_bits(after.view().select(0, 0), before.view().select(0, 0)));
  EXPECT_GT(max_abs_difference(after, before), 1e-3F);
}

INSTANTIATE_TEST_SUITE_P(Of, ValueZeroing, testing::Values("distilbert", "bert"));

TEST(ValueZeroingOfBert, KeepsTheTokenTypes) {
  Sequence text = random_text(6, 3);
  text.token_type_ids = {0, 0, 0, 1, 1, 1};
  ModelRun run(load_model({.model_type = "bert"}));
  EXPECT_LT(max_abs_difference(value_zeroing(run, text), one_by_one(run, text)), 1e-5F);
}

}  // namespace
}  // namespace attnscope::analysis
