// SPDX-License-Identifier: Apache-2.0
#include "python_hook.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attnscope/error.h"
#include "call.h"
#include "interrupt.h"
#include "shutdown.h"

namespace nb = nanobind;

namespace attnscope::python {
namespace {

using Replacements = std::vector<std::pair<std::size_t, AnyArray>>;

// Hugging Face looks positions up once for the whole batch unless each text has its own.
bool is_shown_once(const Call& call, const HookEvent& event) {
  constexpr std::string_view kName = "position_embeddings";
  const std::string_view path = event.path();
  return !call.options.own_positions && path.ends_with(kName);
}

nb::object shown(const Call& call, const HookEvent& event, const Activation& value) {
  const auto layout = call.layout_of(event);
  const Tensor copy = is_shown_once(call, event) ? layout->padded_once(value) : layout->padded(value);
  return to_python(copy, call.framework());
}

nb::list inputs_of(const Call& call, const HookEvent& event) {
  nb::list values;
  for (std::size_t i = 0; i < event.num_inputs(); ++i) values.append(shown(call, event, event.input(i)));
  return values;
}

nb::list outputs_of(const Call& call, const HookEvent& event) {
  nb::list values;
  for (std::size_t i = 0; i < event.num_outputs(); ++i) values.append(shown(call, event, event.output(i)));
  return values;
}

void check_shape(const HookEvent& event, const Shape& found, const Shape& expected) {
  if (found == expected) return;
  ErrorInfo info;
  info.kind = ErrorKind::input;
  info.code = "HOOK_SHAPE";
  info.file = "hooks";
  info.field = event.path();
  info.where = "module '" + event.path() + "'";
  info.what = "a replaced value has shape " + to_string(found) + ", expected " + to_string(expected);
  info.hint = "return a value of the shape that the hook was given";
  throw HookError(std::move(info));
}

// `current` is what the value replaces; `replace(text, part)` puts one text's part in its place.
template <class Replace>
void replace_texts(const Call& call, const HookEvent& event, const Activation& current,
                   const TensorView& value, const Replace& replace) {
  const std::vector<int> token_dims = current.token_dims();
  const auto layout = call.layout_of(event);
  Shape expected = layout->padded_shape(current.text(0).shape(), token_dims);
  if (is_shown_once(call, event)) expected[0] = 1;
  check_shape(event, value.shape(), expected);
  for (std::int64_t text = 0; text < event.num_texts(); ++text) {
    const Tensor part = layout->part(value, token_dims, text);
    replace(text, part.view());
  }
}

}  // namespace

void PythonHook::operator()(HookEvent& event) const {
  sleep_if_ending();
  const nb::gil_scoped_acquire gil;
  const Call* call = Call::current();
  if (call == nullptr || call->options.fire.is_none()) return;
  try {
    const nb::object answer =
        call->options.fire(id_, inputs_of(*call, event), outputs_of(*call, event), event.failed());
    if (answer.is_none()) return;
    for (const auto& [index, array] : nb::cast<Replacements>(answer)) {
      const TensorView value = view_of(array, event.path());
      if (point_ == Point::before)
        replace_texts(
            *call, event, event.input(index), value,
            [&](std::int64_t text, const TensorView& part) { event.replace_input(index, text, part); });
      else
        replace_texts(
            *call, event, event.output(index), value,
            [&](std::int64_t text, const TensorView& part) { event.replace_output(index, text, part); });
    }
  } catch (nb::python_error& error) {
    throw_python_error(error);
  }
}

}  // namespace attnscope::python
