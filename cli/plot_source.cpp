// SPDX-License-Identifier: Apache-2.0
#include "plot_source.h"

#include <fmt/format.h>

#include <numeric>

#include "attnscope/outputs.h"
#include "encode.h"
#include "errors.h"
#include "numbers.h"
#include "process.h"

namespace attnscope::cli {
namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& array, const std::string& what,
                         const std::string& hint) {
  ErrorInfo info;
  info.code = "ARRAYS";
  info.file = file;
  info.where = array;
  info.field = array;
  info.what = what;
  info.hint = hint;
  throw CheckpointError(std::move(info));
}

/// A file that `attnscope run` wrote, whose arrays are those of the contract.
class ArrayFileReader {
 public:
  ArrayFileReader(const std::string& path, const std::string& number)
      : path_(path), contents_(read_arrays(path)) {
    if (find("attentions") == nullptr) prefix_ = prefix_of(number);
  }

  PlotSource read() {
    PlotSource source;
    source.name = path_;
    source.metadata = contents_.metadata;
    source.metadata.erase("version");
    source.metadata["source"] = path_;
    source.tokens = tokens();
    source.layers = numbers("layers");
    read_weights(source);
    read_rows(source);
    source.specials = specials(source.tokens.size());
    return source;
  }

 private:
  [[nodiscard]] const NamedArray* find(const std::string& name) const {
    return contents_.find(prefix_ + name);
  }

  std::string prefix_of(const std::string& number) const {
    std::int64_t texts = 0;
    while (contents_.find(fmt::format("{}.attentions", texts)) != nullptr) ++texts;
    if (texts == 0)
      refuse(path_, "attentions", "there are no attention weights in it",
             "write them with `attnscope run -o`; with --stats, add --weights");
    if (number.empty())
      throw usage_error("--text", fmt::format("'{}' holds {} texts", path_, texts),
                        fmt::format("choose one with --text, 0 to {}", texts - 1));
    return fmt::format("{}.", parse_number("--text", number, 0, texts - 1));
  }

  std::vector<std::string> tokens() const {
    const NamedArray* const array = find("tokens");
    if (array == nullptr || !array->is_strings || array->strings.empty())
      refuse(path_, prefix_ + "tokens", "there are no tokens in it", "write it with `attnscope run -o`");
    return array->strings;
  }

  std::vector<std::int64_t> numbers(const std::string& name) const {
    const NamedArray* const array = contents_.find(name);
    if (array == nullptr) return {};
    if (array->is_strings || array->tensor.dtype() != DType::i64 || array->tensor.rank() != 1)
      refuse(path_, name, "is no list of I64 numbers", "write the file with `attnscope run -o`");
    const std::int64_t* const values = array->tensor.i64();
    return {values, values + array->tensor.count()};
  }

  void read_weights(PlotSource& source) const {
    const NamedArray& array = *find("attentions");
    const auto layers = static_cast<std::int64_t>(source.layers.size());
    const auto tokens = static_cast<std::int64_t>(source.tokens.size());
    const Shape& shape = array.tensor.shape();
    const bool fits = !array.is_strings && array.tensor.dtype() == DType::f32 &&
                      (shape.rank() == 3 || shape.rank() == 4) && shape.count() > 0 && shape[0] == layers &&
                      shape[-1] == tokens;
    if (!fits)
      refuse(path_, array.name,
             fmt::format("has the shape {}, expected F32 [{}, heads, rows, {}]",
                         array.is_strings ? "of strings" : to_string(shape), layers, tokens),
             "write the file with `attnscope run -o`");
    source.attentions = array.tensor;
    if (shape.rank() == 3) {
      source.attentions = array.tensor.reshape({shape[0], 1, shape[1], shape[2]});
      const auto reduce = contents_.metadata.find("reduce");
      source.reduced = reduce == contents_.metadata.end() ? "mean" : reduce->second;
    } else {
      source.heads = numbers("heads");
      if (static_cast<std::int64_t>(source.heads.size()) != shape[1])
        refuse(path_, "heads",
               fmt::format("has {} numbers, the weights have {} heads", source.heads.size(), shape[1]),
               "write the file with `attnscope run -o`");
    }
  }

  void read_rows(PlotSource& source) const {
    const NamedArray* const rows = find("rows");
    const std::int64_t count = source.attentions.size(2);
    const auto tokens = static_cast<std::int64_t>(source.tokens.size());
    source.rows = rows == nullptr ? std::vector<std::int64_t>(static_cast<std::size_t>(count))
                                  : numbers(prefix_ + "rows");
    if (rows == nullptr) std::iota(source.rows.begin(), source.rows.end(), 0);
    bool fits =
        static_cast<std::int64_t>(source.rows.size()) == count && (rows != nullptr || count == tokens);
    for (const std::int64_t row : source.rows) fits = fits && row >= 0 && row < tokens;
    if (!fits)
      refuse(path_, prefix_ + "rows", fmt::format("does not fit to {} rows of weights", count),
             "write the file with `attnscope run -o`");
  }

  /// Tokens of the template have the bytes 0 to 0.
  std::vector<bool> specials(std::size_t tokens) const {
    std::vector<bool> flags(tokens, false);
    const NamedArray* const offsets = find("offsets");
    if (offsets == nullptr || offsets->is_strings || offsets->tensor.dtype() != DType::i64 ||
        offsets->tensor.count() != static_cast<std::int64_t>(2 * tokens))
      return flags;
    const std::int64_t* bytes = offsets->tensor.i64();
    for (std::size_t token = 0; token < tokens; ++token, bytes += 2) flags[token] = bytes[0] == bytes[1];
    return flags;
  }

  std::string path_;
  ArrayContents contents_;
  std::string prefix_;
};

PlotSource run_model(const PlotCommand& command, const std::string& text, std::int64_t number) {
  RunOptions options = run_options(command.compute);
  options.poll = check_interrupt;
  const Model model = load_model(command.model);
  const TextEncoder encode(model.tokenizer(), command.compute, model.info().max_positions);
  PlotSource source;
  source.name = text;
  source.encoding = encode({text, "text", number});
  Run run(model, options);
  Captures captures = run(std::vector<Encoding>{*source.encoding}, Request::attentions());
  tell(command.model, captures.texts.front().notices);
  source.tokens = source.encoding->tokens;
  for (const std::int64_t special : source.encoding->special_tokens_mask)
    source.specials.push_back(special != 0);
  source.rows.resize(source.tokens.size());
  std::iota(source.rows.begin(), source.rows.end(), 0);
  source.attentions = captures.texts.front().attentions;
  source.layers = captures.layers;
  source.heads = captures.heads;
  source.metadata = {
      {"model", model.info().source}, {"text", text}, {"precision", name(model.info().precision)}};
  return source;
}

}  // namespace

std::string PlotSource::mean_name() const {
  if (!reduced.empty()) return reduced == "max" ? "maximum over the heads" : "mean over the heads";
  return fmt::format("mean over {} head{}", heads.size(), heads.size() == 1 ? "" : "s");
}

bool is_array_file(const std::string& source) {
  return source.ends_with(".npz") || source.ends_with(".safetensors");
}

PlotSource open_source(const PlotCommand& command, const std::string& source, std::int64_t number) {
  if (is_array_file(source)) return ArrayFileReader(source, command.number).read();
  return run_model(command, source, number);
}

}  // namespace attnscope::cli
