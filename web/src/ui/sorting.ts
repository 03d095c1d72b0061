// SPDX-License-Identifier: Apache-2.0
/** A sorted copy; equal rows keep their order, rows without a value come last in both directions. */
export function sorted<Row>(rows: Row[], by: (row: Row) => number | string | null, down: boolean): Row[] {
  const sign = down ? -1 : 1;
  return rows
    .map((row, place) => ({ row, place, value: by(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) {
        return (a.value === null ? 1 : 0) - (b.value === null ? 1 : 0) || a.place - b.place;
      }
      return (a.value < b.value ? -sign : a.value > b.value ? sign : 0) || a.place - b.place;
    })
    .map((entry) => entry.row);
}
