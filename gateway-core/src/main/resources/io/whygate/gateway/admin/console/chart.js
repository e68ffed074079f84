import { el, svg } from './dom.js';

const WIDTH = 240;
const HEIGHT = 44;

// Requests a second as an area, those that ended in a server error in front of it.
export function trafficChart(samples, label) {
  const most = Math.max(1, ...samples.map(each => each.requests));
  const chart = frame(label);
  chart.append(area(samples.map(each => each.requests), most, 'area'));
  if (samples.some(each => each.server_errors)) chart.append(area(samples.map(each => each.server_errors), most, 'area errors'));
  return chart;
}

// Latency: the median as a line, the 95th percentile as a fainter one.
export function latencyChart(samples, label) {
  const most = Math.max(1, ...samples.map(each => each.p95_ms ?? 0));
  const chart = frame(label);
  chart.append(line(samples.map(each => each.p95_ms), most, 'line high'), line(samples.map(each => each.p50_ms), most, 'line'));
  return chart;
}

function frame(label) {
  return svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label, class: 'chart' });
}

// As far back as there is something, five minutes at least.
export const LEAST = 60;
export const MOST = 180;
const x = (i, count) => WIDTH - (count - 1 - i) * WIDTH / Math.max(count - 1, LEAST - 1);
const y = (value, most) => HEIGHT - 2 - value / most * (HEIGHT - 6);

function area(values, most, kind) {
  const shown = values.slice(-MOST);
  const points = shown.map((value, i) => `${x(i, shown.length).toFixed(1)},${y(value, most).toFixed(1)}`);
  const left = shown.length ? x(0, shown.length).toFixed(1) : WIDTH;
  return svg('polygon', { class: kind, points: `${left},${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}` });
}

function line(values, most, kind) {
  const shown = values.slice(-MOST);
  let path = '';
  let drawing = false;
  shown.forEach((value, i) => {
    if (value === undefined) { drawing = false; return; }
    path += `${drawing ? 'L' : 'M'}${x(i, shown.length).toFixed(1)} ${y(value, most).toFixed(1)}`;
    drawing = true;
  });
  return svg('path', { class: kind, d: path || 'M0 0' });
}

// What a colour stands for.
export const key = kind => el('span', { class: 'key ' + kind, 'aria-hidden': 'true' });

const PHASES = [['resolve', 'look-up'], ['connect', 'connect'], ['tls_handshake', 'TLS'], ['send_request', 'send'], ['await_response', 'wait'], ['attempt', 'to the end']];

// How long each phase of an attempt took, side by side, with a legend.
export function phases(ended, millis) {
  const whole = Math.max(ended.attempt || 0, 1);
  const chart = svg('svg', { viewBox: '0 0 1000 10', preserveAspectRatio: 'none', class: 'phases', role: 'img' });
  const legend = [];
  let from = 0;
  PHASES.forEach(([name, words], i) => {
    const to = ended[name] === undefined ? from : Math.max(ended[name], from);
    if (to > from) {
      chart.append(svg('rect', { x: 1000 * from / whole, width: Math.max(1000 * (to - from) / whole, 2), height: 10, class: 'phase-' + i }));
      legend.push({ kind: 'phase-' + i, words, took: millis((to - from) / 1000) });
    }
    from = to;
  });
  chart.setAttribute('aria-label', legend.map(each => each.words + ' ' + each.took).join(', ') || 'no time');
  return { chart, legend };
}
