// SPDX-License-Identifier: Apache-2.0
#include "show_view.h"

#include <algorithm>
#include <cctype>

#include "errors.h"
#include "numbers.h"

namespace attnscope::cli {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char character) { return std::isdigit(character) != 0; });
}

/// "L3H7" is layer 3 and head 7.
void take_head_apart(ShowOptions& options) {
  const std::size_t middle = options.head.find('H');
  if (!options.head.starts_with('L') || middle == std::string::npos) return;
  const std::string layer = options.head.substr(1, middle - 1);
  const std::string head = options.head.substr(middle + 1);
  if (!is_number(layer) || !is_number(head)) return;
  if (!options.layer.empty())
    throw usage_error("--head", "'" + options.head + "' names a layer and --layer another",
                      "leave out --layer");
  options.layer = layer;
  options.head = head;
}

/// The option that only the words view has, if one was given.
const char* option_of_words(const ShowOptions& options) {
  if (options.entity) return "--entity";
  if (!options.word.empty()) return "--word";
  if (!options.measure.empty()) return "--measure";
  return options.top.empty() ? nullptr : "--top";
}

bool names_a_matrix(const ShowOptions& options) {
  return options.mean || !options.layer.empty() || !options.head.empty();
}

/// The view that the options ask for where --view does not say it.
std::string view_of(const ShowOptions& options) {
  if (!options.view.empty()) return options.view;
  if (options.grid) return "grid";
  return names_a_matrix(options) && option_of_words(options) == nullptr ? "matrix" : "words";
}

void check_grid(const ShowOptions& options) {
  if (names_a_matrix(options))
    throw usage_error("--grid", "the grid shows all layers and heads",
                      "leave out --layer, --head and --mean");
}

void check_matrix(const ShowOptions& options) {
  if (options.mean && !options.head.empty())
    throw usage_error("--mean", "the mean over the heads and one head exclude each other");
  if (!options.head.empty() && options.layer.empty())
    throw usage_error("--head", "the layer is missing", "add --layer N, or write L3H7");
}

void check_words(const ShowOptions& options) {
  if (options.mean)
    throw usage_error("--mean", "the words view takes the mean anyway", "leave it out, or --view words");
  if (options.measure == "all" || options.measure.find(',') != std::string::npos)
    throw usage_error("--measure", "one measure is shown at a time",
                      "name one; attnscope words prints several side by side");
}

}  // namespace

const char* ShowView::name() const {
  constexpr const char* kNames[] = {"words", "grid", "mean", "head"};
  return kNames[static_cast<std::size_t>(kind)];
}

ShowOptions checked(ShowOptions options) {
  take_head_apart(options);
  if (!options.view.empty())
    static_cast<void>(parse_choice("--view", options.view, {"words", "matrix", "grid"}));
  if (options.grid && !options.view.empty() && options.view != "grid")
    throw usage_error("--grid", "--view asks for another view", "give one of the two");
  options.view = view_of(options);
  if (options.view == "words") {
    check_words(options);
  } else if (const char* option = option_of_words(options)) {
    throw usage_error(option, "the " + options.view + " view does not have it", "add --view words");
  } else if (options.view == "grid") {
    check_grid(options);
  } else {
    check_matrix(options);
  }
  return options;
}

ShowView choose_view(const ShowOptions& options, const ModelInfo& model) {
  ShowView view;
  if (options.view == "words") return view;
  view.kind = ShowView::Kind::grid;
  if (options.view == "grid") return view;
  view.kind = options.head.empty() ? ShowView::Kind::mean : ShowView::Kind::head;
  view.layer = options.layer.empty() ? model.num_layers - 1
                                     : parse_number("--layer", options.layer, 0, model.num_layers - 1);
  if (!options.head.empty()) view.head = parse_number("--head", options.head, 0, model.num_heads - 1);
  return view;
}

ReportOptions words_of(const ShowOptions& options) {
  ReportOptions report;
  report.entity = options.entity;
  report.word = options.word;
  report.measure = options.measure.empty() ? "attention" : options.measure;
  if (!options.layer.empty()) report.layer = options.layer;
  if (!options.head.empty()) report.head = options.head;
  return report;
}

}  // namespace attnscope::cli
