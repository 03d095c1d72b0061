// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "encode.h"
#include "texts.h"

namespace attnscope::cli {

/// Where a window comes from.
struct WindowPlace {
  std::int64_t text = 0;    ///< of the input, from 0
  std::int64_t window = 0;  ///< of that text, from 0
};

struct EncodedText {
  Encoding encoding;
  std::optional<WindowPlace> place;  ///< only if texts are cut into windows
};

/// Hands out texts as tokens: whole, or with a stride one window after another.
class EncodingReader {
 public:
  EncodingReader(TextReader& texts, const TextEncoder& encoder, std::optional<std::int64_t> stride)
      : texts_(texts), encoder_(encoder), stride_(stride) {}

  [[nodiscard]] bool has_next();
  /// Throws:  as the encoder.
  [[nodiscard]] EncodedText next();
  /// Part of the input that was handed out, 0 to 1; empty where the whole is not known.
  [[nodiscard]] std::optional<double> fraction() const;

 private:
  void open_text();

  TextReader& texts_;
  const TextEncoder& encoder_;
  std::optional<std::int64_t> stride_;
  std::vector<Encoding> windows_;  // of the text that is being handed out
  std::size_t next_window_ = 0;
  std::int64_t texts_opened_ = 0;
  double fraction_before_ = 0.0;                // of the input, without that text
  std::optional<double> fraction_after_ = 0.0;  // with it
};

}  // namespace attnscope::cli
