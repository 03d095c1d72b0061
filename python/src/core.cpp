// SPDX-License-Identifier: Apache-2.0
#include "attnscope/version.h"
#include "bindings.h"

// The binding library keeps its state once a process, and numpy, which arrays come from, serves one
// interpreter: a second one is turned away before anything of the first is touched.
#define PyInit__core initialize_in_main_interpreter
NB_MODULE(_core, m) {
  namespace python = attnscope::python;
  m.doc() = "The engine of attnscope; the package attnscope is its public face.";
  m.def("version_string", &attnscope::version_string);
  python::bind_errors(m);
  python::bind_tokenizer(m);
  python::bind_model(m);
  python::bind_outputs(m);
  python::bind_gradients(m);
  python::bind_contributions(m);
  python::bind_interventions(m);
  python::bind_perturbation(m);
  python::bind_probe(m);
  python::bind_reports(m);
  python::bind_words(m);
  python::bind_analysis(m);
  python::bind_figures(m);
  python::bind_viewer(m);
}
#undef PyInit__core

extern "C" NB_EXPORT PyObject* PyInit__core() {
  if (PyInterpreterState_GetID(PyInterpreterState_Get()) == 0) return initialize_in_main_interpreter();
  PyErr_SetString(PyExc_ImportError, "attnscope can be imported by the main interpreter of a process only");
  return nullptr;
}
