// SPDX-License-Identifier: Apache-2.0
#include "attnscope/outputs.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "attnscope/text_file.h"
#include "bindings.h"
#include "python_text.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

// Plain text of 80 columns: what a notebook keeps beside a picture.
std::string matrix_text(const FloatArray& weights, const std::vector<std::string>& labels,
                        const std::string& title) {
  return draw_matrix(view_of(AnyArray(weights), "weights"), labels, title, {});
}

std::string grid_text(const FloatArray& weights, const std::vector<std::int64_t>& layers,
                      const std::vector<std::int64_t>& heads, const std::string& title) {
  return draw_grid(view_of(AnyArray(weights), "weights"), layers, heads, title, {});
}

}  // namespace

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
  m.def(
      "write_file",
      [](const nb::bytes& path, const nb::bytes& data) {
        write_text_file(path_of(path), {data.c_str(), data.size()});
      },
      "path"_a, "data"_a);
  m.def("draw_matrix", &matrix_text, "weights"_a, "labels"_a, "title"_a);
  m.def("draw_grid", &grid_text, "weights"_a, "layers"_a, "heads"_a, "title"_a);
}

}  // namespace attnscope::python
