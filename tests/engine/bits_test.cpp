// SPDX-License-Identifier: Apache-2.0
//
// A text gives the same bits whatever stands beside it and however it is run.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

// Below, at and above the sizes of blocks in the kernels.
const std::vector<std::int64_t> kLengths{1, 2, 3, 7, 16, 17, 31, 64, 65, 100, 128, 130};

const TinySpec kSmall{.task = Task::token_classification};
const TinySpec kLarge{.task = Task::sequence_classification, .heads = 12, .width = 192, .hidden = 384};
const TinySpec kBert{.model_type = "bert", .heads = 4, .width = 96, .hidden = 160};

TinySpec in_bf16(TinySpec spec) {
  spec.precision = Precision::bf16;
  return spec;
}

struct Case {
  const char* name;
  TinySpec spec;
};

class Bits : public testing::TestWithParam<Case> {
 protected:
  /// One text a run, one thread, no hooks.
  [[nodiscard]] std::vector<TextCapture> alone(const Request& request = everything()) const {
    std::vector<TextCapture> captures;
    for (const Sequence& text : texts_)
      captures.push_back(ModelRun(model_, {.threads = 1})({text}, request).texts.at(0));
    return captures;
  }
  static void expect_same(const std::vector<TextCapture>& found, const std::vector<TextCapture>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_TRUE(same_bits(found[i], expected[i])) << "text " << i;
  }

  Model model_ = load_model(GetParam().spec);
  std::vector<Sequence> texts_ = random_texts(kLengths);
};

TEST_P(Bits, DoNotDependOnTheTextsBeside) {
  expect_same(ModelRun(model_, {.threads = 1})(texts_, everything()).texts, alone());
}

TEST_P(Bits, DoNotDependOnTheOrder) {
  std::vector<Sequence> reversed(texts_.rbegin(), texts_.rend());
  std::vector<TextCapture> captures = ModelRun(model_)(reversed, everything()).texts;
  std::reverse(captures.begin(), captures.end());
  expect_same(captures, alone());
}

TEST_P(Bits, DoNotDependOnTheNumberOfThreads) {
  const std::vector<TextCapture> expected = alone();
  for (const int threads : {0, 1, 2, 3, 5})
    expect_same(ModelRun(model_, {.threads = threads})(texts_, everything()).texts, expected);
}

TEST_P(Bits, DoNotDependOnWhatTheRunDidBefore) {
  ModelRun run(model_);
  run(random_texts({40, 3, 90}), everything());
  expect_same(run(texts_, everything()).texts, alone());
  expect_same(run(texts_, everything()).texts, alone());
}

TEST_P(Bits, DoNotDependOnHooksThatOnlyLook) {
  ModelRun run(model_);
  for (const ModuleInfo& module : model_.modules()) {
    run.register_forward_pre_hook(module, [](HookEvent&) {}).detach();
    run.register_forward_hook(module, [](HookEvent&) {}).detach();
  }
  expect_same(run(texts_, everything()).texts, alone());
}

TEST_P(Bits, DoNotDependOnWhichModuleIsHooked) {
  const Sequence text = texts_.back();
  const TextCapture expected = alone().back();
  for (const ModuleInfo& module : model_.modules()) {
    ModelRun run(model_, {.threads = 1});
    const HookHandle handle = run.register_forward_hook(module, [](HookEvent&) {});
    EXPECT_TRUE(same_bits(run({text}, everything()).texts.at(0), expected)) << module.path;
  }
}

TEST_P(Bits, OfWeightsDoNotDependOnTheLayersAndHeadsAskedFor) {
  const std::vector<TextCapture> whole = alone();
  Request request = Request::attentions();
  request.layers = {{2, 1}};
  request.heads = {{3, 0}};
  const Captures captures = ModelRun(model_)(texts_, request);
  for (std::size_t i = 0; i < texts_.size(); ++i)
    for (std::int64_t layer = 0; layer < 2; ++layer)
      for (std::int64_t head = 0; head < 2; ++head)
        EXPECT_TRUE(
            same_bits(captures.texts[i].attentions.view().select(0, layer).select(0, head),
                      whole[i].attentions.view().select(0, layer == 0 ? 2 : 1).select(0, head == 0 ? 3 : 0)));
}

TEST_P(Bits, OfWeightsDoNotDependOnWhatElseIsAskedFor) {
  const std::vector<TextCapture> whole = alone();
  const Captures captures = ModelRun(model_)(texts_, Request::attentions());
  for (std::size_t i = 0; i < texts_.size(); ++i)
    EXPECT_TRUE(same_bits(captures.texts[i].attentions, whole[i].attentions));
}

TEST_P(Bits, OfOutputsDoNotDependOnWhatElseIsAskedFor) {
  const std::vector<TextCapture> whole = alone();
  const Captures captures = ModelRun(model_)(texts_, Request::outputs());
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    EXPECT_TRUE(same_bits(captures.texts[i].last_hidden_state, whole[i].last_hidden_state));
    EXPECT_TRUE(same_bits(captures.texts[i].pooler_output, whole[i].pooler_output));
    EXPECT_TRUE(same_bits(captures.texts[i].logits, whole[i].logits));
  }
}

TEST_P(Bits, OfReducedWeightsDoNotDependOnTheTextsBesideAndThreads) {
  Request request = everything();
  request.reduce = Reduce::mean;
  expect_same(ModelRun(model_, {.threads = 2})(texts_, request).texts, alone(request));
}

INSTANTIATE_TEST_SUITE_P(Models, Bits,
                         testing::Values(Case{"Small", kSmall}, Case{"Large", kLarge}, Case{"Bert", kBert},
                                         Case{"SmallInBf16", in_bf16(kSmall)},
                                         Case{"LargeInBf16", in_bf16(kLarge)},
                                         Case{"BertInBf16", in_bf16(kBert)}),
                         [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace attnscope
