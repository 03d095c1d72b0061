// SPDX-License-Identifier: Apache-2.0
#include "attnscope/contributions.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string_view>
#include <utility>

#include "arrays.h"
#include "attend.h"
#include "bindings.h"
#include "session.h"
#include "shutdown.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

using analysis::AttentionBlock;
using analysis::NormKind;

constexpr std::pair<const char*, NormKind> kKinds[] = {{"head", NormKind::head},
                                                       {"summed", NormKind::summed},
                                                       {"residual", NormKind::residual},
                                                       {"normalised", NormKind::normalised}};

constexpr std::pair<const char*, Tensor AttentionBlock::*> kFields[] = {
    {"weights", &AttentionBlock::weights},
    {"values", &AttentionBlock::values},
    {"output_weight", &AttentionBlock::output_weight},
    {"output_bias", &AttentionBlock::output_bias},
    {"inputs", &AttentionBlock::inputs},
    {"norm_weight", &AttentionBlock::norm_weight},
    {"norm_bias", &AttentionBlock::norm_bias},
    {"outputs", &AttentionBlock::outputs}};

AttentionBlock block_of(const nb::dict& fields) {
  AttentionBlock block;
  for (const auto& [name, field] : kFields) block.*field = tensor_of(nb::cast<FloatArray>(fields[name]));
  block.norm_eps = nb::cast<double>(fields["norm_eps"]);
  return block;
}

nb::dict fields_of(const AttentionBlock& block) {
  nb::dict fields;
  for (const auto& [name, field] : kFields) fields[name] = to_python(block.*field, Framework::numpy);
  fields["norm_eps"] = block.norm_eps;
  return fields;
}

NormKind kind_of(std::string_view name) {
  for (const auto& [known, kind] : kKinds)
    if (name == known) return kind;
  return NormKind::normalised;
}

// What a method makes of a block, without Python's lock.
template <class Method>
nb::object of_block(const nb::dict& fields, const Method& method) {
  const AttentionBlock block = block_of(fields);
  const auto work = [&] {
    const Unlocked unlocked;
    return method(block);
  };
  return to_python(work(), Framework::writable_numpy);
}

nb::list find_blocks(Session& session, const TextIds& text, bool main_thread) {
  std::vector<AttentionBlock> blocks;
  session.with_run(main_thread,
                   [&](Run& run) { blocks = analysis::attention_blocks(run, sequence_of(text)); });
  nb::list result;
  for (const AttentionBlock& block : blocks) result.append(fields_of(block));
  return result;
}

nb::object zero_values(Session& session, const TextIds& text, bool main_thread) {
  Tensor result;
  session.with_run(main_thread, [&](Run& run) { result = analysis::value_zeroing(run, sequence_of(text)); });
  return to_python(result, Framework::writable_numpy);
}

}  // namespace

void bind_contributions(nb::module_& m) {
  m.def("attention_blocks", &find_blocks, "session"_a, "text"_a, "main_thread"_a);
  m.def("value_zeroing", &zero_values, "session"_a, "text"_a, "main_thread"_a);
  m.def(
      "vector_norms",
      [](const nb::dict& block, const std::string& kind) {
        return of_block(block, [&](const AttentionBlock& b) { return vector_norms(b, kind_of(kind)); });
      },
      "block"_a, "kind"_a);
  m.def(
      "mixing_ratio",
      [](const nb::dict& block, const std::string& kind) {
        return of_block(block, [&](const AttentionBlock& b) { return mixing_ratio(b, kind_of(kind)); });
      },
      "block"_a, "kind"_a);
  m.def(
      "transformed_norms",
      [](const nb::dict& block) {
        return of_block(block, [](const AttentionBlock& b) { return transformed_norms(b); });
      },
      "block"_a);
  m.def(
      "alti",
      [](const nb::dict& block) { return of_block(block, [](const AttentionBlock& b) { return alti(b); }); },
      "block"_a);
}

}  // namespace attnscope::python
