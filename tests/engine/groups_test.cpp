// SPDX-License-Identifier: Apache-2.0
//
// More tokens than are computed at once: the texts are computed in groups, which nobody may notice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

const TinySpec kSpec{.model_type = "bert", .task = Task::sequence_classification, .layers = 2};
const std::vector<std::int64_t> kLengths{500, 500, 400, 3, 1, 500, 124, 500, 7};

TEST(Groups, GiveTheBitsOfTextsAlone) {
  const Model model = load_model(kSpec);
  const std::vector<Sequence> texts = random_texts(kLengths);
  const Captures together = ModelRun(model)(texts, everything());
  ASSERT_EQ(together.texts.size(), texts.size());
  EXPECT_EQ(together.layers, (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(together.statistics, everything().statistics);
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_TRUE(same_bits(together.texts[i], ModelRun(model)({texts[i]}, everything()).texts.at(0))) << i;
}

TEST(Groups, WriteToTheMemoryOfTheTextThatIsMeant) {
  const Model model = load_model(kSpec);
  const std::vector<Sequence> texts = random_texts(kLengths);
  Request request = Request::attentions();
  request.layers = {{1}};
  request.heads = {{0}};
  const Captures expected = ModelRun(model)(texts, request);
  std::vector<std::vector<float>> memory;
  for (const std::int64_t length : kLengths) memory.emplace_back(static_cast<std::size_t>(length * length));
  request.weights_memory = [&](std::int64_t, std::int64_t text, std::int64_t) {
    return memory[static_cast<std::size_t>(text)].data();
  };
  ModelRun run(model);
  run(texts, request);
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_TRUE(std::equal(memory[i].begin(), memory[i].end(), expected.texts[i].attentions.f32())) << i;
}

TEST(Groups, NameATextThatIsWrongByItsNumberAmongAll) {
  const Model model = load_model(kSpec);
  const std::vector<Sequence> texts = random_texts(kLengths);
  Request request = Request::attentions();
  request.rows = {{2}};
  const ErrorInfo info = expect_error("RANGE", [&] { ModelRun{model}(texts, request); });
  EXPECT_THAT(to_string(info), testing::HasSubstr("text 4"));
}

TEST(Groups, AreOneBatchForAHook) {
  const Model model = load_model(kSpec);
  std::vector<std::int64_t> seen;
  ModelRun run(model);
  const HookHandle handle = run.register_forward_hook(
      "bert.pooler", [&](HookEvent& event) { seen.push_back(event.output(0).num_texts()); });
  run(random_texts(kLengths), Request::outputs());
  EXPECT_EQ(seen, std::vector<std::int64_t>{9});
}

}  // namespace
}  // namespace attnscope
