// SPDX-License-Identifier: Apache-2.0
#include "attnscope/model.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <string_view>
#include <utility>

#include "attend.h"
#include "bindings.h"
#include "python_text.h"
#include "session.h"
#include "shared_object.h"
#include "shutdown.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

constexpr std::array<std::pair<const char*, Task>, 5> kTasks{{
    {"none", Task::none},
    {"masked_lm", Task::masked_lm},
    {"sequence_classification", Task::sequence_classification},
    {"token_classification", Task::token_classification},
    {"question_answering", Task::question_answering},
}};

LoadOptions options_of(const std::optional<std::string>& task, std::string_view precision) {
  LoadOptions options;
  options.precision = precision == "bf16" ? Precision::bf16 : Precision::fp32;
  for (const auto& [name, value] : kTasks)
    if (task == name) options.task = value;
  return options;
}

const char* name_of(Task task) {
  for (const auto& [name, value] : kTasks)
    if (value == task) return name;
  return "";
}

nb::dict info_of(const Session& session) {
  const ModelInfo& info = session.model().info();
  nb::dict result;
  result["source"] = path_text(info.source);
  result["directory"] = path_text(info.directory);
  result["model_type"] = info.model_type;
  result["architecture"] = info.architecture;
  result["task"] = name_of(info.task);
  result["precision"] = name(info.precision);
  result["num_layers"] = info.num_layers;
  result["num_heads"] = info.num_heads;
  result["hidden_size"] = info.hidden_size;
  result["vocab_size"] = info.vocab_size;
  result["max_positions"] = info.max_positions;
  result["num_parameters"] = info.num_parameters;
  result["notices"] = message_texts(info.notices);
  return result;
}

// [(path, type, [parameter name, ...]), ...] in Hugging Face's order.
nb::list modules_of(const Session& session) {
  nb::list modules;
  for (const ModuleInfo& module : session.model().modules()) {
    nb::list parameters;
    for (const ParameterInfo& parameter : module.parameters) parameters.append(parameter.name);
    modules.append(nb::make_tuple(module.path, module.type, parameters));
  }
  return modules;
}

nb::object parameter_of(const Session& session, const std::string& path, const std::string& name,
                        bool torch) {
  for (const ParameterInfo& parameter : session.model().module(path).parameters)
    if (parameter.name == name)
      return to_python(parameter.value(), torch ? Framework::torch : Framework::numpy);
  return nb::none();
}

// A number that only parameters that are one have in common.
std::uintptr_t parameter_identity(const Session& session, const std::string& path, const std::string& name) {
  for (const ParameterInfo& parameter : session.model().module(path).parameters)
    if (parameter.name == name) return reinterpret_cast<std::uintptr_t>(parameter.identity);
  return 0;
}

Tensor ids_of(const std::optional<IdArray>& array) {
  if (!array) return {};
  // Only read while the call that was given the array lasts.
  return {std::shared_ptr<const void>(std::shared_ptr<void>(), array->data()), array->data(), DType::i64,
          shape_of(AnyArray(*array))};
}

nb::dict forward(Session& session, const std::optional<IdArray>& input_ids,
                 const std::optional<IdArray>& attention_mask, const std::optional<IdArray>& token_type_ids,
                 const std::optional<IdArray>& position_ids, const std::optional<FloatArray>& inputs_embeds,
                 const nb::dict& flags, const nb::object& fire) {
  const auto flag = [&](const char* name) { return nb::cast<bool>(flags[name]); };
  const PaddedInputs inputs{ids_of(input_ids), ids_of(attention_mask), ids_of(token_type_ids),
                            ids_of(position_ids), tensor_of(inputs_embeds)};
  ForwardOptions options;
  options.attentions = flag("attentions");
  options.hidden_states = flag("hidden_states");
  options.first_token = flag("pooled") ? FirstToken::pooled : FirstToken::plain;
  CallOptions call;
  call.fire = fire;
  call.torch = flag("torch");
  call.on_main_thread = flag("main_thread");
  call.own_positions = !inputs.position_ids.empty() && inputs.position_ids.size(0) > 1;
  return session.forward(inputs, options, call);
}

DType dtype_named(std::string_view name) {
  for (const DType dtype : {DType::f16, DType::bf16, DType::i64})
    if (name == attnscope::name(dtype)) return dtype;
  return DType::f32;
}

// tensors: {name: (address, "F32", shape, owner)}
std::unique_ptr<Session> from_memory(const std::string& label, std::map<std::string, std::string> files,
                                     const nb::dict& tensors, const std::optional<std::string>& task,
                                     const std::string& precision) {
  ModelParts parts;
  parts.label = label;
  parts.files = std::move(files);
  for (const auto& [name, entry] : tensors) {
    const auto owner = std::make_shared<SharedObject>(nb::borrow(entry[3]));
    const auto* data = reinterpret_cast<const void*>(nb::cast<std::uintptr_t>(entry[0]));
    const DType dtype = dtype_named(nb::cast<std::string>(entry[1]));
    parts.tensors.emplace(nb::cast<std::string>(name),
                          Tensor(owner, data, dtype, Shape(nb::cast<std::vector<std::int64_t>>(entry[2]))));
  }
  const Unlocked unlocked;
  return std::make_unique<Session>(Model::from_memory(parts, options_of(task, precision)));
}

std::unique_ptr<Session> load(const nb::bytes& source, const std::optional<std::string>& task,
                              bool check_finite, const std::string& precision) {
  const std::string path = path_of(source);
  LoadOptions options = options_of(task, precision);
  options.check_finite = check_finite;
  const Unlocked unlocked;
  return std::make_unique<Session>(Model::load(path, options));
}

void register_hook(Session& session, const std::string& path, bool before, std::int64_t id, bool prepend,
                   bool always_call) {
  session.register_hook(path, before ? PythonHook::Point::before : PythonHook::Point::after, id,
                        {prepend, always_call});
}

}  // namespace

void bind_model(nb::module_& m) {
  bind_weights_on_demand(m);
  nb::class_<Session>(m, "Session", nb::is_weak_referenceable(),
                      "A loaded model and its hooks; any thread may call it.")
      .def_static("load", &load, "source"_a, "task"_a.none(), "check_finite"_a = false,
                  "precision"_a = "fp32")
      .def_static("from_memory", &from_memory, "label"_a, "files"_a, "tensors"_a, "task"_a.none(),
                  "precision"_a = "fp32")
      .def("copy", [](const Session& session) { return std::make_unique<Session>(session.model()); })
      .def("info", &info_of)
      .def("modules", &modules_of)
      .def("find",
           [](const Session& session, const std::string& path) { return session.model().module(path).path; })
      .def("parameter_identity", &parameter_identity, "path"_a, "name"_a)
      .def("parameter", &parameter_of, "path"_a, "name"_a, "torch"_a)
      .def("forward", &forward, "input_ids"_a.none(), "attention_mask"_a.none(), "token_type_ids"_a.none(),
           "position_ids"_a.none(), "inputs_embeds"_a.none(), "flags"_a, "fire"_a.none())
      .def("attend", &attend, "texts"_a, "choices"_a, "main_thread"_a, "fire"_a.none())
      .def("register_hook", &register_hook, "path"_a, "before"_a, "id"_a, "prepend"_a, "always_call"_a)
      .def("remove_hook", &Session::remove_hook, "id"_a);
  m.def(
      "read_model_file",
      [](const nb::bytes& source, const std::string& name) { return read_model_file(path_of(source), name); },
      "source"_a, "name"_a);
  m.def("set_num_threads", &Session::set_num_threads, "threads"_a);
  m.def("get_num_threads", &Session::num_threads);
  m.def("after_fork", &Session::after_fork);
  m.def("begin_ending", &begin_ending);
}

}  // namespace attnscope::python
