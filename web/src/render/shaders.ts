// SPDX-License-Identifier: Apache-2.0
/** Programs for the graphics card. They follow paint.ts step by step, with whole numbers and comparisons only. */

/** One box a cell picture; corners from the number of the vertex. */
export const VERTEX = `#version 300 es
layout(location = 0) in ivec4 box;
layout(location = 1) in ivec3 source;
uniform ivec2 size;
flat out ivec4 place;
flat out ivec3 from;
void main() {
  place = box;
  from = source;
  ivec2 corner = box.xy + box.zw * ivec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 at = 2.0 * vec2(corner) / vec2(size) - 1.0;
  gl_Position = vec4(at.x, -at.y, 0.0, 1.0);
}`;

/** source: layer of the cells, row of \`ranges\` for columns, row of \`ranges\` for rows. */
export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
precision highp isampler2D;
uniform sampler2DArray cells;
uniform isampler2D ranges;
uniform sampler2D hidden;
uniform sampler2D thresholds;
uniform sampler2D colors;
uniform ivec2 size;
uniform bool bytes;
flat in ivec4 place;
flat in ivec3 from;
out vec4 color;

int stepOf(float value) {
  int found = 0;
  for (int stride = 128; stride >= 1; stride /= 2)
    if (value >= texelFetch(thresholds, ivec2(found + stride, 0), 0).r) found += stride;
  return found;
}

void main() {
  ivec2 pixel = ivec2(int(gl_FragCoord.x), size.y - 1 - int(gl_FragCoord.y)) - place.xy;
  ivec2 columns = texelFetch(ranges, ivec2(pixel.x, from.y), 0).rg;
  ivec2 rows = texelFetch(ranges, ivec2(pixel.y, from.z), 0).rg;
  if (columns.x >= columns.y || rows.x >= rows.y) discard;
  float shown = 0.0;
  float any = 0.0;
  bool hasShown = false;
  bool hasAny = false;
  for (int row = rows.x; row < rows.y; ++row) {
    bool rowHidden = texelFetch(hidden, ivec2(row, 0), 0).r > 0.0;
    for (int column = columns.x; column < columns.y; ++column) {
      float value = texelFetch(cells, ivec3(column, row, from.x), 0).r;
      if (bytes) value = floor(value * 255.0 + 0.5);
      if (!hasAny || abs(value) > abs(any)) any = value;
      hasAny = true;
      if (rowHidden || texelFetch(hidden, ivec2(column, 0), 0).r > 0.0) continue;
      if (!hasShown || abs(value) > abs(shown)) shown = value;
      hasShown = true;
    }
  }
  color = hasShown ? texelFetch(colors, ivec2(stepOf(shown), 0), 0) : texelFetch(colors, ivec2(256 + stepOf(any), 0), 0);
}`;
