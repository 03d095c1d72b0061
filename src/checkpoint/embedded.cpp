// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/embedded.h"

#include <algorithm>
#include <array>

// Defined by the assembler file that CMake writes from embedded.S.in.
#define ATTNSCOPE_EMBEDDED(symbol)                          \
  extern "C" const std::byte attnscope_embedded_##symbol[]; \
  extern "C" const std::byte attnscope_embedded_##symbol##_end[];
ATTNSCOPE_EMBEDDED(config_json)
ATTNSCOPE_EMBEDDED(model_safetensors)
ATTNSCOPE_EMBEDDED(tokenizer_json)
ATTNSCOPE_EMBEDDED(tokenizer_config_json)
ATTNSCOPE_EMBEDDED(vocab_txt)
#undef ATTNSCOPE_EMBEDDED

namespace attnscope {
namespace {

EmbeddedFile file(std::string_view name, const std::byte* begin, const std::byte* end) {
  return {name, begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

const EmbeddedFile* find_embedded_file(std::string_view name) {
  static const std::array files{
      file("config.json", attnscope_embedded_config_json, attnscope_embedded_config_json_end),
      file("model.safetensors", attnscope_embedded_model_safetensors,
           attnscope_embedded_model_safetensors_end),
      file("tokenizer.json", attnscope_embedded_tokenizer_json, attnscope_embedded_tokenizer_json_end),
      file("tokenizer_config.json", attnscope_embedded_tokenizer_config_json,
           attnscope_embedded_tokenizer_config_json_end),
      file("vocab.txt", attnscope_embedded_vocab_txt, attnscope_embedded_vocab_txt_end)};
  const auto* const found = std::find_if(files.begin(), files.end(), [&](const EmbeddedFile& candidate) {
    return candidate.name == name && candidate.size_bytes != 0;
  });
  return found == files.end() ? nullptr : found;
}

}  // namespace attnscope
