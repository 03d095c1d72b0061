// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

namespace attnscope::python {

/// Text for people, which may hold bytes of a file that are not UTF-8.
[[nodiscard]] inline nanobind::object message_text(const std::string& text) {
  return nanobind::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

[[nodiscard]] inline nanobind::list message_texts(const std::vector<std::string>& texts) {
  nanobind::list list;
  for (const std::string& text : texts) list.append(message_text(text));
  return list;
}

/// The name of a file as Python's os.fsdecode gives it; os.fsencode turns it back.
[[nodiscard]] inline nanobind::object path_text(const std::string& path) {
  return nanobind::steal(PyUnicode_DecodeFSDefaultAndSize(path.data(), static_cast<Py_ssize_t>(path.size())));
}

/// Paths come as bytes: a name on disk need not be UTF-8.
[[nodiscard]] inline std::string path_of(const nanobind::bytes& name) { return {name.c_str(), name.size()}; }

/// Data that is no text.
[[nodiscard]] inline nanobind::bytes bytes_of(const std::string& data) {
  return nanobind::bytes(data.data(), data.size());
}

}  // namespace attnscope::python
