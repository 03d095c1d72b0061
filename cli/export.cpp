// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <utility>

#include "aligned_table.h"
#include "attnscope/outputs.h"
#include "attnscope/text_file.h"
#include "attnscope/viewer.h"
#include "commands.h"
#include "encode.h"
#include "errors.h"
#include "measures.h"
#include "model_options.h"
#include "numbers.h"
#include "output_path.h"
#include "process.h"
#include "progress.h"

namespace attnscope::cli {
namespace {

constexpr std::size_t kMostTexts = 200;

struct ExportCommand {
  ModelOptions model;
  ComputeOptions compute;
  TextOptions texts;
  std::string output;
  std::string data;      ///< empty: by the number of tokens
  std::string max_size;  ///< empty: any
  std::string view;
  std::string title;
  std::string measure = "all";
  bool query_key = false;
  bool no_ablation = false;
};

/// "25MB", "800 kB", "4MiB" or a number of bytes.
std::size_t parse_size(const std::string& text) {
  constexpr std::pair<std::string_view, double> kUnits[] = {{"", 1},
                                                            {"B", 1},
                                                            {"kB", 1e3},
                                                            {"KB", 1e3},
                                                            {"MB", 1e6},
                                                            {"GB", 1e9},
                                                            {"KiB", 1024.0},
                                                            {"MiB", 1024.0 * 1024.0},
                                                            {"GiB", 1024.0 * 1024.0 * 1024.0}};
  constexpr double kMost = 1e15;
  double number = 0.0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, bytes] : kUnits)
    if (error == std::errc() && name == unit && number > 0.0 && number * bytes <= kMost)
      return static_cast<std::size_t>(number * bytes);
  throw usage_error("--max-size", fmt::format("'{}' is no size", text), "give for example 25MB");
}

/// The name of a view, or a whole hash as the page's address has it.
std::string parse_view(const std::string& text) {
  if (text.empty() || text.find('=') != std::string::npos) return text;
  const std::vector<std::string> views{"words", "head", "model", "query-key", "heads", "layers", "compare"};
  return "view=" + views[parse_choice("--view", text, views)];
}

/// What does not depend on the model.
DocumentOptions document_options(const ExportCommand& command) {
  constexpr PageData kData[] = {PageData::full, PageData::u8, PageData::topk};
  DocumentOptions options;
  if (!command.data.empty())
    options.data = kData[parse_choice("--data", command.data, {"full", "u8", "topk"})];
  options.measures = parse_measures(command.measure);
  if (command.query_key) options.query_key = true;
  if (command.no_ablation) options.ablation = false;
  return options;
}

HtmlOptions html_options(const ExportCommand& command) {
  HtmlOptions options;
  options.title = command.title;
  options.view = parse_view(command.view);
  if (!command.max_size.empty()) options.max_bytes = parse_size(command.max_size);
  return options;
}

/// Reads the texts and runs them one after another.
std::vector<Document> make_documents(const ExportCommand& command, TextReader& texts, const Model& model,
                                     DocumentOptions options) {
  RunOptions run = run_options(command.compute);
  run.poll = check_interrupt;
  const TextEncoder encode(model.tokenizer(), command.compute, model.info().max_positions);
  Run running(model, run);
  Progress progress(!command.model.quiet);
  std::vector<Document> documents;
  options.progress = [&](const char* step) {
    check_interrupt();
    progress.say(fmt::format("text {}: {}", documents.size() + 1, step));
  };
  while (texts.has_next()) {
    if (documents.size() == kMostTexts)
      throw usage_error("--file",
                        fmt::format("it has more than {} texts, which one page does not show", kMostTexts),
                        "write several pages");
    const InputText input = texts.next();
    documents.push_back(Document::of(running, input.text, encode(input), options));
  }
  return documents;
}

HtmlPage make_page(const ExportCommand& command, const std::vector<Document>& documents) {
  HtmlOptions options = html_options(command);
  Progress progress(!command.model.quiet);
  options.progress = [&](const char* step) {
    check_interrupt();
    progress.say(fmt::format("packing {}", step));
  };
  return html_page(documents, options);
}

std::string size_table(const HtmlPage& page) {
  AlignedTable table;
  table.add_column("part", AlignedTable::Align::left);
  table.add_column("bytes");
  for (const auto& [kind, bytes] : sizes_by_kind(page)) table.add_row({kind, std::to_string(bytes)});
  table.add_row({"all", std::to_string(page.html.size())});
  return table.text();
}

std::string export_json(const std::string& path, const HtmlPage& page, std::size_t texts) {
  JsonWriter json;
  json.begin_object().key("output").value(path).key("texts").value(static_cast<std::int64_t>(texts));
  json.key("bytes").value(static_cast<std::int64_t>(page.html.size())).key("sizes").begin_object();
  for (const auto& [kind, bytes] : sizes_by_kind(page))
    json.key(kind).value(static_cast<std::int64_t>(bytes));
  return json.end_object().end_object().text();
}

void run_export(const ExportCommand& command) {
  const DocumentOptions options = document_options(command);
  static_cast<void>(html_options(command));
  static_cast<void>(run_options(command.compute));
  if (command.output == "-")
    throw usage_error("--output", "'-': a page is not written to standard output", "give the name of a file");
  check_text_output({command.output, command.model.model, command.texts.file});
  TextReader texts(command.texts);
  if (!texts.has_next()) throw usage_error("--file", "there is no text in it");
  const Model model = load_model(command.model);
  const std::vector<Document> documents = make_documents(command, texts, model, options);
  const HtmlPage page = make_page(command, documents);
  check_interrupt();
  write_text_file(command.output, page.html);
  print(command.model.json ? export_json(command.output, page, documents.size()) + '\n'
                           : fmt::format("{}\n{}", escape_for_terminal(command.output), size_table(page)));
}

void add_page_options(CLI::App& command, ExportCommand& options) {
  command
      .add_option("--data", options.data,
                  "Weights: full, u8 (one byte each) or topk (the largest of each row); default: by length")
      ->type_name("WORD");
  command.add_option("--max-size", options.max_size, "Write no larger page, for example 25MB")
      ->type_name("SIZE");
  command
      .add_option("--view", options.view,
                  "Open with words (default), head, model, query-key, heads, layers or compare")
      ->type_name("WORD");
  command.add_option("--title", options.title, "Title of the page; default: the first text")
      ->type_name("TEXT");
  command.add_flag("--query-key", options.query_key,
                   "Queries and keys of all heads, also where they take much room");
  command.add_flag("--no-ablation", options.no_ablation, "Do not measure what each head does to the labels");
  command.add_option("--measure", options.measure, kMeasuresHelp)->type_name("LIST");
}

}  // namespace

void setup_export(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("export", "Write a page that shows attention, in one HTML file.");
  command->footer(
      "attnscope export \"Angela Merkel visited Paris.\" -o view.html\n"
      "attnscope export -m DIR -f sentences.txt -o view.html --view model\n"
      "attnscope export \"A long text.\" -o view.html --data topk --max-size 4MB");
  auto options = std::make_shared<ExportCommand>();
  command->add_option("TEXT", options->texts.texts, "Texts; without any, standard input")->type_name("");
  command->add_option("-f,--file", options->texts.file, "File with one text a line; - is standard input")
      ->type_name("FILE");
  command->add_option("-o,--output", options->output, "HTML file; an old file is replaced at the end")
      ->type_name("FILE")
      ->required();
  add_page_options(*command, *options);
  add_compute_options(*command, options->compute);
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_export(*options); }; });
}

}  // namespace attnscope::cli
