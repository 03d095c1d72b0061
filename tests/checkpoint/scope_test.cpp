// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "checkpoint/half_floats.h"
#include "checkpoint/safetensors_builder.h"
#include "checkpoint/weight_names.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Weights weights_of(const SafetensorsBuilder& builder, const std::string& base_prefix = "distilbert.") {
  return Weights({open_bytes(builder.bytes())}, base_prefix, "config.json");
}

TEST(Scope, PathsAreJoinedByDots) {
  const Scope scope = Scope(weights_of({})) / "transformer" / "layer" / std::int64_t{3};
  EXPECT_EQ(scope.path(), "transformer.layer.3");
}

TEST(Scope, ABaseModelReadsATaskFileAndTheOtherWayRound) {
  const auto task_file =
      SafetensorsBuilder().add("distilbert.layer.0.weight", {1}, {5}).add("classifier.bias", {1}, {6});
  const auto base_file = SafetensorsBuilder().add("layer.0.weight", {1}, {5});

  const Scope base(weights_of(task_file));
  EXPECT_EQ((base / "layer" / 0).take("weight", {1}).at({0}), 5.0F);
  const Scope task(weights_of(base_file), "distilbert", "distilbert");
  EXPECT_EQ((task / "layer" / 0).take("weight", {1}).at({0}), 5.0F);
  const Scope head(weights_of(task_file), "", "distilbert");
  EXPECT_EQ((head / "classifier").take("bias", {1}).at({0}), 6.0F);
  EXPECT_TRUE((head / "classifier").has("bias"));
  EXPECT_FALSE((head / "classifier").has("weight"));
}

TEST(WeightNames, Row24_PrefixesAndOldNamesAreMapped) {
  EXPECT_EQ(canonical_weight_name("bert.encoder.layer.0.output.dense.bias", "bert."),
            "encoder.layer.0.output.dense.bias");
  EXPECT_EQ(canonical_weight_name("module.bert.embeddings.LayerNorm.gamma", "bert."),
            "embeddings.LayerNorm.weight");
  EXPECT_EQ(canonical_weight_name("module.model.bert.embeddings.LayerNorm.beta", "bert."),
            "embeddings.LayerNorm.bias");
  EXPECT_EQ(canonical_weight_name("transformer.layer.0.sa_layer_norm.gamma", "distilbert."),
            "transformer.layer.0.sa_layer_norm.weight");
  EXPECT_EQ(canonical_weight_name("head.gamma", "bert."), "head.gamma");
  EXPECT_EQ(canonical_weight_name("cls.predictions.bias", "bert."), "cls.predictions.bias");
  EXPECT_TRUE(is_buffer_name("embeddings.position_ids"));
  EXPECT_FALSE(is_buffer_name("embeddings.position_embeddings.weight"));
}

TEST(Weights, Row24_MissingTensorsAreListedTogetherWithTheNearestNames) {
  Weights weights = weights_of(SafetensorsBuilder().add("layer.0.q_lin.weight", {1}, {1}));
  EXPECT_EQ(weights.take("layer.0.q_lim.weight", {2}).shape(), Shape{2});
  EXPECT_EQ(weights.take("classifier.weight", {1}).at({0}), 0.0F);
  const ErrorInfo error = error_of([&] { weights.check_complete(); });
  EXPECT_EQ(error.code, "MODEL_TENSOR");
  EXPECT_THAT(error.what, testing::AllOf(HasSubstr("layer.0.q_lim.weight (there is: layer.0.q_lin.weight"),
                                         HasSubstr("classifier.weight"), HasSubstr("config.json")));
}

TEST(Weights, Row24_AtMostTenMissingTensorsAreShown) {
  Weights weights = weights_of({});
  const ErrorInfo error = error_of([&] {
    for (int i = 0; i < 1000; ++i) (void)weights.take(fmt::format("layer.{}.weight", i), {1});
  });
  EXPECT_EQ(error.code, "MODEL_TENSOR");
  EXPECT_THAT(error.what, testing::AllOf(HasSubstr("layer.9.weight"), HasSubstr("and more")));
  EXPECT_THAT(error.what, testing::Not(HasSubstr("layer.10.weight")));
}

TEST(Weights, Row24_ACompleteModelIsComplete) {
  Weights weights = weights_of(SafetensorsBuilder().add("a", {1}, {1}));
  (void)weights.take("a", {1});
  EXPECT_NO_THROW(weights.check_complete());
}

TEST(Weights, Row24_ATransposedTensorIsCalledThat) {
  Weights weights = weights_of(SafetensorsBuilder().add("w", {2, 3}, {1, 2, 3, 4, 5, 6}));
  const ErrorInfo error = error_of([&] { (void)weights.take("w", {3, 2}); });
  EXPECT_EQ(error.code, "MODEL_TENSOR");
  EXPECT_THAT(error.what, HasSubstr("is transposed"));
}

TEST(Weights, Row24_AWrongDTypeIsNamed) {
  Weights weights = weights_of(SafetensorsBuilder().add("w", "I8", {4}, "abcd"));
  const ErrorInfo error = error_of([&] { (void)weights.take("w", {4}); });
  EXPECT_EQ(error.code, "MODEL_TENSOR");
  EXPECT_THAT(error.what, HasSubstr("is I8"));
}

TEST(Weights, Row24_TwoTensorsOfOneMeaningAreRefused) {
  const ErrorInfo error = error_of(
      [] { (void)weights_of(SafetensorsBuilder().add("distilbert.w", {1}, {1}).add("w", {1}, {2})); });
  EXPECT_EQ(error.code, "MODEL_TENSOR");
  EXPECT_THAT(to_string(error), HasSubstr("distilbert.w"));
}

TEST(Weights, Row24_ExtraTensorsAreReportedAndBuffersAreNot) {
  Weights weights = weights_of(SafetensorsBuilder()
                                   .add("distilbert.b", {1}, {1})
                                   .add("a", {1}, {1})
                                   .add("taken", {1}, {1})
                                   .add("embeddings.position_ids", "I64", {1}, bytes_of<std::int64_t>({0})));
  (void)weights.take("taken", {1});
  EXPECT_THAT(weights.unused(), ElementsAre("a", "distilbert.b"));
}

TEST(Weights, Row39_AShapeThatConfigJsonContradictsNamesBothNumbersAndFiles) {
  Weights weights = weights_of(SafetensorsBuilder().add("w", {3, 1}, {1, 2, 3}));
  const ErrorInfo error = error_of([&] { (void)weights.take("w", {5, 1}); });
  EXPECT_EQ(error.code, "CFG_MISMATCH");
  EXPECT_THAT(to_string(error), testing::AllOf(HasSubstr("[3, 1]"), HasSubstr("[5, 1]"),
                                               HasSubstr("config.json"), HasSubstr("test.safetensors")));
}

TEST(Weights, ParametersAreCountedOnceHoweverOftenTheyAreTaken) {
  Weights weights = weights_of(SafetensorsBuilder().add("a", {2, 3}, {1, 2, 3, 4, 5, 6}).add("b", {1}, {1}));
  const Tensor first = weights.take("a", {2, 3});
  EXPECT_EQ(weights.take("a", {2, 3}).f32(), first.f32());
  EXPECT_EQ(weights.num_parameters(), 6);
}

TEST(Weights, OfMemoryAreThoseOfAFileWithTheSameNames) {
  const Tensor weight = Tensor::of({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  Weights weights({{"module.distilbert.a.weight", weight},
                   {"distilbert.LayerNorm.gamma", Tensor({3})},
                   {"embeddings.position_ids", Tensor({1}, DType::i64)},
                   {"extra", Tensor({1})}},
                  "torch", "distilbert.", "config.json");
  EXPECT_EQ(weights.take("a.weight", {2, 3}).f32(), weight.f32()) << "copied";
  EXPECT_EQ(weights.take("LayerNorm.weight", {3}).count(), 3);
  EXPECT_THAT(weights.unused(), ElementsAre("extra"));
  EXPECT_EQ(weights.num_parameters(), 9);
}

TEST(Weights, OfMemoryAreCheckedAndCalledByTheirLabel) {
  Weights weights({{"w", Tensor({3, 1})}, {"ids", Tensor({1}, DType::i64)}}, "torch", "", "config.json");
  const ErrorInfo shape = error_of([&] { (void)weights.take("w", {5, 1}); });
  EXPECT_EQ(shape.code, "CFG_MISMATCH");
  EXPECT_EQ(shape.file, "torch");
  EXPECT_EQ(shape.field, "w");
  const ErrorInfo dtype = error_of([&] { (void)weights.take("ids", {1}); });
  EXPECT_EQ(dtype.code, "MODEL_TENSOR");
  EXPECT_THAT(to_string(dtype), HasSubstr("torch: tensor 'ids': is I64, expected F32, F16 or BF16"));
  (void)weights.take("missing", {1});
  EXPECT_EQ(error_of([&] { weights.check_complete(); }).file, "torch");
  EXPECT_EQ(error_of([] {
              (void)Weights({{"x.w", Tensor({1})}, {"w", Tensor({1})}}, "torch", "x.", "");
            }).file,
            "torch");
}

TEST(Weights, HalfPrecisionBecomesSingle) {
  Weights weights = weights_of(SafetensorsBuilder()
                                   .add("half", "F16", {3}, bytes_of<std::uint16_t>({0x3C00, 0xC000, 0x0001}))
                                   .add("brain", "BF16", {2}, bytes_of<std::uint16_t>({0x3F80, 0xC0A0})));
  Tensor half = weights.take("half", {3});
  EXPECT_EQ(half.dtype(), DType::f32);
  EXPECT_EQ(half.at({0}), 1.0F);
  EXPECT_EQ(half.at({1}), -2.0F);
  EXPECT_EQ(half.at({2}), 0x1p-24F);
  EXPECT_EQ(weights.take("brain", {2}).at({1}), -5.0F);
  EXPECT_THROW(static_cast<void>(half.mutable_view()), InvalidArgument) << "models share it";
}

// The definition of binary16, value by value.
float f16_by_definition(unsigned bits) {
  const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
  const int exponent = static_cast<int>((bits >> 10U) & 31U);
  const auto fraction = static_cast<float>(bits & 0x3FFU);
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(HalfFloats, EveryBinary16ValueIsConvertedExactly) {
  for (unsigned bits = 0; bits <= 0xFFFF; ++bits) {
    const float value = f16_to_f32(static_cast<std::uint16_t>(bits));
    const float expected = f16_by_definition(bits);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(value)) << bits;
    } else {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(value), std::bit_cast<std::uint32_t>(expected)) << bits;
    }
  }
}

}  // namespace
}  // namespace attnscope
