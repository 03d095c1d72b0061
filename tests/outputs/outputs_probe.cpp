// SPDX-License-Identifier: Apache-2.0
// Writes the same sample arrays to each file named on the command line; test_array_files.py reads them back.
// `outputs_probe palettes` prints the colour tables of the viewer.
#include <cstdio>
#include <exception>
#include <string_view>

#include "attnscope/outputs.h"
#include "outputs/palettes_json.h"

namespace {

attnscope::Tensor ramp(const attnscope::Shape& shape) {
  attnscope::Tensor tensor(shape);
  for (std::int64_t index = 0; index < tensor.count(); ++index) {
    tensor.mutable_view().f32()[index] = 0.25F * static_cast<float>(index);
  }
  return tensor;
}

void write_samples(const std::string& path) {
  attnscope::write_arrays(
      path,
      {attnscope::NamedArray::of("attentions", ramp({2, 3, 4, 4})),
       attnscope::NamedArray::of("layers", attnscope::Tensor::of({2}, std::vector<std::int64_t>{0, -5})),
       attnscope::NamedArray::of("empty", ramp({0, 2})), attnscope::NamedArray::of("scalar", ramp({})),
       attnscope::NamedArray::of("tokens", std::vector<std::string>{"[CLS]", "", "caf\xC3\xA9",
                                                                    "\xF0\x9F\x98\x80", "a\"\\\n\xFF"})},
      {{"model", "sample \"quoted\""}, {"version", "1"}});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2 && std::string_view(argv[1]) == "palettes") {
      std::fputs(attnscope::palettes_json().c_str(), stdout);
      return 0;
    }
    for (int index = 1; index < argc; ++index) write_samples(argv[index]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
