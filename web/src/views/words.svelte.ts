// SPDX-License-Identifier: Apache-2.0
import type { Weights } from '../data/weights';
import type { App } from '../ui/app.svelte';
import { transformed } from '../ui/scale';
import { type Answer, answerOf } from './answers';
import { Loading } from './loading.svelte';
import { boundedByOne, nameOf, parts, ranking, selectionOf } from './words';

/** What the view Words computes from the shared state. */
export class WordsModel {
  readonly app: App;
  readonly mean = new Loading<Weights>();
  readonly rollout = new Loading<Weights | null>();

  readonly places = $derived.by(() => this.app.places());
  readonly selected = $derived.by(() => selectionOf(this.app.report!, this.app.state, this.places));
  readonly name = $derived.by(() => nameOf(this.app.report!, this.places, this.selected));
  readonly attention = $derived.by(() => (this.mean.value ? this.app.shaped(this.mean.value) : null));
  /** Rollout in the unit of the state; null where it is not known. */
  readonly rolled = $derived.by(() => {
    const known = this.app.state.heads === null ? this.rollout.value : null;
    return known ? this.app.shaped(known) : null;
  });
  readonly answer = $derived.by<Answer | null>(() =>
    answerOf(this.app.report!, this.app.state, this.selected, this.attention, this.rolled),
  );
  readonly scores = $derived.by(() => (this.answer?.known ? this.answer.scores : null));
  readonly order = $derived.by(() => (this.scores ? ranking(this.scores.best, this.places, this.selected) : []));
  /** Sums over special tokens, itself and other words. */
  readonly rest = $derived.by(() => {
    if (!this.scores) return null;
    const { best, low, high } = this.scores;
    const [sums, least, most] = [best, low, high].map((list) => parts(list, this.places, this.selected));
    const known = low === high;
    const whole = !known && this.app.state.direction === 'from';
    return { best: sums!, ...(whole ? boundedByOne(least!, most!) : { low: least!, high: most! }) };
  });
  readonly top = $derived.by(() => this.#top());
  /** -1 to 1 for each place; NaN: not shaded. */
  readonly shades = $derived.by(() => this.#shades());

  constructor(app: App) {
    this.app = app;
    const layers = $derived(app.state.layers);
    const heads = $derived(app.state.heads);
    const wantsRollout = $derived(app.state.measure === 'rollout');
    $effect(() => this.mean.start((signal) => app.weights!.mean(layers, heads, signal)));
    $effect(() => {
      if (!wantsRollout || heads !== null) return;
      return this.rollout.start((signal) => rolloutWeights(app, layers, signal));
    });
  }

  /** Top of the scale, over the other words. */
  #top(): number {
    if (!this.scores) return 0;
    if (this.app.state.range === 'unit') return 1;
    const sizes = this.order.map((place) => Math.abs(this.scores!.best[place]!));
    const rank = this.app.state.range === 'percentile' ? Math.floor(sizes.length / 100) : 0;
    return sizes[rank] ?? 0;
  }

  #shades(): Float64Array {
    const shades = new Float64Array(this.places.length).fill(Number.NaN);
    for (const place of this.order) {
      const score = this.scores!.best[place]!;
      shades[place] = Math.sign(score) * transformed(Math.abs(score), this.top, this.app.state.transform);
    }
    return shades;
  }
}

/** Rollout of every token, where the overview holds it unpooled; null where it does not. */
async function rolloutWeights(app: App, layers: number[] | null, signal: AbortSignal): Promise<Weights | null> {
  const report = app.report!;
  const n = report.tokens.text.length;
  if (n > report.weights.overview_size) return null;
  const tensor = (await app.weights!.part('overview', signal)).get('rollout');
  if (!(tensor?.data instanceof Float32Array) || tensor.shape[1] !== n) return null;
  const last = Math.max(...(layers ?? report.layers.keys()));
  const best = tensor.data.subarray(last * n * n, (last + 1) * n * n);
  return { rows: n, columns: n, best, low: best, high: best };
}
