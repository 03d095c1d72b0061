// SPDX-License-Identifier: Apache-2.0
#include "attnscope/interventions.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string_view>

#include "arrays.h"
#include "attend.h"
#include "bindings.h"
#include "session.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

using Numbers = std::vector<std::int64_t>;

/// Edits that stay in a session until they are removed.
class AppliedEdits {
 public:
  explicit AppliedEdits(std::vector<HookHandle> handles) : handles_(std::move(handles)) {}
  AppliedEdits(AppliedEdits&&) noexcept = default;
  AppliedEdits& operator=(AppliedEdits&&) noexcept = default;
  AppliedEdits(const AppliedEdits&) = delete;  // a vector claims to be copied, whatever is in it
  AppliedEdits& operator=(const AppliedEdits&) = delete;
  ~AppliedEdits() = default;

  void remove() { handles_.clear(); }

 private:
  std::vector<HookHandle> handles_;
};

EditKind kind_of(std::string_view word) {
  for (const EditKind kind : {EditKind::mean_heads, EditKind::uniform_heads, EditKind::knock_out,
                              EditKind::zero_weights, EditKind::patch})
    if (word == name(kind)) return kind;
  return EditKind::zero_heads;
}

// What is not in `fields` keeps its default.
Edit edit_of(const std::string& kind, const nb::dict& fields) {
  Edit edit;
  edit.kind = kind_of(kind);
  const auto read = [&](const char* name, auto& field) {
    if (fields.contains(name)) field = nb::cast<std::remove_reference_t<decltype(field)>>(fields[name]);
  };
  read("layer", edit.layer);
  read("heads", edit.heads);
  read("pairs", edit.pairs);
  read("path", edit.path);
  read("output", edit.output);
  read("rows", edit.rows);
  read("text", edit.text);
  // A copy, because the array may change later.
  if (fields.contains("value")) {
    const Tensor given = tensor_of(nb::cast<FloatArray>(fields["value"]));
    edit.value = given.view().own();
  }
  return edit;
}

nb::list find_activations(Session& session, const TextIds& text, const std::vector<std::string>& paths,
                          bool main_thread) {
  std::vector<Tensor> values;
  session.with_run(main_thread, [&](Run& run) { values = activations(run, sequence_of(text), paths); });
  nb::list result;
  for (const Tensor& value : values) result.append(to_python(value, Framework::writable_numpy));
  return result;
}

}  // namespace

void bind_interventions(nb::module_& m) {
  nb::class_<AppliedEdits>(m, "AppliedEdits", "Edits in a session, until they are removed.")
      .def("remove", &AppliedEdits::remove);
  nb::class_<Interventions>(m, "Interventions", "Edits to be made together.")
      .def(nb::init<>())
      .def(
          "add",
          [](Interventions& edits, const std::string& kind, const nb::dict& fields) {
            edits.add(edit_of(kind, fields));
          },
          "kind"_a, "fields"_a)
      .def("to_json", &Interventions::to_json)
      .def_static(
          "from_json", [](const std::string& json) { return Interventions::from_json(json); }, "json"_a)
      .def("__len__", [](const Interventions& edits) { return edits.edits().size(); })
      .def(
          "apply",
          [](const Interventions& edits, Session& session) { return AppliedEdits(session.apply(edits)); },
          "session"_a);
  m.def("activations", &find_activations, "session"_a, "text"_a, "paths"_a, "main_thread"_a);
}

}  // namespace attnscope::python
