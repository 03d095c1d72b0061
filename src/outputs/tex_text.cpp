// SPDX-License-Identifier: Apache-2.0
#include "outputs/tex_text.h"

#include "outputs/text_metrics.h"

namespace attnscope {

std::string tex_text(std::string_view text) {
  std::string escaped;
  for (const char character : safe_text(text)) {
    switch (character) {
      case '\\':
        escaped += "\\textbackslash{}";
        break;
      case '~':
        escaped += "\\textasciitilde{}";
        break;
      case '^':
        escaped += "\\textasciicircum{}";
        break;
      case '<':
        escaped += "\\textless{}";
        break;
      case '>':
        escaped += "\\textgreater{}";
        break;
      case '|':
        escaped += "\\textbar{}";
        break;
      case '"':
        escaped += "\\textquotedbl{}";
        break;
      case '{':
      case '}':
      case '$':
      case '&':
      case '#':
      case '_':
      case '%':
        escaped += '\\';
        [[fallthrough]];
      default:
        escaped += character;
    }
  }
  return escaped;
}

}  // namespace attnscope
