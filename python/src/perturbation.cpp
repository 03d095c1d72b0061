// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <utility>

#include "arrays.h"
#include "attend.h"
#include "attnscope/probe.h"
#include "bindings.h"
#include "explained_target.h"
#include "session.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

using Groups = std::vector<std::vector<std::int64_t>>;
using OptionalId = std::optional<std::int64_t>;

Target target_of(const ExplainedTarget& explained, Run& run, const Sequence& text) {
  const bool has_head = run.model().info().task != Task::none;  // without one the method says so
  if (explained.has_label || !has_head) return explained.target;
  const Tensor logits = logits_of(run, text);
  return predicted_target(logits.view(), explained.target.tokens, explained.target.of);
}

nb::object find_patching_effects(Session& session, const std::pair<TextIds, TextIds>& texts,
                                 const nb::dict& target, const std::vector<std::string>& paths,
                                 bool main_thread) {
  const ExplainedTarget wanted = explained_target(target);
  const Sequence clean = sequence_of(texts.first);
  Tensor effects;
  session.with_run(main_thread, [&](Run& run) {
    effects = patching_effects(run, clean, sequence_of(texts.second), target_of(wanted, run, clean), paths);
  });
  return to_python(effects, Framework::writable_numpy);
}

nb::object find_left_out(Session& session, const TextIds& ids, const nb::dict& target, const Groups& groups,
                         OptionalId replacement_id, bool main_thread) {
  const ExplainedTarget wanted = explained_target(target);
  const Sequence text = sequence_of(ids);
  Tensor changes;
  session.with_run(main_thread, [&](Run& run) {
    changes = leave_one_out(run, text, target_of(wanted, run, text), groups, replacement_id);
  });
  return to_python(changes, Framework::writable_numpy);
}

// {"replacement_id", "beam"}
FaithfulnessOptions options_of(const nb::dict& given) {
  return {nb::cast<OptionalId>(given["replacement_id"]), nb::cast<std::int64_t>(given["beam"])};
}

nb::dict find_faithfulness(Session& session, const TextIds& ids, const nb::dict& target,
                           const std::pair<Groups, std::vector<double>>& ranking, const nb::dict& given,
                           bool main_thread) {
  const ExplainedTarget wanted = explained_target(target);
  const Sequence text = sequence_of(ids);
  const FaithfulnessOptions options = options_of(given);
  Faithfulness found;
  session.with_run(main_thread, [&](Run& run) {
    found = faithfulness(run, text, target_of(wanted, run, text), ranking.first, ranking.second, options);
  });
  nb::dict result;
  result["bins"] = found.bins;
  result["comprehensiveness"] = found.comprehensiveness;
  result["sufficiency"] = found.sufficiency;
  result["mean_comprehensiveness"] = found.mean_comprehensiveness;
  result["mean_sufficiency"] = found.mean_sufficiency;
  result["normalised_comprehensiveness"] = found.normalised_comprehensiveness;
  result["normalised_sufficiency"] = found.normalised_sufficiency;
  return result;
}

}  // namespace

void bind_perturbation(nb::module_& m) {
  m.def("patching_effects", &find_patching_effects, "session"_a, "texts"_a, "target"_a, "paths"_a,
        "main_thread"_a);
  m.def("leave_one_out", &find_left_out, "session"_a, "text"_a, "target"_a, "groups"_a,
        "replacement_id"_a.none(), "main_thread"_a);
  m.def("faithfulness", &find_faithfulness, "session"_a, "text"_a, "target"_a, "ranking"_a, "options"_a,
        "main_thread"_a);
}

}  // namespace attnscope::python
