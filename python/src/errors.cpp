// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <string>

#include "attnscope/error.h"
#include "bindings.h"
#include "python_text.h"

namespace nb = nanobind;

namespace attnscope::python {
namespace {

// The class of attnscope.errors that stands for what is being thrown.
const char* class_of(const Error& error) {
  if (dynamic_cast<const CheckpointError*>(&error) != nullptr) return "CheckpointError";
  if (dynamic_cast<const UnsupportedModel*>(&error) != nullptr) return "UnsupportedModel";
  if (dynamic_cast<const TextError*>(&error) != nullptr) return "TextError";
  if (dynamic_cast<const HookError*>(&error) != nullptr) return "HookError";
  if (dynamic_cast<const StorageError*>(&error) != nullptr) return "StorageError";
  if (dynamic_cast<const LimitError*>(&error) != nullptr) return "LimitError";
  if (dynamic_cast<const HubError*>(&error) != nullptr) return "HubError";
  return "UsageError";
}

void raise(const Error& error) {
  const ErrorInfo& info = error.info();
  try {
    const nb::object type = nb::module_::import_("attnscope.errors").attr(class_of(error));
    nb::dict fields;
    fields["code"] = message_text(info.code);
    fields["file"] = message_text(info.file);
    fields["where"] = message_text(info.where);
    fields["what"] = message_text(info.what);
    fields["hint"] = message_text(info.hint);
    fields["field"] = message_text(info.field);
    fields["offset"] = info.offset ? nb::cast(*info.offset) : nb::none();
    fields["exit_code"] = error.exit_code();
    PyErr_SetObject(type.ptr(), type(message_text(to_string(info)), **fields).ptr());
  } catch (nb::python_error& failed) {
    failed.restore();
  }
}

}  // namespace

void bind_errors(nb::module_&) {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      raise(error);
    }
  });
}

}  // namespace attnscope::python
