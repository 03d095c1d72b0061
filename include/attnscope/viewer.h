// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attnscope/model.h"
#include "attnscope/tensor.h"
#include "attnscope/word_report.h"

/// What the viewer page is given, and the one HTML file that holds page and data.
namespace attnscope {

/// How a page carries attention weights. What the page prints is right to its digits in all of them.
enum class PageData {
  full,  ///< float32
  u8,    ///< one byte a weight for the colours, the largest of each row to four decimals
  topk   ///< the largest of each row to four decimals, and what they leave
};
[[nodiscard]] const char* name(PageData data);  ///< "full", ...

struct DocumentOptions {
  std::optional<PageData> data = std::nullopt;  ///< absent: full up to 128 tokens, u8 up to 384, else topk
  std::int64_t top_k = 16;                      ///< of u8 and topk
  /// Queries and keys of all heads; absent: beside full weights, where they take no more than 2 MB.
  std::optional<bool> query_key = std::nullopt;
  /// Effect of every head on the label of every focus (about half of layers * heads forwards for each);
  /// absent: where the text has no more than 128 tokens and the model says labels.
  std::optional<bool> ablation = std::nullopt;
  /// As WordReportOptions; absent: all up to 128 tokens, then those that need no run for each word or label.
  std::optional<std::vector<Measure>> measures = std::nullopt;
  std::function<void(const char* step)> progress = nullptr;  ///< before each step; may throw
};

/// One text in one model, all that a page shows of it: a report (JSON) and parts (safetensors), as
/// docs/viewer_format.md says. Cheap to copy, immutable, any thread.
///
/// Example:
///   Run run(Model::load());
///   const auto document = Document::of(run, "Angela Merkel visited Paris.");
class Document {
 public:
  /// Throws:  as Run and word_report.
  [[nodiscard]] static Document of(Run& run, const std::string& text, const DocumentOptions& options = {});
  [[nodiscard]] static Document of(Run& run, const std::string& text, const Encoding& encoding,
                                   const DocumentOptions& options = {});

  /// Attention from elsewhere. What needs a model is left out.
  /// Shapes:  weights [layers, heads, n, n].
  /// Throws:  InvalidArgument (SHAPE), and as analysis.h for the weights.
  struct Attention {
    Tensor weights;
    std::vector<std::string> tokens;
    std::string model = "attention";        ///< name to show
    std::vector<std::int64_t> layers = {};  ///< numbers to show; empty: from 0
    std::vector<std::int64_t> heads = {};
    /// Text and where tokens stand in it; empty: tokens joined by blanks, "##" glued.
    std::string text = {};
    std::vector<Span> offsets = {};
    std::vector<std::int64_t> word_ids = {};  ///< -1 for special tokens; empty: by "##" and brackets
  };
  [[nodiscard]] static Document of(const Attention& attention, const DocumentOptions& options = {});

  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const Encoding& encoding() const;
  [[nodiscard]] const Tensor& attentions() const;  ///< [layers, heads, n, n]
  [[nodiscard]] const std::optional<WordReport>& words() const;
  [[nodiscard]] const std::string& report() const;  ///< JSON
  /// Names of the parts that a file carries: "overview", "layer.0", ..., "states.0", ...
  [[nodiscard]] std::vector<std::string> parts() const;
  /// Bytes of a safetensors file. Beside the names of parts(): "head.L.H" (float32 weights of a head),
  /// "mean.LAYERS.HEADS" (float32 mean; lists such as 0,3-5, or all), "layer.L.full".
  /// Throws:  InvalidArgument (PART) for a name that does not exist.
  [[nodiscard]] std::string part(const std::string& name) const;

  struct Impl;  // private to the library
  explicit Document(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

struct HtmlOptions {
  std::string title = {};  ///< of the page; empty: from the text
  std::string view = {};   ///< to open with, a hash such as "view=model"; empty: words
  std::optional<std::size_t> max_bytes = std::nullopt;
  std::function<void(const char* step)> progress = nullptr;  ///< before each part is packed; may throw
};
struct HtmlPage {
  std::string html;
  /// What takes how many bytes: "page", then "0.report", "0.overview", "0.layer.0", ...
  std::vector<std::pair<std::string, std::size_t>> sizes;
};
/// Page, data and a strict content policy in one file that opens from disk and asks no network. The same
/// documents give the same bytes.
/// Throws:  LimitError (PAGE_SIZE) naming the parts, if it would be larger than max_bytes.
[[nodiscard]] HtmlPage html_page(const std::vector<Document>& documents, const HtmlOptions& options = {});
/// The same bytes by kind, of all documents together: "page", "report", "overview", "layer", "states".
[[nodiscard]] std::vector<std::pair<std::string, std::size_t>> sizes_by_kind(const HtmlPage& page);
/// The page alone, whose data come from the server that serves it.
[[nodiscard]] std::string server_page();
/// Content-Security-Policy of server_page().
[[nodiscard]] std::string server_page_policy();
/// The page as one ES module with `mount(element, source)` and anywidget's default export.
[[nodiscard]] std::string viewer_module();

}  // namespace attnscope
