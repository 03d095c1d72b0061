// SPDX-License-Identifier: Apache-2.0
#include "attnscope/outputs.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "bindings.h"
#include "python_text.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {

void bind_outputs(nb::module_& m) {
  nb::class_<ArrayFile>(m, "ArrayFile",
                        "A .npz or .safetensors file that appears whole on commit() or not at all.")
      .def(
          "__init__", [](ArrayFile* file, const nb::bytes& path) { new (file) ArrayFile(path_of(path)); },
          "path"_a)
      .def(
          "add",
          [](ArrayFile& file, const std::string& name, const AnyArray& array) {
            file.add(NamedArray::of(name, view_of(array, name).own()));
          },
          "name"_a, "array"_a)
      .def(
          "add_strings",
          [](ArrayFile& file, const std::string& name, std::vector<std::string> strings) {
            file.add(NamedArray::of(name, std::move(strings)));
          },
          "name"_a, "strings"_a)
      .def(
          "commit",
          [](ArrayFile& file, const std::map<std::string, std::string>& metadata) { file.commit(metadata); },
          "metadata"_a);
}

}  // namespace attnscope::python
