// SPDX-License-Identifier: Apache-2.0
#include "probe_inputs.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "attnscope/checkpoint.h"

namespace probe {
namespace {

constexpr std::string_view kIds = ".input_ids";

std::vector<std::int64_t> read_ids(const attnscope::SafetensorsFile& file, const std::string& name) {
  const attnscope::TensorEntry* entry = file.find(name);
  if (entry == nullptr) return {};
  const attnscope::Tensor tensor = file.tensor(*entry);
  return {tensor.i64(), tensor.i64() + tensor.count()};
}

attnscope::Tensor read_rows(const attnscope::SafetensorsFile& file, const std::string& name) {
  const attnscope::TensorEntry* entry = file.find(name);
  return entry == nullptr ? attnscope::Tensor() : file.tensor(*entry);
}

std::int64_t read_number(const attnscope::SafetensorsFile& file, const std::string& name) {
  const std::vector<std::int64_t> numbers = read_ids(file, name);
  return numbers.empty() ? 0 : numbers.front();
}

bool comes_before(const NamedText& a, const NamedText& b) { return std::stoll(a.name) < std::stoll(b.name); }

}  // namespace

std::vector<NamedText> read_texts(const std::string& path) {
  const auto file = attnscope::SafetensorsFile::open(path);
  std::vector<NamedText> texts;
  for (const attnscope::TensorEntry& entry : file.entries()) {
    if (!entry.name.ends_with(kIds)) continue;
    const std::string name = entry.name.substr(0, entry.name.size() - kIds.size());
    texts.push_back(
        {name,
         {read_ids(file, entry.name), read_ids(file, name + ".token_type_ids"),
          read_ids(file, name + ".position_ids"), read_rows(file, name + ".inputs_embeds"),
          read_number(file, name + ".num_unattended"), read_number(file, name + ".pooled_token")}});
  }
  if (texts.empty()) throw std::runtime_error(path + ": no tensor NAME.input_ids");
  std::sort(texts.begin(), texts.end(), comes_before);
  return texts;
}

}  // namespace probe
