// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "attnscope/interventions.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

using testing::HasSubstr;

// Floats of every size, the smallest and -0 among them.
Tensor floats(std::int64_t count) {
  std::mt19937 random(7);
  std::vector<float> values{0.0F,
                            -0.0F,
                            std::numeric_limits<float>::denorm_min(),
                            -std::numeric_limits<float>::min(),
                            std::numeric_limits<float>::max(),
                            0.1F};
  while (static_cast<std::int64_t>(values.size()) < count)
    if (const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random())); std::isfinite(value))
      values.push_back(value);
  return Tensor::of({count}, values);
}

Interventions every_kind() {
  Interventions edits;
  edits.add({.kind = EditKind::zero_heads, .layer = 2, .heads = {5, 1}, .text = 3});
  edits.add({.kind = EditKind::mean_heads, .layer = 0, .value = floats(24).reshape({3, 8})});
  edits.add({.kind = EditKind::uniform_heads, .layer = 1});
  edits.add({.kind = EditKind::knock_out, .layer = 3, .heads = {0}, .pairs = {{0, -1}, {2, 1}}});
  edits.add({.kind = EditKind::zero_weights, .layer = 3, .pairs = {{4, 4}}});
  edits.add({.kind = EditKind::patch,
             .path = "transformer.layer.1",
             .output = 1,
             .rows = {0, -2},
             .value = floats(2000).reshape({2, 1000}),
             .text = 0});
  return edits;
}

TEST(InterventionsJson, ReadsBackTheSameEditsBitForBit) {
  const Interventions edits = every_kind();
  const Interventions read = Interventions::from_json(edits.to_json());
  ASSERT_EQ(read.edits().size(), edits.edits().size());
  for (std::size_t i = 0; i < edits.edits().size(); ++i) {
    const Edit& left = edits.edits()[i];
    const Edit& right = read.edits()[i];
    EXPECT_EQ(left.kind, right.kind);
    EXPECT_EQ(left.layer, right.layer);
    EXPECT_EQ(left.heads, right.heads);
    EXPECT_EQ(left.pairs, right.pairs);
    EXPECT_EQ(left.path, right.path);
    EXPECT_EQ(left.output, right.output);
    EXPECT_EQ(left.rows, right.rows);
    EXPECT_EQ(left.text, right.text);
    EXPECT_TRUE(same_bits(left.value, right.value)) << "edit " << i;
  }
  EXPECT_EQ(read.to_json(), edits.to_json());
}

TEST(InterventionsJson, IsWhatTheHeaderSays) {
  Interventions edits;
  EXPECT_EQ(edits.to_json(), "[]");
  edits.add({.kind = EditKind::knock_out, .layer = 2, .heads = {5}, .pairs = {{0, 1}}});
  edits.add(
      {.kind = EditKind::patch, .path = "embeddings", .value = Tensor::of({1, 2}, std::vector{0.5F, -2.0F})});
  EXPECT_EQ(edits.to_json(),
            R"([{"kind":"knock_out","layer":2,"heads":[5],"pairs":[[0,1]]},)"
            R"({"kind":"patch","path":"embeddings","output":0,"value":{"shape":[1,2],"data":[0.5,-2]}}])");
}

void expect_refused(const char* json, const char* code, const char* place, const char* what) {
  const ErrorInfo error = expect_error(code, [&] { static_cast<void>(Interventions::from_json(json)); });
  EXPECT_THAT(error.field, HasSubstr(place)) << json;
  EXPECT_THAT(to_string(error), HasSubstr(what)) << json;
}

TEST(InterventionsJson, NamesThePlaceOfWhatIsWrong) {
  expect_refused("{}", "EDIT_JSON", "/", "found an object, expected an array");
  expect_refused("[", "EDIT_JSON", "", "");
  expect_refused("[3]", "EDIT_JSON", "/0", "expected an object");
  expect_refused(R"([{"layer":1}])", "EDIT_JSON", "/0", "no member 'kind'");
  expect_refused(R"([{"kind":"zero_heads"}])", "EDIT_JSON", "/0", "no member 'layer'");
  expect_refused(R"([{"kind":"zap","layer":1}])", "EDIT_JSON", "/0/kind", "no kind 'zap'");
  expect_refused(R"([{"kind":"zero_heads","layer":1.5}])", "EDIT_JSON", "/0/layer", "expected an integer");
  expect_refused(R"([{"kind":"zero_heads","layer":1,"heads":["a"]}])", "EDIT_JSON", "/0/heads/0",
                 "expected an integer");
  expect_refused(R"([{"kind":"zero_heads","layer":1,"head":[1]}])", "EDIT_JSON", "/0/head",
                 "no field 'head'");
  expect_refused(R"([{"kind":"knock_out","layer":1,"pairs":[[1,2,3]]}])", "EDIT_JSON", "/0/pairs/0",
                 "3 numbers");
  expect_refused(R"([{"kind":"patch","path":7}])", "EDIT_JSON", "/0/path", "expected a string");
  expect_refused(R"([{"kind":"patch","path":"a","value":{"shape":[2],"data":[1]}}])", "EDIT_JSON",
                 "/0/value/shape", "shape [2] for 1 numbers");
  expect_refused(R"([{"kind":"patch","path":"a","value":{"shape":[9223372036854775807,4],"data":[1]}}])",
                 "EDIT_JSON", "/0/value/shape", "for 1 numbers");
  expect_refused(R"([{"kind":"patch","path":"a","value":{"shape":[-1],"data":[1]}}])", "EDIT_JSON",
                 "/0/value/shape", "for 1 numbers");
  expect_refused(R"([{"kind":"patch","path":"a","value":{"shape":[1],"data":[1e39]}}])", "EDIT_JSON",
                 "/0/value/data/0", "beyond the range");
  expect_refused(R"([{"kind":"patch","path":"a","value":{"shape":[1]}}])", "EDIT_JSON", "/0/value",
                 "no member 'data'");
  expect_refused(R"([{"kind":"patch","path":"a","value":{"shape":[1,1,1,1,1,1,1,1,1],"data":[1]}}])",
                 "EDIT_JSON", "/0/value/shape", "9 dimensions");
}

TEST(InterventionsJson, RefusesWhatAddRefuses) {
  expect_refused(R"([{"kind":"knock_out","layer":1}])", "EDIT", "edits[0]", "needs the field 'pairs'");
  expect_refused(R"([{"kind":"zero_heads","layer":1},{"kind":"uniform_heads","layer":1}])", "EDIT_CONFLICT",
                 "edits[1]", "edits[0]");
}

}  // namespace
}  // namespace attnscope
