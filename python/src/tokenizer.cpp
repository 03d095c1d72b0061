// SPDX-License-Identifier: Apache-2.0
#include "attnscope/tokenizer.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>

#include "bindings.h"
#include "python_text.h"
#include "shutdown.h"
#include "texts.h"
#include "token_batch.h"
#include "windows.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

constexpr std::size_t kSliceTokens = 1U << 14U;  ///< about; between slices Ctrl-C is looked for

/// How a call of the tokenizer encodes.
struct Call {
  EncodeOptions options;
  std::int64_t stride = 0;
  bool windows = false;  ///< all windows of a text that is too long, not the first alone
  TruncationSide side = TruncationSide::right;
};

class PyTokenizer {
 public:
  explicit PyTokenizer(Tokenizer tokenizer) : tokenizer_(std::move(tokenizer)), strings_(read_strings()) {}

  [[nodiscard]] TokenBatch encode(nb::handle texts, nb::handle pairs, bool in_words, bool single,
                                  const Call& call) const;
  [[nodiscard]] nb::dict vocabulary() const;
  [[nodiscard]] const Tokenizer& tokenizer() const { return tokenizer_; }

 private:
  [[nodiscard]] TokenStrings read_strings() const;
  [[nodiscard]] Encoding run(const Item& item, const EncodeOptions& options) const;
  void encode_item(const Item& item, std::int64_t sample, const Call& call, TokenBatch& batch) const;

  Tokenizer tokenizer_;
  TokenStrings strings_;
};

TokenStrings PyTokenizer::read_strings() const {
  std::vector<std::string> strings(static_cast<std::size_t>(tokenizer_.id_limit()));
  for (std::size_t id = 0; id < strings.size(); ++id)
    strings[id] = tokenizer_.id_to_token(static_cast<std::int64_t>(id)).value_or("");
  return std::make_shared<const std::vector<std::string>>(std::move(strings));
}

nb::dict PyTokenizer::vocabulary() const {
  nb::dict vocabulary;
  for (std::int64_t id = 0; id < tokenizer_.id_limit(); ++id)
    if (const auto token = tokenizer_.id_to_token(id)) vocabulary[nb::cast(*token)] = id;
  return vocabulary;
}

std::vector<std::string> strings_of(const std::vector<Text>& words) {
  std::vector<std::string> strings;
  strings.reserve(words.size());
  for (const Text& word : words) strings.emplace_back(word.utf8);
  return strings;
}

Encoding PyTokenizer::run(const Item& item, const EncodeOptions& options) const {
  if (item.in_words) {
    std::vector<std::string> second = strings_of(item.second);
    if (item.is_pair && second.empty()) second.emplace_back();  // a pair all the same
    return tokenizer_.encode_words(strings_of(item.first), second, options);
  }
  if (!item.is_pair) return tokenizer_.encode(item.first.front().utf8, options);
  return tokenizer_.encode_pair(item.first.front().utf8, item.second.front().utf8, options);
}

void PyTokenizer::encode_item(const Item& item, std::int64_t sample, const Call& call,
                              TokenBatch& batch) const {
  const int sequences = item.is_pair ? 2 : 1;
  Encoding encoding = run(item, call.options);
  // A stride is looked at even where it cannot show.
  const bool cut =
      call.options.max_length && (call.windows || call.side == TruncationSide::left || call.stride != 0);
  if (!cut) {
    count_characters(item, encoding);
    return batch.append(encoding, sample, sequences);
  }
  EncodeOptions uncut = call.options;
  uncut.max_length.reset();
  Encoding whole = run(item, uncut);
  count_characters(item, whole);
  const std::vector<Encoding> windows = windows_of(whole, encoding, call.stride, call.side);
  for (std::size_t i = 0; i < (call.windows ? windows.size() : 1); ++i)
    batch.append(windows[i], sample, sequences);
}

void look_for_interrupt() {
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

/// Reads texts while Python waits and encodes them while it runs, slice by slice.
TokenBatch PyTokenizer::encode(nb::handle texts, nb::handle pairs, bool in_words, bool single,
                               const Call& call) const {
  TokenBatch batch(strings_);
  const auto count = static_cast<std::int64_t>(nb::len(texts));
  for (std::int64_t done = 0; done < count;) {
    std::vector<Item> items;
    for (std::size_t bytes = 0; done + std::ssize(items) < count && bytes < kSliceTokens;) {
      const auto i = done + std::ssize(items);
      const nb::object text(texts[i]);
      const nb::object pair = pairs.is_none() ? nb::none() : nb::object(pairs[i]);
      items.push_back(read_item(text, pair, in_words, {single ? -1 : i}));
      for (const Text& part : items.back().first) bytes += part.utf8.size() + 1;
      for (const Text& part : items.back().second) bytes += part.utf8.size() + 1;
    }
    {
      const Unlocked unlocked;
      for (const Item& item : items) encode_item(item, done++, call, batch);
    }
    look_for_interrupt();
  }
  return batch;
}

using Column = std::int64_t (*)(const BatchToken&);

Column column_named(const std::string& name) {
  if (name == "input_ids") return [](const BatchToken& token) { return std::int64_t{token.id}; };
  if (name == "token_type_ids") return [](const BatchToken& token) { return std::int64_t{token.type_id}; };
  if (name == "attention_mask") return [](const BatchToken& token) { return std::int64_t{token.attended}; };
  if (name == "special_tokens_mask")
    return [](const BatchToken& token) { return std::int64_t{token.special}; };
  throw std::invalid_argument("no column " + name);
}

using Array = nb::ndarray<nb::numpy, std::int64_t>;

Array array_of(std::vector<std::int64_t> values, const std::vector<std::size_t>& shape) {
  auto memory = std::make_unique<std::vector<std::int64_t>>(std::move(values));
  std::int64_t* const data = memory->data();
  const nb::capsule owner(memory.release(), [](void* pointer) noexcept {
    std::unique_ptr<std::vector<std::int64_t>>(static_cast<std::vector<std::int64_t>*>(pointer));
  });
  return Array(data, shape.size(), shape.data(), owner);
}

/// Row after row, what `write` adds for each token.
template <class Write>
std::vector<std::int64_t> gather(const TokenBatch& batch, const Write& write) {
  std::vector<std::int64_t> values;
  for (std::size_t row = 0; row < batch.rows(); ++row)
    for (std::size_t i = 0; i < batch.length(row); ++i) write(batch.at(row, i), values);
  return values;
}

Array array(const TokenBatch& batch, const std::string& name) {
  const Column column = column_named(name);
  return array_of(
      gather(batch, [&](const BatchToken& token, auto& values) { values.push_back(column(token)); }),
      {batch.rows(), batch.length(0)});
}

Array offset_array(const TokenBatch& batch) {
  std::vector<std::int64_t> values = gather(batch, [](const BatchToken& token, auto& out) {
    out.push_back(token.begin);
    out.push_back(token.end);
  });
  if (values.empty()) return array_of(std::move(values), {batch.rows(), 0});
  return array_of(std::move(values), {batch.rows(), batch.length(0), 2});
}

/// A list of what `make` gives for each token of a row.
template <class Make>
nb::list row_list(const TokenBatch& batch, std::size_t row, const Make& make) {
  nb::list list;
  for (std::size_t i = 0; i < batch.length(row); ++i) list.append(make(batch.at(row, i)));
  return list;
}

template <class Make>
nb::list lists_of(const TokenBatch& batch, const Make& make) {
  nb::list lists;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    lists.append(row_list(batch, row, make));
    if (row % kSliceTokens == 0) look_for_interrupt();
  }
  return lists;
}

nb::tuple offset_pair(const BatchToken& token) { return nb::make_tuple(token.begin, token.end); }

nb::object number_or_none(std::int64_t number) { return number < 0 ? nb::none() : nb::cast(number); }

/// The columns of Encoding, in its order.
nb::tuple row(const TokenBatch& batch, std::size_t row) {
  if (row >= batch.rows()) throw nb::index_error("no such text in the batch");
  nb::list tokens;
  for (std::size_t i = 0; i < batch.length(row); ++i) tokens.append(batch.text_at(row, i));
  const auto column = [&](const char* name) { return row_list(batch, row, column_named(name)); };
  return nb::make_tuple(
      column("input_ids"), column("token_type_ids"), tokens, row_list(batch, row, offset_pair),
      row_list(batch, row, [](const BatchToken& token) { return number_or_none(token.word); }),
      row_list(batch, row, [](const BatchToken& token) { return number_or_none(token.sequence); }),
      column("special_tokens_mask"), column("attention_mask"), batch.sequences(row));
}

std::vector<std::size_t> lengths(const TokenBatch& batch) {
  std::vector<std::size_t> result(batch.rows());
  for (std::size_t row = 0; row < result.size(); ++row) result[row] = batch.length(row);
  return result;
}

TruncationStrategy strategy_named(const std::string& name) {
  if (name == "only_first") return TruncationStrategy::only_first;
  if (name == "only_second") return TruncationStrategy::only_second;
  return TruncationStrategy::longest_first;
}

TokenBatch encode(const PyTokenizer& tokenizer, nb::handle texts, nb::handle pairs, bool in_words,
                  bool single, bool add_special_tokens, std::optional<std::int64_t> max_length,
                  const std::string& strategy, std::int64_t stride, bool windows, bool left) {
  Call call;
  call.options.add_special_tokens = add_special_tokens;
  call.options.max_length = max_length;
  call.options.truncation = strategy_named(strategy);
  call.stride = stride;
  call.windows = windows;
  call.side = left ? TruncationSide::left : TruncationSide::right;
  return tokenizer.encode(texts, pairs, in_words, single, call);
}

void bind_batch(nb::module_& m) {
  nb::class_<TokenBatch>(m, "TokenBatch", "Encodings of many texts; becomes lists or arrays when asked.")
      .def("__len__", &TokenBatch::rows)
      .def(
          "pad",
          [](TokenBatch& batch, std::size_t length, std::int32_t id, std::int32_t type_id, std::string token,
             bool left) {
            batch.pad({length, id, type_id, std::move(token), left});
          },
          "length"_a, "id"_a, "type_id"_a, "token"_a, "left"_a)
      .def_prop_ro("longest_first_row", &TokenBatch::longest_first_row)
      .def_prop_ro("longest_row", &TokenBatch::longest_row)
      .def_prop_ro("common_length", &TokenBatch::common_length)
      .def("samples", &TokenBatch::samples)
      .def("lengths", &lengths)
      .def("array", &array, "name"_a)
      .def("offset_array", &offset_array)
      .def(
          "lists",
          [](const TokenBatch& batch, const std::string& name) {
            return lists_of(batch, column_named(name));
          },
          "name"_a)
      .def("offset_lists", [](const TokenBatch& batch) { return lists_of(batch, offset_pair); })
      .def("row", &row, "index"_a);
}

PyTokenizer load(const nb::bytes& source) {
  const std::string name = path_of(source);
  const Unlocked unlocked;
  return PyTokenizer(Tokenizer::load(name));
}

PyTokenizer from_memory(const std::map<std::string, std::string>& files, const std::string& label) {
  const Unlocked unlocked;
  return PyTokenizer(Tokenizer::from_memory(files, label));
}

}  // namespace

void bind_tokenizer(nb::module_& m) {
  bind_batch(m);
  nb::class_<PyTokenizer>(m, "Tokenizer", "A loaded tokenizer; any thread may use it.")
      .def_static("load", &load, "source"_a)
      .def_static("from_memory", &from_memory, "files"_a, "label"_a)
      .def("encode", &encode, "texts"_a, "pairs"_a.none(), "in_words"_a, "single"_a, "add_special_tokens"_a,
           "max_length"_a.none(), "strategy"_a, "stride"_a, "windows"_a, "left"_a)
      .def("vocabulary", &PyTokenizer::vocabulary)
      .def("token_to_id", [](const PyTokenizer& self,
                             const std::string& token) { return self.tokenizer().token_to_id(token); })
      .def("id_to_token",
           [](const PyTokenizer& self, std::int64_t id) { return self.tokenizer().id_to_token(id); })
      .def("vocab_size", [](const PyTokenizer& self) { return self.tokenizer().vocab_size(); })
      .def("notices", [](const PyTokenizer& self) { return self.tokenizer().notices(); });
}

}  // namespace attnscope::python
