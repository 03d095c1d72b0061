// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/model.h"
#include "attnscope/outputs.h"
#include "probe_inputs.h"

namespace probe {

/// Plays scripts of hook registrations, removals and runs, and prints what happens as JSON lines.
///
/// The file is an array of scripts, each {"name", "hooks": [HOOK...], "steps": [STEP...]} and played on a Run
/// of its own. HOOK: {"id", "point": "pre" | "forward", "path", "prepend", "always_call", "do": [ACTION...]}.
/// STEP: {"register": ID} | {"remove": ID} | {"run": [TEXT...]}. ACTION: {"register": ID} | {"remove": ID} |
/// {"mark": TEXT} | {"throw": TEXT} | {"scale_input" | "scale_output" | "edit_input" | "edit_output": [INDEX,
/// FACTOR]} | {"fill_ids": [INDEX, ID]}. Actions happen in order, after the event was printed.
/// The same script is played on a torch module by oracle_hooks.py.
///
/// Returns: the outputs of every run that ended well, named SCRIPT/STEP.TEXT.logits and so on.
[[nodiscard]] std::vector<attnscope::NamedArray> play_scripts(const attnscope::Model& model,
                                                              const std::vector<NamedText>& texts,
                                                              const attnscope::RunOptions& options,
                                                              const std::string& path);

/// Names the parts of a result: "PREFIX.attentions" and so on, those that are there.
void append_arrays(std::vector<attnscope::NamedArray>& arrays, const std::string& prefix,
                   const attnscope::TextCapture& capture);

}  // namespace probe
