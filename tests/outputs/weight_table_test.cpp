// SPDX-License-Identifier: Apache-2.0
#include "attnscope/weight_table.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "attnscope/error.h"
#include "outputs/test_folder.h"

namespace attnscope {
namespace {

const std::vector<std::int64_t> kLayers{4};
const std::vector<std::int64_t> kHeads{7, 1};
const std::vector<std::string> kTokens{"a,\"b\"", "c\td\\\ne\r"};

class WeightTableTest : public TestFolder {
 protected:
  /// What a file of this ending holds with the texts in it.
  std::string written(const std::string& ending, const std::vector<TextWeights>& texts) {
    WeightTable table(path("a" + ending));
    for (const TextWeights& text : texts) table.add(text);
    table.commit();
    return content(path("a" + ending));
  }

  const Tensor weights_ = Tensor::of({1, 2, 2, 2}, std::vector<float>{0, 0.1F, 1e-9F, 1, 0.5F, 0.25F, 2, 3});
  const Tensor reduced_ = Tensor::of({1, 1, 2}, std::vector<float>{0.75F, 0.25F});
};

TEST_F(WeightTableTest, QuotesFieldsOfCsv) {
  EXPECT_EQ(written(".csv", {{reduced_.view(), kLayers, kHeads, kTokens, {{0}}}}),
            "layer,from,to,from_token,to_token,weight\n"
            "4,0,0,\"a,\"\"b\"\"\",\"a,\"\"b\"\"\",0.75\n"
            "4,0,1,\"a,\"\"b\"\"\",\"c\td\\\ne\r\",0.25\n");
}

TEST_F(WeightTableTest, EscapesFieldsOfTsv) {
  EXPECT_EQ(written(".tsv", {{reduced_.view(), kLayers, kHeads, kTokens, {{1}}}}),
            "layer\tfrom\tto\tfrom_token\tto_token\tweight\n"
            "4\t1\t0\tc\\td\\\\\\ne\\r\ta,\"b\"\t0.75\n"
            "4\t1\t1\tc\\td\\\\\\ne\\r\tc\\td\\\\\\ne\\r\t0.25\n");
}

TEST_F(WeightTableTest, WritesAnObjectALine) {
  EXPECT_EQ(written(".jsonl", {{reduced_.view(), kLayers, kHeads, kTokens, {{0}}}}),
            R"({"layer":4,"from":0,"to":0,"from_token":"a,\"b\"","to_token":"a,\"b\"","weight":0.75})"
            "\n"
            R"({"layer":4,"from":0,"to":1,"from_token":"a,\"b\"","to_token":"c\td\\\ne\r","weight":0.25})"
            "\n");
}

TEST_F(WeightTableTest, NamesTextsWindowsAndHeads) {
  const std::vector<std::string> tokens{"x", "y"};
  TextWeights text{weights_.view(), kLayers, kHeads, tokens};
  text.text = 3;
  text.window = 5;
  EXPECT_EQ(written(".csv", {text}),
            "text,window,layer,head,from,to,from_token,to_token,weight\n"
            "3,5,4,7,0,0,x,x,0\n3,5,4,7,0,1,x,y,0.1\n3,5,4,7,1,0,y,x,1e-09\n3,5,4,7,1,1,y,y,1\n"
            "3,5,4,1,0,0,x,x,0.5\n3,5,4,1,0,1,x,y,0.25\n3,5,4,1,1,0,y,x,2\n3,5,4,1,1,1,y,y,3\n");
}

TEST_F(WeightTableTest, NamesWhatIsNoNumber) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Tensor weights = Tensor::of(
      {1, 1, 3}, std::vector<float>{-std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity});
  const std::vector<std::string> tokens{"x", "y", "z"};
  const TextWeights text{weights.view(), kLayers, kHeads, tokens, {{2}}};
  EXPECT_EQ(written(".csv", {text}),
            "layer,from,to,from_token,to_token,weight\n4,2,0,z,x,nan\n4,2,1,z,y,inf\n4,2,2,z,z,-inf\n");
  EXPECT_NE(written(".jsonl", {text}).find(R"("to_token":"z","weight":null})"), std::string::npos);
}

TEST_F(WeightTableTest, WithoutCommitThereIsNoFile) {
  { WeightTable(path("a.csv")).add({reduced_.view(), kLayers, kHeads, kTokens, {{0}}}); }
  EXPECT_EQ(files(), 0U);
}

TEST_F(WeightTableTest, EndsWithWhatThePollThrows) {
  WeightTable table(path("a.csv"));
  EXPECT_THROW(table.add({reduced_.view(), kLayers, kHeads, kTokens, {{0}}},
                         [] { throw std::runtime_error("enough"); }),
               std::runtime_error);
}

TEST_F(WeightTableTest, RefusesWhatDoesNotFit) {
  EXPECT_THROW(WeightTable(path("a.npz")), InvalidArgument);
  EXPECT_FALSE(is_weight_table("csv"));
  WeightTable table(path("a.csv"));
  EXPECT_THROW(table.add({reduced_.view(), kLayers, kHeads, kTokens}), InvalidArgument);  // one row of two
  EXPECT_THROW(table.add({reduced_.view(), kLayers, kHeads, kTokens, {{2}}}), InvalidArgument);
  table.add({reduced_.view(), kLayers, kHeads, kTokens, {{0}}});
  EXPECT_THROW(table.add({weights_.view(), kLayers, kHeads, kTokens}), InvalidArgument);  // has heads
}

}  // namespace
}  // namespace attnscope
