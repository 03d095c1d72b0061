// SPDX-License-Identifier: Apache-2.0
#include "serve/part.h"

#include "core/message.h"
#include "outputs/deflate.h"
#include "serve/byte_range.h"

namespace attnscope::serve {
namespace {

constexpr std::size_t kLeastToDeflate = 1024;

std::string value_of(const RequestHead& head, std::string_view name) {
  const std::string* value = head.find(name);
  return value == nullptr ? std::string() : *value;
}

}  // namespace

PartWish::PartWish(const RequestHead& head, const std::string& document_id, std::string part)
    : part_(std::move(part)),
      tag_(fmt::format("\"{}.{}\"", document_id, part_)),
      deflated_tag_(fmt::format("\"{}.{}.z\"", document_id, part_)),
      range_(value_of(head, "range")),
      known_(value_of(head, "if-none-match")),
      takes_deflate_(takes_coding(value_of(head, "accept-encoding"), "deflate")) {
  const std::string* condition = head.find("if-range");
  if (condition != nullptr && *condition != tag_) range_.clear();
}

// A document never changes, so its tags need no look at the bytes.
Response PartWish::answer(const Document& document) const {
  if (names_tag(known_, tag_) || names_tag(known_, deflated_tag_)) return not_modified();
  std::string bytes = document.part(part_);
  const RangeWish wish = read_range(range_, bytes.size());
  if (wish.kind == RangeWish::Kind::whole) return whole(std::move(bytes));
  if (wish.kind == RangeWish::Kind::impossible)
    throw Refused{416,
                  problem(ErrorKind::usage, "RANGE", "request")
                      .found("range '{}' of a part of {} bytes", range_, bytes.size()),
                  {{"Content-Range", fmt::format("bytes */{}", bytes.size())}}};
  Response response{206, "application/octet-stream",
                    bytes.substr(wish.range.begin, wish.range.end - wish.range.begin), fields(false)};
  response.fields.emplace_back(
      "Content-Range", fmt::format("bytes {}-{}/{}", wish.range.begin, wish.range.end - 1, bytes.size()));
  return response;
}

Response PartWish::whole(std::string bytes) const {
  const bool deflates = takes_deflate_ && bytes.size() >= kLeastToDeflate;
  Response response{200, "application/octet-stream", deflates ? deflate(bytes) : std::move(bytes),
                    fields(deflates)};
  if (deflates) response.fields.emplace_back("Content-Encoding", "deflate");
  return response;
}

Response PartWish::not_modified() const { return {304, "", "", fields(names_tag(known_, deflated_tag_))}; }

Fields PartWish::fields(bool deflates) const {
  return {{"Cache-Control", "private, no-cache"},
          {"ETag", deflates ? deflated_tag_ : tag_},
          {"Accept-Ranges", "bytes"},
          {"Vary", "Accept-Encoding"}};
}

}  // namespace attnscope::serve
