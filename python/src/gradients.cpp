// SPDX-License-Identifier: Apache-2.0
#include "attnscope/gradients.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

#include "arrays.h"
#include "attend.h"
#include "bindings.h"
#include "explained_target.h"
#include "session.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

/// What of which text a method explains, as Python says it: no label is the predicted one.
struct Question {
  Sequence text;
  ExplainedTarget explained;
  bool on_main_thread = false;
  nb::object fire;
};

// {"ids", "token_types", "of", "label", "tokens", "main_thread", "fire"}
Question question_of(const nb::dict& given) {
  Question question;
  question.text.input_ids = nb::cast<std::vector<std::int64_t>>(given["ids"]);
  question.text.token_type_ids = nb::cast<std::vector<std::int64_t>>(given["token_types"]);
  question.explained = explained_target(given);
  question.on_main_thread = nb::cast<bool>(given["main_thread"]);
  question.fire = given["fire"];
  return question;
}

// The token with the largest number in a column of [n, 2].
std::int64_t best_token(const Tensor& logits, std::int64_t column) {
  std::int64_t best = 0;
  for (std::int64_t token = 1; token < logits.size(0); ++token)
    if (logits.at({token, column}) > logits.at({best, column})) best = token;
  return best;
}

// Fills in what the model predicts.
Target complete(Run& run, const Question& question) {
  Target target = question.explained.target;
  const bool answers = run.model().info().task == Task::question_answering;
  const bool needs_token = answers && target.tokens.empty();
  const bool has_head = !run.model().parts().head.empty();  // without one the method says so
  if ((question.explained.has_label && !needs_token) || !has_head || question.text.input_ids.empty())
    return target;
  const Tensor logits = logits_of(run, question.text);
  if (!answers) return predicted_target(logits.view(), target.tokens, target.of);
  if (needs_token) target.tokens = {best_token(logits, target.label)};
  return target;
}

// A method's results and the label and tokens that they are of.
template <class Result>
struct Answer {
  Result result;
  Target target;

  [[nodiscard]] nb::tuple about() const { return nb::make_tuple(target.label, target.tokens); }
};

template <class Method>
auto answer(Session& session, const nb::dict& given, const Method& method) {
  const Question question = question_of(given);
  CallOptions call;
  call.fire = question.fire;
  call.on_main_thread = question.on_main_thread;
  using Result = std::invoke_result_t<Method, Run&, const Sequence&, const Target&>;
  Answer<Result> found;
  session.with_hooked_run(call, [&](Run& run) {
    found.target = complete(run, question);
    found.result = method(run, question.text, found.target);
  });
  return found;
}

nb::object array(const Tensor& tensor) { return to_python(tensor, Framework::writable_numpy); }

nb::dict find_gradients(Session& session, const nb::dict& given, const nb::dict& wanted) {
  const auto wants = [&](const char* name) { return nb::cast<bool>(wanted[name]); };
  const GradientRequest request{.attentions = wants("attentions"),
                                .contexts = wants("contexts"),
                                .inputs_embeds = wants("inputs_embeds"),
                                .hidden_states = wants("hidden_states")};
  const auto found = answer(session, given, [&](Run& run, const Sequence& text, const Target& target) {
    return gradients(run, {text}, {target}, request).front();
  });
  nb::dict results;
  results["value"] = found.result.value;
  results["target"] = found.about();
  const auto put = [&](const char* name, const Tensor& tensor) {
    results[name] = tensor.empty() ? nb::object(nb::none()) : array(tensor);
  };
  put("logits", found.result.logits);
  put("attentions", found.result.attentions);
  put("attention_gradients", found.result.attention_gradients);
  put("contexts", found.result.contexts);
  put("context_gradients", found.result.context_gradients);
  put("inputs_embeds", found.result.inputs_embeds);
  put("inputs_embeds_gradients", found.result.inputs_embeds_gradients);
  put("hidden_state_gradients", found.result.hidden_state_gradients);
  return results;
}

/// A method that needs a text and a target, and gives one array.
template <Tensor (*Method)(Run&, const Sequence&, const Target&)>
nb::object one_array(Session& session, const nb::dict& given) {
  return array(answer(session, given, Method).result);
}

PathOptions path_of(std::int64_t steps, const std::string& rule) {
  return {steps, rule == "left" ? PathOptions::Rule::left : PathOptions::Rule::middle};
}

nb::dict find_integrated(Session& session, const nb::dict& given, const FloatArray& baseline,
                         std::int64_t steps, const std::string& rule) {
  const Tensor rows = tensor_of(baseline);
  const auto found = answer(session, given, [&](Run& run, const Sequence& text, const Target& target) {
    return integrated_gradients(run, text, target, rows, path_of(steps, rule));
  });
  nb::dict results;
  results["scores"] = array(found.result.scores);
  results["value"] = found.result.value;
  results["baseline_value"] = found.result.baseline_value;
  results["target"] = found.about();
  return results;
}

nb::object find_baseline(const Session& session, const std::vector<std::int64_t>& ids,
                         std::int64_t baseline_id, const std::vector<std::int64_t>& kept) {
  return array(baseline_embeddings(session.model(), {.input_ids = ids}, baseline_id, kept));
}

nb::dict find_attribution(Session& session, const nb::dict& given, std::int64_t steps,
                          const std::string& rule) {
  const auto found = answer(session, given, [&](Run& run, const Sequence& text, const Target& target) {
    return attention_attribution(run, text, target, path_of(steps, rule));
  });
  nb::dict results;
  results["scores"] = array(found.result.scores);
  results["value"] = found.result.value;
  results["value_without"] = array(found.result.value_without);
  results["target"] = found.about();
  return results;
}

}  // namespace

void bind_gradients(nb::module_& m) {
  m.def("gradients", &find_gradients, "session"_a, "given"_a, "wanted"_a);
  m.def("gradient_x_input", &one_array<gradient_x_input>, "session"_a, "given"_a);
  m.def("gradient_x_attention", &one_array<gradient_x_attention>, "session"_a, "given"_a);
  m.def("relevance_propagation", &one_array<relevance_propagation>, "session"_a, "given"_a);
  m.def("head_sensitivity", &one_array<head_sensitivity>, "session"_a, "given"_a);
  m.def("integrated_gradients", &find_integrated, "session"_a, "given"_a, "baseline"_a, "steps"_a, "rule"_a);
  m.def("baseline_embeddings", &find_baseline, "session"_a, "ids"_a, "baseline_id"_a, "kept"_a);
  m.def("attention_attribution", &find_attribution, "session"_a, "given"_a, "steps"_a, "rule"_a);
}

}  // namespace attnscope::python
