// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "attnscope/interventions.h"
#include "attnscope/outputs.h"
#include "attnscope/weight_table.h"
#include "commands.h"
#include "encode.h"
#include "errors.h"
#include "model_options.h"
#include "numbers.h"
#include "output_path.h"
#include "process.h"
#include "progress.h"
#include "results.h"
#include "row_list.h"
#include "statistics.h"
#include "windows.h"

namespace attnscope::cli {
namespace {

// Texts are run together up to this many tokens: enough to keep the cores busy, little enough to stop soon.
constexpr std::size_t kBatchTokens = 256;

struct RunCommand {
  ModelOptions model;
  ComputeOptions compute;
  TextOptions texts;
  std::string layers = "all";
  std::string heads = "all";
  std::string reduce = "none";
  std::string stride;  ///< empty: a text that is too long is an error
  bool hidden_states = false;
  bool logits = false;
  std::string rows = "all";
  std::string statistics;
  bool weights = false;  ///< with statistics; without, they are always there
  std::string edits;     ///< a file; empty: none
  std::string output;
};

Reduce parse_reduce(const std::string& word) {
  constexpr Reduce kReductions[] = {Reduce::none, Reduce::mean, Reduce::max};
  return kReductions[parse_choice("--reduce", word, {"none", "mean", "max"})];
}

/// Of the attention, what does not depend on the model.
Request attention_request(const RunCommand& command) {
  Request request;
  if (!command.statistics.empty()) add_statistics(command.statistics, request);
  request.weights = command.weights || command.statistics.empty();
  request.reduce = parse_reduce(command.reduce);
  if (request.reduce != Reduce::none && !request.weights)
    throw usage_error("--reduce", "there are no weights to reduce with --stats", "add --weights");
  return request;
}

Request make_request(const RunCommand& command, const ModelInfo& model) {
  Request request = attention_request(command);
  request.layers = parse_index_list("--layers", command.layers, model.num_layers);
  request.heads = parse_index_list("--heads", command.heads, model.num_heads);
  request.rows = parse_rows(command.rows, model.max_positions);
  request.hidden_states = command.hidden_states;
  request.logits = command.logits;
  if (command.logits && model.task == Task::none) {
    throw usage_error("--logits", fmt::format("'{}' has no task head", model.architecture));
  }
  return request;
}

std::unique_ptr<ResultSink> make_sink(const RunCommand& command, const ModelInfo& model, Reduce reduce,
                                      const Interventions& edits) {
  if (is_weight_table(command.output)) return table_sink(command.output);
  if (!command.output.empty()) return array_sink(command.output, model, reduce, edits);
  return command.model.json ? json_sink() : summary_sink();
}

std::optional<std::int64_t> parse_stride(const RunCommand& command) {
  constexpr std::int64_t kLongest = 1'000'000'000;
  if (command.stride.empty()) return std::nullopt;
  if (command.compute.truncate)
    throw usage_error("--stride", "excludes --truncate: a long text is cut into windows or loses its end");
  return parse_number("--stride", command.stride, 0, kLongest);
}

struct TextBatch {
  std::vector<Encoding> encodings;
  std::vector<std::optional<WindowPlace>> places;

  /// The rows in each text, of which the first has the index `first`.
  [[nodiscard]] std::vector<std::optional<std::vector<std::int64_t>>> rows_of(const Request& request,
                                                                              std::int64_t first) const {
    std::vector<std::optional<std::vector<std::int64_t>>> rows(encodings.size());
    for (std::size_t index = 0; request.rows && index < rows.size(); ++index) {
      const std::string text = text_name(first + static_cast<std::int64_t>(index), places[index]);
      rows[index] = positions_in(*request.rows, static_cast<std::int64_t>(encodings[index].size()), text);
    }
    return rows;
  }
};

/// As many of the next texts as make a batch; at least one.
TextBatch next_batch(EncodingReader& texts) {
  TextBatch batch;
  std::size_t tokens = 0;
  while (tokens < kBatchTokens && texts.has_next()) {
    EncodedText text = texts.next();
    tokens += text.encoding.size();
    batch.encodings.push_back(std::move(text.encoding));
    batch.places.push_back(text.place);
  }
  return batch;
}

struct Work {
  EncodingReader& texts;
  Run& run;
  const Request& request;
  ResultSink& sink;
  Progress& progress;
  const ModelOptions& options;
};

/// Returns the number of texts, or of windows.
std::int64_t run_all(const Work& work) {
  std::int64_t done = 0;
  bool several = false;
  while (work.texts.has_next()) {
    check_interrupt();
    const TextBatch batch = next_batch(work.texts);
    const std::vector<Encoding>& encodings = batch.encodings;
    several = several || encodings.size() > 1 || work.texts.has_next();
    const auto rows = batch.rows_of(work.request, done);
    const Captures captures = work.run(encodings, work.request);
    for (std::size_t index = 0; index < encodings.size(); ++index) {
      for (const std::string& notice : captures.texts[index].notices)
        tell(work.options, {fmt::format("text {}: {}", done, notice)});
      work.sink.add({done++, several, encodings[index], work.request, captures.texts[index], captures.layers,
                     captures.heads, rows[index], batch.places[index]});
    }
    work.progress.update(done, work.texts.fraction());
  }
  check_interrupt();
  return done;
}

void tell_output(const RunCommand& command, std::int64_t texts) {
  if (command.model.json) {
    JsonWriter json;
    json.begin_object().key("output").value(command.output).key("texts").value(texts).end_object();
    print(json.text() + '\n');
  } else {
    tell(command.model, {fmt::format("wrote {} ({} text{})", command.output, texts, texts == 1 ? "" : "s")});
  }
}

/// A table holds weights only.
void check_table(const RunCommand& command) {
  const std::pair<const char*, bool> others[] = {{"--hidden-states", command.hidden_states},
                                                 {"--logits", command.logits},
                                                 {"--stats", !command.statistics.empty()}};
  for (const auto& [option, given] : others)
    if (given && is_weight_table(command.output))
      throw usage_error(option, "a .csv, .tsv or .jsonl file holds weights only",
                        "write a .npz or .safetensors file");
}

void run_run(const RunCommand& command) {
  const RunOptions options = run_options(command.compute);
  check_table(command);
  static_cast<void>(attention_request(command));
  const std::optional<std::int64_t> stride = parse_stride(command);
  if (!command.output.empty()) check_output({command.output, command.model.model, command.texts.file});
  TextReader texts(command.texts);
  if (!texts.has_next()) throw usage_error("--file", "there is no text in it");
  const Interventions edits = command.edits.empty() ? Interventions() : Interventions::load(command.edits);

  const Model model = load_model(command.model);
  const Request request = make_request(command, model.info());
  const TextEncoder encoder(model.tokenizer(), command.compute, model.info().max_positions);
  EncodingReader encodings(texts, encoder, stride);
  const auto sink = make_sink(command, model.info(), request.reduce, edits);
  Run run(model, options);
  const std::vector<HookHandle> applied = edits.apply(run);
  std::int64_t done = 0;
  {
    Progress progress(!command.model.quiet);
    done = run_all({encodings, run, request, *sink, progress, command.model});
  }
  sink->finish();
  if (!command.output.empty()) tell_output(command, done);
}

void add_attention_options(CLI::App& command, RunCommand& options) {
  command
      .add_option("--rows", options.rows,
                  "Query rows: all (default), cls, or for example 0,3-5; --rows=-1 is the last")
      ->type_name("LIST");
  command
      .add_option("--stats", options.statistics,
                  "Statistics of each row in place of weights, for example entropy,sep,received,top5, or all")
      ->type_name("LIST");
  command.add_flag("--weights", options.weights, "With --stats: also the weights");
}

}  // namespace

void setup_run(CLI::App& app, Job& job) {
  auto* command =
      app.add_subcommand("run", "Compute attention and write it as arrays or a table, or print a summary.");
  command->footer(
      "attnscope run \"Angela lives in Paris.\"\n"
      "attnscope run -m DIR -f sentences.txt --layers 0,2-4 --reduce mean -o attention.npz\n"
      "attnscope run \"A text.\" --rows cls -o cls.npz\n"
      "attnscope run \"A text.\" --layers 4 --heads 7 -o weights.csv\n"
      "attnscope run -f sentences.txt --stats entropy,sep,received,top5 -o statistics.npz\n"
      "attnscope run \"A text.\" --edits edits.json --logits -o changed.npz\n"
      "attnscope run \"A text.\" --hidden-states -o everything.safetensors");
  auto options = std::make_shared<RunCommand>();
  command->add_option("TEXT", options->texts.texts, "Texts; without any, standard input")->type_name("");
  command->add_option("-f,--file", options->texts.file, "File with one text a line; - is standard input")
      ->type_name("FILE");
  command
      ->add_option("-o,--output", options->output,
                   "Arrays in .npz or .safetensors, or weights as a table in .csv, .tsv or .jsonl")
      ->type_name("FILE");
  command->add_option("--layers", options->layers, "For example 0,2-4; default: all")->type_name("LIST");
  command->add_option("--heads", options->heads, "For example 1,5; default: all")->type_name("LIST");
  command->add_option("--reduce", options->reduce, "Over the heads: none (default), mean or max")
      ->type_name("WORD");
  command
      ->add_option("--stride", options->stride,
                   "Cut texts that are too long into windows that share N tokens")
      ->type_name("N");
  command->add_flag("--hidden-states", options->hidden_states, "Also the hidden states of every layer");
  command->add_flag("--logits", options->logits, "Also the logits of the task head");
  command
      ->add_option("--edits", options->edits,
                   "JSON file of changes to make: heads to ablate, weights to knock out, states to patch")
      ->type_name("FILE");
  add_attention_options(*command, *options);
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_run(*options); }; });
}

}  // namespace attnscope::cli
