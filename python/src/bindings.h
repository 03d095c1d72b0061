// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

/// The extension module attnscope._core: one bind function for each public header it shows to Python.
namespace attnscope::python {

void bind_errors(nanobind::module_& m);
void bind_tokenizer(nanobind::module_& m);
void bind_model(nanobind::module_& m);
void bind_outputs(nanobind::module_& m);
void bind_gradients(nanobind::module_& m);
void bind_contributions(nanobind::module_& m);
void bind_interventions(nanobind::module_& m);
void bind_perturbation(nanobind::module_& m);
void bind_probe(nanobind::module_& m);
void bind_reports(nanobind::module_& m);
void bind_words(nanobind::module_& m);
void bind_analysis(nanobind::module_& m);
void bind_figures(nanobind::module_& m);
void bind_viewer(nanobind::module_& m);

}  // namespace attnscope::python
