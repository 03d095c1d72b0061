// SPDX-License-Identifier: Apache-2.0
#include "model_options.h"

#include "errors.h"
#include "numbers.h"
#include "process.h"

namespace attnscope::cli {

void add_model_options(CLI::App& command, ModelOptions& options) {
  command
      .add_option("-m,--model", options.model, "Folder, hub id in the local cache, or builtin:demo (default)")
      ->type_name("DIR");
  command.add_flag("-q,--quiet", options.quiet, "No notes and no progress");
  command.add_flag("--json", options.json, "Results and errors as JSON");
}

void add_load_options(CLI::App& command, LoadOptions& options) {
  const auto set_precision = [&options](const std::string& word) {
    constexpr Precision kPrecisions[] = {Precision::fp32, Precision::bf16};
    options.precision = kPrecisions[parse_choice("--precision", word, {"fp32", "bf16"})];
  };
  command
      .add_option_function<std::string>("--precision", set_precision,
                                        "Of the layers' matrix products: fp32 (default) or bf16")
      ->type_name("WORD");
  command.add_flag("--check-finite", options.check_finite, "Refuse weights that are NaN or infinite");
  command.add_flag("--strict-tokenizer", options.strict_tokenizer,
                   "Refuse a tokenizer.json and a vocab.txt that disagree");
}

void add_compute_options(CLI::App& command, ComputeOptions& options) {
  command.add_option("-t,--threads", options.threads, "1 to 256; default: one for each core")->type_name("N");
  command.add_flag("--truncate", options.truncate, "Cut texts that are longer than the model can take");
  command.add_option("--utf8", options.utf8, "Invalid UTF-8: refuse (default) or replace")->type_name("WORD");
}

RunOptions run_options(const ComputeOptions& options) {
  constexpr std::int64_t kMostThreads = 256;
  RunOptions run;
  if (!options.threads.empty()) {
    run.threads = static_cast<int>(parse_number("--threads", options.threads, 1, kMostThreads));
  }
  return run;
}

void tell(const ModelOptions& options, const std::vector<std::string>& notices) {
  if (options.quiet) return;
  for (const std::string& notice : notices) note(notice, options.json ? ErrorStyle::json : ErrorStyle::text);
}

Model load_model(const ModelOptions& options) {
  Model model = Model::load(options.model, options.load);
  check_interrupt();
  tell(options, model.info().notices);
  return model;
}

}  // namespace attnscope::cli
