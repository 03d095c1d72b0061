// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/tensor.h"

namespace attnscope {

/// Everything of an npy file (format 1.0) that stands before the data of the tensor.
/// Throws:  InvalidArgument for bf16, which numpy has not.
[[nodiscard]] std::string npy_header(const Tensor& tensor);

/// Strings of one length as numpy keeps them: UTF-32, padded with zeros to the longest.
struct NpyStrings {
  std::string header;
  std::vector<char32_t> characters;
};
[[nodiscard]] NpyStrings npy_strings(const std::vector<std::string>& strings);
/// One string as an array without dimensions.
[[nodiscard]] NpyStrings npy_string(const std::string& text);

}  // namespace attnscope
