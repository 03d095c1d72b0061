// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

namespace attnscope::python {

/// A reference to a Python object that may be dropped on any thread, with or without Python's lock.
class SharedObject {
 public:
  explicit SharedObject(nanobind::object object) : object_(object.release().ptr()) {}
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;
  ~SharedObject() {
    if (Py_IsInitialized() == 0) return;  // the interpreter is gone, and the object with it
    const nanobind::gil_scoped_acquire gil;
    Py_DECREF(object_);
  }

 private:
  PyObject* object_;
};

}  // namespace attnscope::python
