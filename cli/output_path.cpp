// SPDX-License-Identifier: Apache-2.0
#include "output_path.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "attnscope/outputs.h"
#include "attnscope/text_file.h"
#include "attnscope/weight_table.h"
#include "errors.h"

namespace attnscope::cli {
namespace {

namespace fs = std::filesystem;

/// Links resolved as far as the path exists; empty if even that fails.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path result = fs::weakly_canonical(fs::absolute(path, error), error);
  return error ? fs::path() : result;
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto [end_of_folder, end_of_path] =
      std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return !folder.empty() && end_of_folder == folder.end() && end_of_path != path.end();
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

/// Where huggingface_hub keeps models.
std::optional<fs::path> hub_cache() {
  if (const char* cache = std::getenv("HF_HUB_CACHE")) return fs::path(cache);
  if (const char* home = std::getenv("HF_HOME")) return fs::path(home) / "hub";
  if (const char* home = std::getenv("HOME")) return fs::path(home) / ".cache" / "huggingface" / "hub";
  return std::nullopt;
}

void refuse(const std::string& path, const std::string& what) {
  throw usage_error("--output", "'" + path + "' " + what, "choose another name");
}

void check_place(const OutputUse& use) {
  const fs::path path = resolved(use.path);
  if (!use.input.empty() && same_file(path, use.input))
    refuse(use.path, "is the file that the texts are read from");
  std::error_code ignored;
  if (fs::exists(path, ignored) && same_file(path.parent_path(), use.model)) {
    refuse(use.path, "is a file of the model");
  }
  const auto cache = hub_cache();
  if (cache && is_inside(path, resolved(*cache))) refuse(use.path, "lies in the hub cache");
}

}  // namespace

void check_output(const OutputUse& use) {
  if (use.path == "-") {
    throw usage_error("--output", "'-': arrays are not written to standard output",
                      "give the name of a file");
  }
  check_place(use);
  if (is_weight_table(use.path)) return check_text_path(use.path);
  try {
    check_output_path(use.path);
  } catch (const InvalidArgument& error) {
    ErrorInfo info = error.info();
    if (info.code == "OUT_ENDING") info.hint += ", or of a table of weights in .csv, .tsv or .jsonl";
    throw InvalidArgument(std::move(info));
  }
}

void check_text_output(const OutputUse& use) {
  check_place(use);
  check_text_path(use.path);
}

}  // namespace attnscope::cli
