// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attnscope/tensor.h"

namespace attnscope {

/// Builds JSON text with exact bytes: no blanks, keys in the order written, numbers that read back
/// to the same value (floats: shortest form), invalid UTF-8 never emitted.
///
/// Example:
///   JsonWriter json;
///   json.begin_object().key("tokens").value(tokens).end_object();
///   json.text();  // {"tokens":["[CLS]","hello","[SEP]"]}
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(double number);  ///< NaN and infinities become null
  JsonWriter& value(float number);
  JsonWriter& value(bool flag);
  JsonWriter& null();
  JsonWriter& value(const std::vector<std::string>& texts);
  JsonWriter& value(const std::vector<std::int64_t>& numbers);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void separate();
  std::string text_;
  bool needs_comma_ = false;
};

/// One array of an output file: a tensor, or strings (npz: unicode array; safetensors: JSON in the metadata).
struct NamedArray {
  std::string name;
  Tensor tensor;
  std::vector<std::string> strings;
  bool is_strings = false;

  static NamedArray of(std::string name, Tensor tensor);
  static NamedArray of(std::string name, std::vector<std::string> strings);
};

/// Writes arrays one after another to a file that appears under its name whole or not at all: a temporary
/// file beside it is synced and renamed by commit(), and removed if that never comes. An existing file is
/// replaced. The format follows from the ending: .npz or .safetensors. The same arrays give the same bytes.
///
/// Cost: no array is copied. npz writes at once; safetensors, whose header comes first, keeps the tensors
/// until commit().
/// Example:
///   ArrayFile file("out.npz");
///   file.add(NamedArray::of("layers", layers));
///   file.commit();
class ArrayFile {
 public:
  /// Throws:  InvalidArgument (OUT_ENDING) for another ending; StorageError with the system's reason.
  explicit ArrayFile(const std::string& path);
  ArrayFile(ArrayFile&& other) noexcept;
  ArrayFile& operator=(ArrayFile&& other) noexcept;
  ~ArrayFile();

  /// Throws:  InvalidArgument for a name that was added before and for a dtype that the format lacks
  ///          (bf16 in npz); StorageError.
  void add(NamedArray array);
  /// `metadata` goes into safetensors' __metadata__ (npz: an array "metadata" holding the JSON text, left
  /// out when empty).
  void commit(const std::map<std::string, std::string>& metadata = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// All of ArrayFile in one call.
void write_arrays(const std::string& path, const std::vector<NamedArray>& arrays,
                  const std::map<std::string, std::string>& metadata = {});

/// What such a file holds.
struct ArrayContents {
  std::vector<NamedArray> arrays;
  std::map<std::string, std::string> metadata;
  [[nodiscard]] const NamedArray* find(std::string_view name) const;  ///< null if absent
};
/// Reads what ArrayFile and numpy.savez write (F32, F16, I64, strings; not compressed), whole.
/// Throws:  InvalidArgument (IN_ENDING) for another ending; StorageError; CheckpointError: ZIP, NPY, or as
///          SafetensorsFile.
[[nodiscard]] ArrayContents read_arrays(const std::string& path);

/// Throws what ArrayFile would throw for the path itself (ending, missing or read-only folder, name too
/// long, path is a folder): to be called before long work.
void check_output_path(const std::string& path);

/// How much colour a terminal takes.
enum class ColorMode { plain, colors256, truecolor };

struct PictureOptions {
  ColorMode color = ColorMode::plain;
  int columns = 80;        ///< width of the terminal in cells
  int max_rows = 40;       ///< height that a picture may take
  float maximum = 0.0F;    ///< top of the scale; 0: the largest value shown
  bool sqrt_scale = true;  ///< colours by the square root (attention is skewed); else linear
};

/// Matrix of weights from each token (row) to each token (column), with labels and a colour bar.
/// Shapes: weights [n, n]; labels n texts (UTF-8; wide and right-to-left characters are measured).
/// Larger matrices than fit are max-pooled, and the picture says so. Plain: an ASCII ramp and numbers.
[[nodiscard]] std::string draw_matrix(const TensorView& weights, const std::vector<std::string>& labels,
                                      const std::string& title, const PictureOptions& options);

/// Grid of layers x heads, each a max-pooled thumbnail.
/// Shapes: weights [layers, heads, n, n]; `layers` and `heads` are the numbers to print.
[[nodiscard]] std::string draw_grid(const TensorView& weights, const std::vector<std::int64_t>& layers,
                                    const std::vector<std::int64_t>& heads, const std::string& title,
                                    const PictureOptions& options);

/// Cells that a UTF-8 text takes on a terminal (East Asian wide 2, combining 0).
[[nodiscard]] int display_width(std::string_view text);

/// The text with control characters, bidi controls and invalid UTF-8 written as \xNN or \u{N}: safe to print.
[[nodiscard]] std::string escape_for_terminal(std::string_view text);

}  // namespace attnscope
