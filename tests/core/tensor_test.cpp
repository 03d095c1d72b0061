// SPDX-License-Identifier: Apache-2.0
#include "attnscope/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "support/tensors.h"

namespace attnscope {
namespace {

template <class T>
concept HasView = requires(T&& tensor) {
  std::forward<T>(tensor).view();
};
template <class T>
concept HasMutableView = requires(T&& tensor) {
  std::forward<T>(tensor).mutable_view();
};

Tensor counting(const Shape& shape) {
  Tensor tensor(shape);
  for (std::int64_t i = 0; i < tensor.count(); ++i) tensor.mutable_view().f32()[i] = static_cast<float>(i);
  return tensor;
}

// Numbers whose sum depends on the order of adding.
Tensor uneven(const Shape& shape) {
  Tensor tensor(shape);
  for (std::int64_t i = 0; i < tensor.count(); ++i)
    tensor.mutable_view().f32()[i] = std::sin(static_cast<float>(i) * 12.9898F) * 3.7F;
  return tensor;
}

TEST(Shape, ReadsAsInTheFieldAndCountsItsElements) {
  const Shape shape{1, 12, 9, 9};
  EXPECT_EQ(to_string(shape), "[1, 12, 9, 9]");
  EXPECT_EQ(shape.count(), 972);
  EXPECT_EQ(shape[-1], 9);
  EXPECT_EQ(to_string(Shape{}), "[]");
  EXPECT_EQ(Shape{}.count(), 1);
  EXPECT_EQ((Shape{3, 0, 2}).count(), 0);
}

TEST(Shape, LosesAndGainsDimensions) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(to_string(shape.without(1)), "[2, 4]");
  EXPECT_EQ(to_string(shape.without(-1)), "[2, 3]");
  EXPECT_EQ(to_string(shape.with_front(7)), "[7, 2, 3, 4]");
  EXPECT_FALSE(shape == (Shape{2, 3}));
  expect_error("TENSOR", [&] { static_cast<void>(shape.without(3)); });
}

TEST(Shape, OfNineDimensionsIsRefused) {
  EXPECT_NO_THROW(Shape({1, 1, 1, 1, 1, 1, 1, 1}));
  const ErrorInfo info = expect_error("TENSOR", [] {
    static_cast<void>(Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}));
  });
  EXPECT_EQ(info.kind, ErrorKind::usage);
}

TEST(Tensor, HasNoViewWhileItIsATemporary) {
  EXPECT_TRUE(HasView<Tensor&>);
  EXPECT_TRUE(HasView<const Tensor&>);
  EXPECT_FALSE(HasView<Tensor>);
  EXPECT_TRUE(HasMutableView<Tensor&>);
  EXPECT_FALSE(HasMutableView<Tensor>);
  EXPECT_FALSE(HasMutableView<const Tensor&>);
}

TEST(Tensor, StartsWithZerosAndKnowsThatItWasAssigned) {
  EXPECT_TRUE(Tensor().empty());
  const Tensor tensor({2, 2}, DType::i64);
  EXPECT_FALSE(tensor.empty());
  EXPECT_EQ(tensor.i64()[3], 0);
  EXPECT_FALSE(Tensor(Shape{0, 4}).empty());
}

TEST(Tensor, LargerThanAnyMemoryIsRefused) {
  const std::int64_t half = std::int64_t{1} << 32;
  EXPECT_THROW(Tensor({half, half}), InvalidArgument);
  EXPECT_THROW(Tensor({half, half, 0, half}), InvalidArgument);
}

TEST(Tensor, OfValuesNeedsOneValueForEachElement) {
  EXPECT_FLOAT_EQ(Tensor::of({2, 2}, std::vector<float>{1, 2, 3, 4}).at({1, 0}), 3.0F);
  expect_error("TENSOR", [] { static_cast<void>(Tensor::of({2, 2}, std::vector<float>{1, 2, 3})); });
}

TEST(Tensor, CopiesShareTheirMemory) {
  Tensor tensor = counting({4});
  const Tensor copy = tensor;
  tensor.mutable_view().f32()[2] = 9.0F;
  EXPECT_FLOAT_EQ(copy.at({2}), 9.0F);
}

TEST(Tensor, KeepsTheOwnerOfForeignMemoryAliveAndIsNeverWritten) {
  auto owner = std::make_shared<std::vector<float>>(std::vector<float>{1, 2, 3});
  const std::weak_ptr<const void> watch = owner;
  const float* data = owner->data();
  Tensor tensor(std::move(owner), data, DType::f32, {3});
  EXPECT_FALSE(watch.expired());
  EXPECT_FLOAT_EQ(tensor.at({2}), 3.0F);
  expect_error("TENSOR", [&] { static_cast<void>(tensor.mutable_view()); });
  tensor = Tensor();
  EXPECT_TRUE(watch.expired());
}

TEST(Tensor, RefusesToBeReadAsAnotherType) {
  const Tensor ids({2}, DType::i64);
  const Tensor weights(Shape{2});
  expect_error("TENSOR", [&] { static_cast<void>(ids.f32()); });
  expect_error("TENSOR", [&] { static_cast<void>(weights.i64()); });
}

TEST(Tensor, RefusesSizesBelowZeroAndIndicesOutsideOfTheShape) {
  expect_error("TENSOR", [] { static_cast<void>(Tensor(Shape{2, -1})); });
  const Tensor tensor = counting({2, 3});
  expect_error("TENSOR", [&] { static_cast<void>(tensor.at({2, 0})); });
  expect_error("TENSOR", [&] { static_cast<void>(tensor.at({0, -1})); });
  expect_error("TENSOR", [&] { static_cast<void>(tensor.at({0})); });
}

TEST(Tensor, ReshapesToEqualCountsOnly) {
  const Tensor tensor = counting({2, 6});
  EXPECT_FLOAT_EQ(tensor.reshape({3, 4}).at({2, 1}), 9.0F);
  expect_error("TENSOR", [&] { static_cast<void>(tensor.reshape({5, 2})); });
  expect_error("TENSOR", [&] { static_cast<void>(tensor.reshape({-3, -4})); });
}

TEST(TensorView, SelectsAndNarrowsWithoutCopying) {
  const Tensor tensor = counting({2, 3, 4});
  const TensorView head = tensor.view().select(1, 2);
  EXPECT_EQ(to_string(head.shape()), "[2, 4]");
  EXPECT_FLOAT_EQ(head.at({1, 3}), 23.0F);
  EXPECT_FALSE(head.is_contiguous());
  EXPECT_EQ(head.f32(), tensor.f32() + 8);
  const TensorView middle = tensor.view().narrow(-1, 1, 2);
  EXPECT_FLOAT_EQ(middle.at({1, 2, 1}), 22.0F);
  expect_error("TENSOR", [&] { static_cast<void>(tensor.view().select(1, 3)); });
  expect_error("TENSOR", [&] { static_cast<void>(tensor.view().select(3, 0)); });
  expect_error("TENSOR", [&] { static_cast<void>(tensor.view().narrow(2, 3, 2)); });
}

TEST(TensorView, OwnsACopyThatIsContiguous) {
  Tensor tensor = counting({2, 3, 4});
  const Tensor copy = tensor.view().select(2, 1).own();
  tensor.mutable_view().fill(0.0F);
  EXPECT_EQ(to_string(copy.shape()), "[2, 3]");
  EXPECT_FLOAT_EQ(copy.at({1, 2}), 21.0F);
  EXPECT_TRUE(copy.view().is_contiguous());
}

TEST(TensorView, ThatIsNotContiguousCannotBeReshaped) {
  const Tensor tensor = counting({2, 3, 4});
  expect_error("TENSOR", [&] { static_cast<void>(tensor.view().select(1, 0).reshape({8})); });
  EXPECT_NO_THROW(static_cast<void>(tensor.view().select(0, 1).reshape({12})));
}

TEST(MutableTensorView, FillsJustItsOwnElements) {
  Tensor tensor = counting({2, 3});
  tensor.mutable_view().select(1, 1).fill(-1.0F);
  EXPECT_TRUE(same_bits(tensor, Tensor::of({2, 3}, std::vector<float>{0, -1, 2, 3, -1, 5})));
}

TEST(MutableTensorView, CopiesBetweenStridedViews) {
  const Tensor source = counting({3, 2});
  Tensor target({2, 3});
  for (std::int64_t i = 0; i < 2; ++i)
    target.mutable_view().select(0, i).copy_from(source.view().select(1, i));
  EXPECT_TRUE(same_bits(target, Tensor::of({2, 3}, std::vector<float>{0, 2, 4, 1, 3, 5})));
}

TEST(MutableTensorView, RefusesACopyOfAnotherShapeOrType) {
  Tensor target({2, 3});
  const Tensor turned({3, 2});
  const Tensor ids({2, 3}, DType::i64);
  expect_error("TENSOR", [&] { target.mutable_view().copy_from(turned.view()); });
  expect_error("TENSOR", [&] { target.mutable_view().copy_from(ids.view()); });
}

TEST(HeadMean, IsTheMeanOverTheThirdDimensionFromTheRight) {
  const Tensor weights = Tensor::of({1, 2, 1, 2}, std::vector<float>{0.25F, 0.75F, 0.5F, 0.5F});
  EXPECT_TRUE(
      same_bits(head_mean(weights.view()), Tensor::of({1, 1, 2}, std::vector<float>{0.375F, 0.625F})));
}

TEST(HeadMax, IsTheLargestElement) {
  const Tensor weights = Tensor::of({2, 1, 2}, std::vector<float>{0.25F, 0.75F, 0.5F, 0.5F});
  EXPECT_TRUE(same_bits(head_max(weights.view()), Tensor::of({1, 2}, std::vector<float>{0.5F, 0.75F})));
}

TEST(HeadMean, OfAViewThatIsNotContiguousEqualsThatOfItsCopy) {
  const Tensor weights = uneven({2, 5, 4, 3});
  const TensorView chosen = weights.view().narrow(1, 1, 3);
  const Tensor copy = chosen.own();
  EXPECT_TRUE(same_bits(head_mean(chosen), head_mean(copy.view())));
  EXPECT_FALSE(same_bits(head_mean(chosen), head_mean(weights.view().narrow(1, 0, 3))));
}

TEST(HeadMean, RefusesTensorsWithoutHeads) {
  const Tensor matrix({3, 3});
  const Tensor no_heads({2, 0, 3, 3});
  expect_error("TENSOR", [&] { static_cast<void>(head_mean(matrix.view())); });
  expect_error("TENSOR", [&] { static_cast<void>(head_max(matrix.view())); });
  expect_error("TENSOR", [&] { static_cast<void>(head_mean(no_heads.view())); });
}

TEST(HeadMean, OfATextWithoutTokensHasNoElements) {
  const Tensor weights({3, 4, 0, 0});
  EXPECT_EQ(to_string(head_mean(weights.view()).shape()), "[3, 0, 0]");
}

TEST(Stack, PutsTensorsAlongANewFirstDimension) {
  const Tensor both = stack({counting({2}), Tensor::of({2}, std::vector<float>{5, 6})});
  EXPECT_TRUE(same_bits(both, Tensor::of({2, 2}, std::vector<float>{0, 1, 5, 6})));
  const Tensor ids = stack({Tensor({3}, DType::i64)});
  EXPECT_EQ(ids.dtype(), DType::i64);
}

TEST(Stack, RefusesNothingAndShapesThatDiffer) {
  expect_error("TENSOR", [] { static_cast<void>(stack({})); });
  expect_error("TENSOR", [] { static_cast<void>(stack({Tensor(Shape{2}), Tensor(Shape{3})})); });
}

TEST(Error, SaysPlaceFindingAndAdviceAndLeavesOutWhatIsEmpty) {
  ErrorInfo info;
  info.what = "found";
  EXPECT_EQ(to_string(info), "found");
  info.file = "model.safetensors";
  info.where = "byte 17";
  info.hint = "do this";
  EXPECT_EQ(to_string(info), "model.safetensors: byte 17: found; do this");
  EXPECT_STREQ(HookError(info).what(), "model.safetensors: byte 17: found; do this");
}

}  // namespace
}  // namespace attnscope
