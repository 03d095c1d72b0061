// SPDX-License-Identifier: Apache-2.0
#include "attnscope/probe.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "attend.h"
#include "bindings.h"
#include "session.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

Ablation ablation_of(const std::string& word) {
  if (word == "zero") return Ablation::zero;
  return word == "mean" ? Ablation::mean : Ablation::uniform;
}

nb::tuple scan(Session& session, const TextIds& text, const std::string& ablation,
               const std::optional<FloatArray>& means, bool main_thread) {
  ScanOptions options;
  options.ablation = ablation_of(ablation);
  options.means = tensor_of(means);
  AblationScan scan;
  session.with_run(main_thread, [&](Run& run) { scan = ablation_scan(run, sequence_of(text), options); });
  return nb::make_tuple(to_python(scan.logits, Framework::numpy), to_python(scan.ablated, Framework::numpy));
}

nb::object mean_contexts(Session& session, const std::vector<TextIds>& texts, bool main_thread) {
  std::vector<Sequence> sequences;
  for (const TextIds& text : texts) sequences.push_back(sequence_of(text));
  MeanContexts means(session.model());
  session.with_run(main_thread, [&](Run& run) { means.add(run, sequences); });
  return to_python(means.value(), Framework::numpy);
}

}  // namespace

void bind_probe(nb::module_& m) {
  m.def("ablation_scan", &scan, "session"_a, "text"_a, "ablation"_a, "means"_a.none(), "main_thread"_a);
  m.def("mean_contexts", &mean_contexts, "session"_a, "texts"_a, "main_thread"_a);
}

}  // namespace attnscope::python
