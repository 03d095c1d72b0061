// SPDX-License-Identifier: Apache-2.0
//
// Runs a model on given ids and writes all that it computes, for the tests in Python that compare it with
// Hugging Face. Uses the public headers only, as a user's program would.
//
//   model_probe MODEL --modules                                     path and type of every module, one a line
//   model_probe MODEL INPUTS.safetensors OUT.safetensors [OPTIONS]  results of every text
//   model_probe MODEL INPUTS.safetensors OUT.safetensors --script SCRIPTS.json

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "attnscope/attnscope.h"
#include "hook_script.h"
#include "probe_inputs.h"

namespace {

struct Options {
  std::string model;
  std::string inputs;
  std::string output;
  std::string script;
  bool modules = false;
  bool batch = false;
  bool hooked = false;
  bool attentions_only = false;
  int threads = 0;
  attnscope::LoadOptions load;
  std::vector<std::int64_t> layers;
  std::vector<std::int64_t> heads;
  attnscope::Reduce reduce = attnscope::Reduce::none;
};

void add_options(CLI::App& app, Options& options) {
  const std::map<std::string, attnscope::Reduce> reductions{
      {"none", attnscope::Reduce::none}, {"mean", attnscope::Reduce::mean}, {"max", attnscope::Reduce::max}};
  app.add_option("model", options.model)->required();
  app.add_option("inputs", options.inputs, "Safetensors of NAME.input_ids");
  app.add_option("output", options.output, "Safetensors of NAME.attentions and so on");
  app.add_flag("--modules", options.modules, "List the modules and end");
  app.add_option("--script", options.script, "Hook scripts to play instead (see hook_script.h)");
  app.add_flag("--batch", options.batch, "All texts in one run instead of one run a text");
  app.add_flag("--hooked", options.hooked, "An empty hook before and after every module");
  app.add_flag("--attentions-only", options.attentions_only, "Ask for the weights and nothing else");
  app.add_option("--threads", options.threads);
  app.add_flag(
      "--bf16", [&](std::int64_t) { options.load.precision = attnscope::Precision::bf16; },
      "Matrix products of the layers in bf16");
  app.add_option("--layers", options.layers)->delimiter(',');
  app.add_option("--heads", options.heads)->delimiter(',');
  app.add_option("--reduce", options.reduce)->transform(CLI::CheckedTransformer(reductions));
}

attnscope::Request request_of(const Options& options) {
  attnscope::Request request = attnscope::Request::attentions();
  if (!options.attentions_only) {
    request.hidden_states = true;
    request.last_hidden_state = true;
    request.pooler_output = true;
    request.logits = true;
  }
  if (!options.layers.empty()) request.layers = options.layers;
  if (!options.heads.empty()) request.heads = options.heads;
  request.reduce = options.reduce;
  return request;
}

void list_modules(const attnscope::Model& model) {
  for (const attnscope::ModuleInfo& module : model.modules())
    std::printf("%s\t%s\n", module.path.c_str(), module.type.c_str());
}

void hook_everything(attnscope::Run& run, const attnscope::Model& model) {
  const auto nothing = [](attnscope::HookEvent&) {};
  for (const attnscope::ModuleInfo& module : model.modules()) {
    run.register_forward_pre_hook(module, nothing).detach();
    run.register_forward_hook(module, nothing).detach();
  }
}

// The texts in groups that are run together.
std::vector<std::vector<probe::NamedText>> batches(const std::vector<probe::NamedText>& texts,
                                                   bool together) {
  if (together) return {texts};
  std::vector<std::vector<probe::NamedText>> result;
  for (const probe::NamedText& text : texts) result.push_back({text});
  return result;
}

std::vector<attnscope::NamedArray> run_texts(const attnscope::Model& model,
                                             const std::vector<probe::NamedText>& texts,
                                             const Options& options) {
  attnscope::Run run(model, {.threads = options.threads});
  if (options.hooked) hook_everything(run, model);
  std::vector<attnscope::NamedArray> arrays;
  for (const auto& batch : batches(texts, options.batch)) {
    std::vector<attnscope::Sequence> sequences;
    for (const probe::NamedText& text : batch) sequences.push_back(text.ids);
    const attnscope::Captures captures = run(sequences, request_of(options));
    for (std::size_t i = 0; i < batch.size(); ++i)
      probe::append_arrays(arrays, batch[i].name, captures.texts[i]);
  }
  return arrays;
}

void probe_model(const Options& options) {
  const auto model = attnscope::Model::load(options.model, options.load);
  if (options.modules) return list_modules(model);
  const std::vector<probe::NamedText> texts = probe::read_texts(options.inputs);
  if (options.script.empty())
    return attnscope::write_arrays(options.output, run_texts(model, texts, options));
  attnscope::write_arrays(options.output,
                          probe::play_scripts(model, texts, {.threads = options.threads}, options.script));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Runs a model on given ids and writes all that it computes.");
  add_options(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    probe_model(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "model_probe: %s\n", error.what());
    return 1;
  }
  return 0;
}
