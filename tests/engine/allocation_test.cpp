// SPDX-License-Identifier: Apache-2.0
//
// Once a run is warm its layers allocate nothing, but for what the matrix library does by itself in each
// call.

#include <gtest/gtest.h>

#include "nn/allocations.h"
#include "nn/product.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

const std::vector<std::int64_t> kLengths{130, 9, 64};
constexpr std::int64_t kTokens = 203;

template <class Call>
int allocations_of(const Call& call) {
  for (int i = 0; i < 3; ++i) call();
  const int before = test::allocations();
  call();
  return test::allocations() - before;
}

// Of a product of the tokens; what of it is our own is tested in product_test.
int allocations_of_a_product(std::int64_t in, std::int64_t out) {
  const nn::Product product(Tensor({out, in}), Tensor({out}));
  const std::vector<float> input(static_cast<std::size_t>(kTokens * in));
  std::vector<float> output(static_cast<std::size_t>(kTokens * out));
  return allocations_of([&] { product(input.data(), in, kTokens, output.data(), out); });
}

int allocations_of_a_run(const TinySpec& spec, const Request& request) {
  const Model model = load_model(spec);
  const std::vector<Sequence> texts = random_texts(kLengths);
  ModelRun run(model);
  return allocations_of([&] { run(texts, request); });
}

TEST(Allocations, AreNoneInTheLayers) {
  const TinySpec tiny;
  const int of_a_layer = 4 * allocations_of_a_product(tiny.width, tiny.width) +
                         allocations_of_a_product(tiny.width, tiny.hidden) +
                         allocations_of_a_product(tiny.hidden, tiny.width);
  Request some = everything();
  some.layers = {{0, 2}};
  Request reduced = some;
  reduced.reduce = Reduce::mean;
  for (const char* model_type : {"distilbert", "bert"})
    for (const Request& request : {Request::outputs(), some, reduced}) {
      const int of_three = allocations_of_a_run({.model_type = model_type}, request);
      const int of_twelve = allocations_of_a_run({.model_type = model_type, .layers = 12}, request);
      EXPECT_EQ(of_twelve - of_three, 9 * of_a_layer) << model_type;
      EXPECT_GT(of_three, 0) << "the counter does not count";
    }
}

}  // namespace
}  // namespace attnscope
