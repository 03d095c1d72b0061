// SPDX-License-Identifier: Apache-2.0
//
// Row 23 of docs/bad_inputs.md: weights that are NaN load, and what comes out of them is never silent.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kKey = "transformer.layer.2.attention.k_lin.weight";

WeightMap weights_with(float value) {
  WeightMap weights = random_weights(TinySpec{});
  weights.at(kKey).mutable_view().f32()[7] = value;
  return weights;
}

TextCapture run_layers(const Model& model, const std::vector<std::int64_t>& layers) {
  Request request = Request::attentions();
  request.layers = layers;
  return ModelRun(model)({random_text(5, 1)}, request).texts.at(0);
}

TEST(Finite, Row23_WeightsThatAreNaNLoadAndTheirAttentionIsFlagged) {
  const Model model = load_model(TinySpec{}, weights_with(std::numeric_limits<float>::quiet_NaN()));
  EXPECT_THAT(run_layers(model, {0, 1}).notices, IsEmpty());
  EXPECT_THAT(run_layers(model, {2}).notices, ElementsAre(AllOf(HasSubstr("NaN"), HasSubstr("attentions"))));
}

TEST(Finite, Row23_TheCheckNamesTensorAndElement) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    const ErrorInfo info = expect_error("NOT_FINITE", [&] {
      static_cast<void>(load_model(TinySpec{}, weights_with(value), {.check_finite = true}));
    });
    EXPECT_EQ(info.field, kKey);
    EXPECT_THAT(to_string(info), HasSubstr("element 7"));
    EXPECT_EQ(info.kind, ErrorKind::input);
  }
}

TEST(Finite, Row23_TheCheckLetsAGoodModelPass) {
  EXPECT_THAT(
      run_layers(load_model(TinySpec{}, random_weights(TinySpec{}), {.check_finite = true}), {2}).notices,
      IsEmpty());
}

}  // namespace
}  // namespace attnscope
