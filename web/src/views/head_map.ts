// SPDX-License-Identifier: Apache-2.0
export interface Point {
  x: number;
  y: number;
}

/** Pairs of numbers to points of a picture: one scale for both axes, in the middle, with a margin. */
export function fitted(pairs: ArrayLike<number>, width: number, height: number, margin: number): Point[] {
  const points = Array.from({ length: pairs.length / 2 }, (_, i) => ({ x: pairs[2 * i]!, y: pairs[2 * i + 1]! }));
  const range = (values: number[]) => ({ low: Math.min(...values), high: Math.max(...values) });
  const [x, y] = [range(points.map((point) => point.x)), range(points.map((point) => point.y))];
  const scale = Math.min((width - 2 * margin) / (x.high - x.low || 1), (height - 2 * margin) / (y.high - y.low || 1));
  return points.map((point) => ({
    x: width / 2 + scale * (point.x - (x.low + x.high) / 2),
    y: height / 2 - scale * (point.y - (y.low + y.high) / 2),
  }));
}

const CORNERS: Record<string, number[]> = {
  previous: [180, 60, -60],
  next: [0, 120, -120],
  self: [0, 90, 180, 270],
  cls: [45, 135, 225, 315],
  sep: [90, 162, 234, 306, 18],
  punctuation: [-90, 30, 150],
  same_word: [0, 60, 120, 180, 240, 300],
};

/** The outline that stands for a pattern; a circle for those without one of their own. */
export function shapeOf(pattern: string, radius: number): string {
  const corners = CORNERS[pattern];
  const r = Math.round(10 * radius) / 10;
  if (!corners) return `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0Z`;
  const points = corners.map((degrees) => {
    const angle = (degrees * Math.PI) / 180;
    return `${(1.15 * r * Math.cos(angle)).toFixed(1)} ${(1.15 * r * Math.sin(angle)).toFixed(1)}`;
  });
  return `M${points.join('L')}Z`;
}
