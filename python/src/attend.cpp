// SPDX-License-Identifier: Apache-2.0
#include "attend.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>

#include "arrays.h"
#include "python_text.h"
#include "shutdown.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

using Numbers = std::optional<std::vector<std::int64_t>>;

std::vector<Statistic> statistics_of(const std::vector<std::string>& names) {
  std::vector<Statistic> chosen;
  for (const std::string& wanted : names)
    for (const Statistic statistic : all_statistics())
      if (wanted == name(statistic)) chosen.push_back(statistic);
  return chosen;
}

std::vector<std::string> statistic_names() {
  std::vector<std::string> names;
  for (const Statistic statistic : all_statistics()) names.emplace_back(name(statistic));
  return names;
}

Request request_of(const nb::dict& choices) {
  Request request;
  request.layers = nb::cast<Numbers>(choices["layers"]);
  request.heads = nb::cast<Numbers>(choices["heads"]);
  request.rows = nb::cast<Numbers>(choices["rows"]);
  const auto reduce = nb::cast<std::string>(choices["reduce"]);
  request.reduce = reduce == "mean" ? Reduce::mean : reduce == "max" ? Reduce::max : Reduce::none;
  request.statistics = statistics_of(nb::cast<std::vector<std::string>>(choices["statistics"]));
  request.received = nb::cast<bool>(choices["received"]);
  request.top_keys = nb::cast<std::int64_t>(choices["top_keys"]);
  request.weights = nb::cast<bool>(choices["weights"]);
  request.on_demand = nb::cast<bool>(choices["on_demand"]);
  return request;
}

nb::dict results_of(const TextCapture& text) {
  nb::dict results;
  const auto put = [&](const char* name, const Tensor& tensor, Framework framework) {
    if (!tensor.empty()) results[name] = to_python(tensor, framework);
  };
  put("attentions", text.attentions, Framework::writable_numpy);
  put("statistics", text.statistics, Framework::numpy);
  put("received", text.received, Framework::numpy);
  put("top_weights", text.top_weights, Framework::numpy);
  put("top_keys", text.top_keys, Framework::numpy);
  if (!text.on_demand.empty()) results["on_demand"] = nb::cast(text.on_demand);
  results["notices"] = message_texts(text.notices);
  return results;
}

nb::object weights_of(const WeightsOnDemand& states, std::int64_t layer, std::int64_t head,
                      const Numbers& rows) {
  const auto make = [&] {
    const Unlocked unlocked;
    return rows ? states.weights(layer, head, *rows) : states.weights(layer, head);
  };
  return to_python(make(), Framework::writable_numpy);
}

}  // namespace

nb::tuple attend(Session& session, std::vector<TextIds> texts, const nb::dict& choices, bool main_thread,
                 const nb::object& fire) {
  std::vector<Sequence> sequences;
  for (TextIds& text : texts) sequences.push_back(sequence_of(std::move(text)));
  CallOptions call;
  call.fire = fire;
  call.on_main_thread = main_thread;
  const Captures captures = session.attend(std::move(sequences), request_of(choices), call);
  nb::list results;
  for (const TextCapture& text : captures.texts) results.append(results_of(text));
  return nb::make_tuple(captures.layers, captures.heads, results);
}

void bind_weights_on_demand(nb::module_& m) {
  nb::class_<WeightsOnDemand>(m, "WeightsOnDemand",
                              "Queries and keys of a text, from which weights are made when asked for.")
      .def_prop_ro("layers", &WeightsOnDemand::layers)
      .def_prop_ro("heads", &WeightsOnDemand::heads)
      .def("weights", &weights_of, "layer"_a, "head"_a, "rows"_a.none());
  m.def("statistic_names", &statistic_names);
}

}  // namespace attnscope::python
