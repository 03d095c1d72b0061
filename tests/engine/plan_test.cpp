// SPDX-License-Identifier: Apache-2.0
#include "nn/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/request.h"
#include "support/indexed_network.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kLayers = 4;
constexpr std::int64_t kHeads = 3;

/// Makes plans for a masked LM of four layers with hooks at given paths.
class Planner {
 public:
  void hook(const std::string& path) {
    hooks_.add(nn::HookPoint::after, model_.index.match(path), [](HookEvent&) {}, {});
  }
  [[nodiscard]] nn::Plan plan(const Request& request) const {
    return make_plan(check_request(request, kLayers, kHeads), model_.network, model_.index, hooks_);
  }

 private:
  IndexedNetwork model_{TinySpec{.task = Task::masked_lm, .layers = kLayers}};
  nn::HookTable hooks_{model_.index.size()};
};

Request weights_of(const std::vector<std::int64_t>& layers) {
  Request request = Request::attentions();
  request.layers = layers;
  return request;
}

TEST(Plan, EndsWithTheWeightsOfTheLastWantedLayer) {
  const nn::Plan plan = Planner().plan(weights_of({2, 0}));
  EXPECT_EQ(plan.num_layers, 3);
  EXPECT_FALSE(plan.weights_only(0));
  EXPECT_FALSE(plan.weights_only(1));
  EXPECT_TRUE(plan.weights_only(2));
  EXPECT_FALSE(plan.after_encoder);
}

TEST(Plan, RunsEveryLayerForAllWeightsButNoHead) {
  const nn::Plan plan = Planner().plan(Request::attentions());
  EXPECT_EQ(plan.num_layers, kLayers);
  EXPECT_TRUE(plan.weights_only(kLayers - 1));
  EXPECT_FALSE(plan.after_encoder);
}

TEST(Plan, RunsNoLayerWhenNothingIsWanted) {
  EXPECT_EQ(Planner().plan(Request{}).num_layers, 0);
  EXPECT_EQ(Planner().plan(weights_of({})).num_layers, 0);
  EXPECT_FALSE(Planner().plan(Request{}).after_encoder);
}

TEST(Plan, RunsLayersWholeForHiddenStatesButNoHead) {
  Request request;
  request.hidden_states = true;
  const nn::Plan plan = Planner().plan(request);
  EXPECT_EQ(plan.num_layers, kLayers);
  EXPECT_FALSE(plan.weights_only(kLayers - 1));
  EXPECT_FALSE(plan.after_encoder);
}

TEST(Plan, RunsEverythingForLogits) {
  Request request = weights_of({0});
  request.logits = true;
  const nn::Plan plan = Planner().plan(request);
  EXPECT_EQ(plan.num_layers, kLayers);
  EXPECT_FALSE(plan.weights_only(0));
  EXPECT_TRUE(plan.after_encoder);
}

TEST(Plan, RunsALayerWholeThatAHookWatches) {
  Planner planner;
  planner.hook("transformer.layer.1.ffn.lin2");
  const nn::Plan plan = planner.plan(weights_of({0}));
  EXPECT_EQ(plan.num_layers, 2);
  EXPECT_FALSE(plan.weights_only(1));
}

TEST(Plan, KeepsItsShortEndWhenHooksStandBeforeIt) {
  Planner planner;
  planner.hook("embeddings.LayerNorm");
  planner.hook("transformer.layer.0.attention.attn");
  const nn::Plan plan = planner.plan(weights_of({1}));
  EXPECT_EQ(plan.num_layers, 2);
  EXPECT_TRUE(plan.weights_only(1));
  EXPECT_FALSE(plan.weights_only(0));
}

TEST(Plan, RunsTheLastLayerWholeWhenAHookWatchesIt) {
  Planner planner;
  planner.hook("transformer.layer.1.attention.attn");
  const nn::Plan plan = planner.plan(weights_of({1}));
  EXPECT_EQ(plan.num_layers, 2);
  EXPECT_FALSE(plan.weights_only(1));
}

TEST(Plan, RunsTheHeadForAHookOnIt) {
  Planner planner;
  planner.hook("activation");
  const nn::Plan plan = planner.plan(weights_of({0}));
  EXPECT_EQ(plan.num_layers, kLayers);
  EXPECT_TRUE(plan.after_encoder);
}

TEST(CheckedRequest, SpellsOutTheLayersAndHeadsThatAreMeant) {
  const CheckedRequest all = check_request(Request::attentions(), 2, 3);
  EXPECT_THAT(all.layers, ElementsAre(0, 1));
  EXPECT_THAT(all.heads, ElementsAre(0, 1, 2));
  EXPECT_THAT(check_request(Request::outputs(), 2, 3).layers, IsEmpty());
}

TEST(CheckedRequest, KeepsTheOrderThatWasAskedFor) {
  Request request = weights_of({3, 1});
  request.heads = {{2, 0}};
  const CheckedRequest checked = check_request(request, kLayers, kHeads);
  EXPECT_THAT(checked.layers, ElementsAre(3, 1));
  EXPECT_THAT(checked.heads, ElementsAre(2, 0));
}

TEST(CheckedRequest, RefusesLayersThatDoNotExistAndSaysWhichDo) {
  for (const std::int64_t layer : {std::int64_t{6}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
    const ErrorInfo info =
        expect_error("RANGE", [&] { static_cast<void>(check_request(weights_of({layer}), 6, 12)); });
    EXPECT_THAT(to_string(info), HasSubstr("0..5"));
    EXPECT_THAT(to_string(info), HasSubstr(std::to_string(layer)));
    EXPECT_EQ(info.field, "layers");
    EXPECT_EQ(info.kind, ErrorKind::usage);
  }
}

TEST(CheckedRequest, RefusesHeadsThatDoNotExist) {
  Request request = Request::attentions();
  request.heads = {{0, 12}};
  const ErrorInfo info = expect_error("RANGE", [&] { static_cast<void>(check_request(request, 6, 12)); });
  EXPECT_THAT(to_string(info), HasSubstr("0..11"));
  EXPECT_EQ(info.field, "heads");
}

TEST(CheckedRequest, RefusesALayerThatIsNamedTwice) {
  const ErrorInfo info = expect_error("RANGE", [&] {
    static_cast<void>(check_request(weights_of({1, 0, 1}), 6, 12));
  });
  EXPECT_THAT(to_string(info), HasSubstr("named twice"));
}

TEST(CheckedRequest, RefusesToReduceOverNoHeads) {
  Request request = Request::attentions();
  request.heads = std::vector<std::int64_t>{};
  EXPECT_NO_THROW(static_cast<void>(check_request(request, 6, 12)));
  request.reduce = Reduce::mean;
  expect_error("RANGE", [&] { static_cast<void>(check_request(request, 6, 12)); });
}

}  // namespace
}  // namespace attnscope
