// SPDX-License-Identifier: Apache-2.0
/** The development page: ?tokens=512&data=topk&live=1 and so on choose what is shown. */
import { mount } from './mount';
import { syntheticSource } from './testing/synthetic';

const asked = new URLSearchParams(location.search);
const number = (name: string, otherwise: number) => Number(asked.get(name) ?? otherwise);
const data = asked.get('data');

mount(
  document.getElementById('attnscope')!,
  syntheticSource({
    tokens: number('tokens', 24),
    layers: number('layers', 6),
    heads: number('heads', 12),
    documents: number('documents', 2),
    data: data === 'u8' || data === 'topk' ? data : 'full',
    live: asked.has('live'),
  }),
);
