// SPDX-License-Identifier: Apache-2.0
#include "nn/value.h"

#include <gtest/gtest.h>

#include <vector>

namespace attnscope::nn {
namespace {

Batch batch_of(const std::vector<std::int64_t>& lengths) {
  Batch batch;
  for (const std::int64_t length : lengths) {
    batch.input_ids.resize(batch.input_ids.size() + static_cast<std::size_t>(length));
    batch.close_text();
  }
  return batch;
}

std::string shape_of(const Value& value, const Batch& batch, std::int64_t text) {
  return to_string(value.text(batch, text).shape());
}

/// Floats from the start of the value to the start of a text.
std::int64_t start_of(const Value& value, const Batch& batch, std::int64_t text) {
  return static_cast<const float*>(value.text(batch, text).data()) - value.f32();
}

const std::vector<float> kMemory(1000);

TEST(Batch, KnowsWhereItsTextsStand) {
  const Batch batch = batch_of({3, 0, 5});
  EXPECT_EQ(batch.num_texts(), 3);
  EXPECT_EQ(batch.num_tokens(), 8);
  EXPECT_EQ(batch.first(2), 3);
  EXPECT_EQ(batch.seq_len(1), 0);
  EXPECT_EQ(batch.square(2), 9);
  EXPECT_EQ(batch.square(3), 34);
  EXPECT_EQ(batch.max_seq_len(), 5);
}

TEST(Batch, KnowsWhichTokensOfATextAreAttendedToAndWhichIsPooled) {
  Batch batch = batch_of({3});
  batch.input_ids.resize(8);
  batch.close_text(2, 4);
  EXPECT_EQ(batch.num_keys(0), 3);
  EXPECT_EQ(batch.num_keys(1), 3);
  EXPECT_EQ(batch.pooled_token(0), 0);
  EXPECT_EQ(batch.pooled_token(1), 7);
}

TEST(Batch, IsUniformWhenAllTextsAreOfOneLength) {
  EXPECT_TRUE(batch_of({}).is_uniform());
  EXPECT_TRUE(batch_of({4}).is_uniform());
  EXPECT_TRUE(batch_of({4, 4, 4}).is_uniform());
  EXPECT_FALSE(batch_of({4, 4, 3}).is_uniform());
}

TEST(Value, OfTokensHasOneRowAToken) {
  const Batch batch = batch_of({3, 5});
  const Value value{Layout::tokens, kMemory.data(), 6};
  EXPECT_EQ(value.count(batch), 48);
  EXPECT_EQ(value.rows(batch), 8);
  EXPECT_EQ(shape_of(value, batch, 1), "[5, 6]");
  EXPECT_EQ(start_of(value, batch, 1), 18);
}

TEST(Value, OfHeadsSplitsTheWidth) {
  const Batch batch = batch_of({3, 5});
  const Value value{Layout::heads, kMemory.data(), 6, 2};
  EXPECT_EQ(shape_of(value, batch, 0), "[3, 2, 3]");
  EXPECT_EQ(start_of(value, batch, 1), 18);
}

TEST(Value, OfWeightsHasASquareForEachHead) {
  const Batch batch = batch_of({3, 5, 1});
  const Value value{Layout::weights, kMemory.data(), 0, 2};
  EXPECT_EQ(value.count(batch), 70);
  EXPECT_EQ(shape_of(value, batch, 1), "[2, 5, 5]");
  EXPECT_EQ(start_of(value, batch, 1), 18);
  EXPECT_EQ(start_of(value, batch, 2), 68);
}

TEST(Value, OfTextsHasOneRowAText) {
  const Batch batch = batch_of({3, 5});
  const Value value{Layout::texts, kMemory.data(), 6};
  EXPECT_EQ(value.rows(batch), 2);
  EXPECT_EQ(value.count(batch), 12);
  EXPECT_EQ(shape_of(value, batch, 1), "[6]");
  EXPECT_EQ(start_of(value, batch, 1), 6);
}

TEST(Value, OfIdsIsOfAnotherType) {
  const Batch batch = batch_of({3, 5});
  const Value value{Layout::ids, batch.input_ids.data()};
  EXPECT_EQ(value.dtype(), DType::i64);
  EXPECT_EQ(shape_of(value, batch, 1), "[5]");
  EXPECT_EQ(value.text(batch, 1).i64() - value.i64(), 3);
}

TEST(Value, ThatWasNotComputedHasNoElements) {
  const Batch batch = batch_of({3, 5});
  EXPECT_FALSE(Value{}.present());
  EXPECT_EQ(Value{}.count(batch), 0);
  EXPECT_EQ(shape_of(Value{}, batch, 0), "[0]");
}

}  // namespace
}  // namespace attnscope::nn
