// SPDX-License-Identifier: Apache-2.0
#include "explained_target.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nb = nanobind;

namespace attnscope::python {
namespace {

constexpr std::pair<const char*, Target::Of> kKinds[] = {{"logit", Target::Of::logit},
                                                         {"probability", Target::Of::probability},
                                                         {"log_probability", Target::Of::log_probability},
                                                         {"loss", Target::Of::loss}};

}  // namespace

ExplainedTarget explained_target(const nb::dict& given) {
  ExplainedTarget explained;
  const auto kind = nb::cast<std::string>(given["of"]);
  for (const auto& [name, of] : kKinds)
    if (kind == name) explained.target.of = of;
  const auto label = nb::cast<std::optional<std::int64_t>>(given["label"]);
  explained.has_label = label.has_value();
  explained.target.label = label.value_or(0);
  explained.target.tokens = nb::cast<std::vector<std::int64_t>>(given["tokens"]);
  return explained;
}

Tensor logits_of(Run& run, const Sequence& text) {
  Request request;
  request.logits = true;
  return run(std::vector<Sequence>{text}, request).texts.front().logits;
}

}  // namespace attnscope::python
