// SPDX-License-Identifier: Apache-2.0
import type { FigureRequest } from '../../data/source';
import { MessageError } from '../../data/source';
import type { Look, Renderer } from '../../render/renderer';
import { overviewOf } from '../../views/overview';
import { focusOf, selectionOf } from '../../views/words';
import type { App, Drawing } from '../app.svelte';
import { type FigureMatrix, matrixFigure, multiplesFigure, type Painter } from './matrix';
import { colourBar } from './parts';
import { type Metadata, stacked, svgFile } from './svg';

/** The open view as an SVG file. */
export async function drawView(app: App): Promise<string> {
  const drawing = await drawingOf(app);
  return svgFile(drawing.figure, drawing.title, drawing.caption, metadataOf(app));
}

export const hasDrawing = (app: App) => app.drawing !== null || ['head', 'model'].includes(app.state.view);

async function drawingOf(app: App): Promise<Drawing> {
  if (app.drawing) return app.drawing();
  if (app.state.view === 'head') return drawHead(app);
  if (app.state.view === 'model') return drawModel(app);
  throw new MessageError('There is no figure of this view.', 'Wait until it shows its data.');
}

async function drawHead(app: App): Promise<Drawing> {
  const { layer, head } = app.state;
  const weights = app.shaped(await app.weights!.head(layer, head));
  const look = app.look(weights);
  const name = `${app.layerName(layer)} ${app.headName(head)}`;
  const labels = app.places().map((place) => place.text);
  const matrix = { values: weights.best, rows: weights.rows, columns: weights.columns };
  const figure = stacked([
    matrixFigure(matrix, labels, look, painterOf(app.renderer)),
    colourBar({ look, about: 'weight', range: app.state.range }),
  ]);
  return { title: `Attention of ${name}`, caption: `Attention weights of ${name}; rows look at columns.`, figure };
}

async function drawModel(app: App): Promise<Drawing> {
  const overview = overviewOf(await app.weights!.part('overview'));
  const look = app.look(overview.weights);
  const { heads, size } = overview;
  const items = app.report!.layers.flatMap((_, layer) =>
    app.report!.heads.map((_, head) => {
      const at = (layer * heads + head) * size * size;
      const values = overview.weights.best.subarray(at, at + size * size);
      return { title: `${app.layerName(layer)} ${app.headName(head)}`, matrix: { values, rows: size, columns: size } };
    }),
  );
  const paint = painterOf(app.renderer);
  const grid = multiplesFigure('', items, look, { perRow: heads, side: 54, paint, asPictures: true });
  const figure = stacked([grid, colourBar({ look, about: 'weight, max-pooled', range: app.state.range })]);
  return { title: 'Attention of all heads', caption: 'Attention weights of all heads; rows look at columns.', figure };
}

/** Draws with the page's renderer, one pixel of it a pixel of the picture. */
export function painterOf(renderer: Renderer): Painter {
  const canvas = document.createElement('canvas');
  return (matrix: FigureMatrix, look: Look, width: number, height: number) => {
    canvas.style.width = `${width / devicePixelRatio}px`;
    canvas.style.height = `${height / devicePixelRatio}px`;
    canvas.hidden = false;
    document.body.append(canvas);
    const window = { row0: 0, row1: matrix.rows, column0: 0, column1: matrix.columns };
    renderer.drawMatrix(canvas, matrix, window, look);
    canvas.remove();
    return canvas.toDataURL('image/png');
  };
}

function metadataOf(app: App): Metadata {
  const { state } = app;
  const report = app.report!;
  return {
    model: report.model.source,
    text: report.text,
    view: state.view,
    layer: app.layerName(state.layer),
    head: app.headName(state.head),
    measure: state.measure,
    unit: state.unit,
    special: state.special,
    transform: state.transform,
    range: state.range,
    palette: state.palette,
    generator: report.generator,
  };
}

/** What the program behind the page is asked for, to draw the same. */
export function figureRequest(app: App, format: FigureRequest['format']): FigureRequest | null {
  const { state } = app;
  const options = { palette: state.palette, transform: state.transform, range: state.range };
  const one = { layers: [state.layer], heads: [state.head] };
  const many = {
    layers: state.layers ?? [...app.report!.layers.keys()],
    heads: state.heads ?? [...app.report!.heads.keys()],
  };
  const from = state.direction === 'from' && state.unit === 'token' ? state.selected[0] : undefined;
  switch (state.view) {
    case 'words':
      return wordsRequest(app, { view: 'words', ...many, format, options });
    case 'head':
      if (state.headForm === 'matrix') return { view: 'matrix', ...one, format, options };
      return { view: 'links', ...one, ...(from === undefined ? {} : { from }), format, options };
    case 'model':
      return { view: 'grid', format, options };
    case 'heads':
      return { view: 'heads', ...many, format, options };
    case 'layers':
      return { view: 'layers', ...many, format, options };
    case 'compare':
      return differenceOfLayers(app, { view: 'difference', format, options });
    default:
      return null;
  }
}

/** The engine draws what an entity looks at; other choices are drawn by the page. */
function wordsRequest(app: App, request: FigureRequest): FigureRequest | null {
  const { state } = app;
  const focus = focusOf(app.report!, selectionOf(app.report!, state, app.places()), state.unit);
  const same = state.direction === 'from' && state.measure === 'attention' && state.special === 'show';
  return same && focus !== null ? { ...request, focus } : null;
}

/** The engine draws layers, whose sides are complete; texts and heads are drawn by the page. */
function differenceOfLayers(app: App, request: FigureRequest): FigureRequest | null {
  const sides = app.compared?.sides;
  return sides?.kind === 'layer' ? { ...request, layers: [Number(sides.left), Number(sides.right)] } : null;
}

/** An SVG file as a PNG, with that many pixels for each of its own. */
export async function svgToPng(svg: string, scale: number): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(image.naturalWidth * scale);
    canvas.height = Math.ceil(image.naturalHeight * scale);
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob) return blob;
    throw new MessageError('The browser could not make so large a picture.', 'Save it as SVG.');
  } finally {
    URL.revokeObjectURL(address);
  }
}
