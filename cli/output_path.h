// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace attnscope::cli {

struct OutputUse {
  std::string path;
  std::string model;  ///< as given to -m
  std::string input;  ///< file of texts; may be empty
};

/// Everything that can be known to be wrong with an output path before the model is loaded.
/// Throws:  InvalidArgument for "-", for a file that is read or belongs to the model or lies in the hub
/// cache,
///          and for an unknown ending; StorageError if it cannot be written.
void check_output(const OutputUse& use);

/// The same for a text file, whose ending is the caller's.
void check_text_output(const OutputUse& use);

}  // namespace attnscope::cli
