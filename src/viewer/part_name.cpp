// SPDX-License-Identifier: Apache-2.0
#include "viewer/part_name.h"

#include <charconv>
#include <string_view>

#include "attnscope/error.h"
#include "core/message.h"

namespace attnscope {
namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view text, char separator) {
  Words words;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    words.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return words;
    begin = end + 1;
  }
}

/// Reads lists of positions for one name, which messages show.
class ListReader {
 public:
  explicit ListReader(const std::string& name) : name_(name) {}

  /// "0,3-5" or "all".
  [[nodiscard]] std::vector<std::int64_t> list(std::string_view text, std::int64_t count,
                                               const char* what) const {
    std::vector<std::int64_t> positions;
    for (const std::string_view part : text == "all" ? Words{} : split(text, ',')) {
      const Words ends = split(part, '-');
      if (ends.size() > 2) refuse_part(name_, fmt::format("'{}' is no list of {}", text, what));
      const std::int64_t last = one(ends.back(), count, what);
      for (std::int64_t at = one(ends.front(), count, what); at <= last; ++at) positions.push_back(at);
    }
    for (std::int64_t at = 0; text == "all" && at < count; ++at) positions.push_back(at);
    if (positions.empty()) refuse_part(name_, fmt::format("'{}' names none of the {}", text, what));
    return positions;
  }

  [[nodiscard]] std::int64_t one(std::string_view text, std::int64_t count, const char* what) const {
    std::int64_t position = -1;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, position);
    if (text.empty() || error != std::errc() || stop != end || position < 0 || position >= count)
      refuse_part(name_, fmt::format("'{}' is none of the {} {}", text, count, what));
    return position;
  }

 private:
  const std::string& name_;
};

}  // namespace

void refuse_part(const std::string& name, const std::string& why) {
  throw InvalidArgument(problem(ErrorKind::usage, "PART", "part")
                            .field(name)
                            .found("{}", why)
                            .hint("parts are overview, layer.L, layer.L.full, states.L, head.L.H and "
                                  "mean.LAYERS.HEADS, counted from 0"));
}

PartName parse_part_name(const std::string& name, std::int64_t layers, std::int64_t heads) {
  using Kind = PartName::Kind;
  const Words words = split(name, '.');
  const ListReader read(name);
  const auto is = [&](std::string_view word, std::size_t count) {
    return words.front() == word && words.size() == count;
  };
  if (is("overview", 1)) return {Kind::overview, {}, {}};
  if (is("layer", 2)) return {Kind::layer, {read.one(words[1], layers, "layers")}, {}};
  if (is("layer", 3) && words[2] == "full")
    return {Kind::layer_full, {read.one(words[1], layers, "layers")}, {}};
  if (is("states", 2)) return {Kind::states, {read.one(words[1], layers, "layers")}, {}};
  if (is("head", 3))
    return {Kind::head, {read.one(words[1], layers, "layers")}, {read.one(words[2], heads, "heads")}};
  if (is("mean", 3))
    return {Kind::mean, read.list(words[1], layers, "layers"), read.list(words[2], heads, "heads")};
  refuse_part(name, "there is no part of this name");
}

}  // namespace attnscope
