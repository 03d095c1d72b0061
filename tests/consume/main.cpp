// SPDX-License-Identifier: Apache-2.0
//
// A user's program: prints the shape of the attention of a sentence.
#include <attnscope/attnscope.h>

#include <iostream>

int main() {
  const auto model = attnscope::Model::load("builtin:demo");
  const auto captures = model.run("This is a simple example sentence.", attnscope::Request::attentions());
  std::cout << attnscope::to_string(captures.texts[0].attentions.shape()) << '\n';
}
