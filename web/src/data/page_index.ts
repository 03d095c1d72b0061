// SPDX-License-Identifier: Apache-2.0
import * as is from '../contract/schema';

/** What a file or a notebook holds: which bytes are the report and the parts of each document. */
export interface PageIndex {
  documents: { title: string; report: string; parts: Record<string, string> }[];
  /** The hash to open with. */
  view: string;
}

export function readPageIndex(json: string): PageIndex {
  let index: unknown;
  try {
    index = JSON.parse(json);
  } catch {
    throw is.wrong('', 'not JSON');
  }
  const document = is.has({ title: is.isString, report: is.isString, parts: is.mapOf(is.isString) });
  is.has({ documents: is.listOf(document), view: is.isString })(index, '');
  return index as PageIndex;
}
