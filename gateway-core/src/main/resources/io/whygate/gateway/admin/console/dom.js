// Elements and words. Every text goes into the page as text, never as markup.

export function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === 'on') element.addEventListener('click', value);
    else if (name === 'submit') element.addEventListener('submit', value);
    else if (name === 'input') element.addEventListener('input', value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== undefined && child !== null && child !== ''));
  return element;
}

export const $ = id => document.getElementById(id);

export function svg(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const pill = (kind, text) => el('span', { class: 'pill ' + kind }, text);
export const code = text => el('code', {}, text ?? '');
// An address as people write it: IPv6 shortened (RFC 5952).
export function address(text) {
  let shown = text;
  if (text.includes(':')) {
    try { shown = new URL(`http://[${text}]`).hostname.slice(1, -1); } catch { /* as it came */ }
  }
  return el('code', {}, shown);
}

export const exact = text => el('span', { class: 'nowrap' }, text);
export const list = values => values.map((value, i) => [i ? ', ' : '', value]);
export const quiet = (...text) => el('span', { class: 'quiet' }, ...text);
export const panel = (title, ...children) => el('section', { class: 'panel' }, title ? el('h2', {}, title) : '', ...children);

let tables = 0;

// A table that scrolls by itself where it is too wide; a cell is a text or an element. One of many columns is shown as
// a list of its rows on a small screen, each cell beside its column's name; that it is a table is said by roles, then.
export function table(caption, names, rows) {
  const id = 'table-' + ++tables;
  const wide = names.length > 4;
  const role = name => wide ? name : undefined;
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-labelledby': id }, el('table', { class: wide ? 'wide' : '', role: role('table') },
    el('caption', { id, class: 'visually-hidden' }, caption),
    el('thead', { role: role('rowgroup') }, el('tr', { role: role('row') }, ...names.map(name => el('th', { scope: 'col', role: role('columnheader') }, name || el('span', { class: 'visually-hidden' }, 'Actions'))))),
    el('tbody', { role: role('rowgroup') }, ...rows.map(row => el('tr', { role: role('row') }, ...row.map((cell, i) =>
      el('td', { role: role('cell'), 'data-name': wide ? names[i] : undefined }, wide ? filled(cell) : cell ?? '')))))));
}

const filled = cell => cell === undefined || cell === null || cell === '' ? '' : el('div', {}, cell);

export const kindOf = state => ({
  open: 'bad', failed: 'bad', unhealthy: 'bad', ejected: 'bad', rejected: 'bad',
  recovered: 'plain', healed: 'good', passed: 'good', healthy: 'good', applied: 'good',
  drained: 'warn', unknown: 'warn',
}[state] || 'plain');

// --- numbers and times ---

export const number = value => Number(value ?? 0).toLocaleString('en');
export const counted = (value, noun) => `${number(value)} ${noun}${value === 1 ? '' : 's'}`;

export function rate(perSecond) {
  if (!perSecond) return '0';
  return perSecond >= 100 ? number(Math.round(perSecond)) : perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1);
}

export function millis(ms) {
  if (ms === undefined || ms === null) return '–';
  if (ms >= 10000) return (ms / 1000).toFixed(1) + ' s';
  return (ms >= 100 ? ms.toFixed(0) : ms >= 1 ? ms.toFixed(1) : ms.toFixed(2)) + ' ms';
}

export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return s + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' min' + (s < 600 && s % 60 ? ' ' + s % 60 + ' s' : '');
  if (s < 86400) return Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60) + ' min';
  return Math.floor(s / 86400) + ' d ' + Math.floor(s % 86400 / 3600) + ' h';
}

const clock = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat([], { year: 'numeric', month: 'short', day: 'numeric' });

export function time(text) {
  if (!text) return '';
  const at = new Date(text);
  const today = at.toDateString() === new Date().toDateString();
  return el('time', { datetime: text, title: at.toISOString() }, (today ? '' : day.format(at) + ' ') + clock.format(at));
}

export const moment = text => clock.format(new Date(text)) + '.' + String(new Date(text).getMilliseconds()).padStart(3, '0');

// A time that goes on: kept right by tick().
export function running(from, to, words = '') {
  const element = el('span', { class: 'running', 'data-from': from || '', 'data-to': to || '', 'data-words': words });
  advance(element);
  return element;
}

function advance(element) {
  const { from, to, words } = element.dataset;
  const now = Date.now();
  const left = to ? new Date(to) - now : 0;
  element.textContent = from
    ? span((to ? new Date(to) : now) - new Date(from)) + words
    : left > 0 ? span(left) + words : 'run out';
}

export const tick = () => document.querySelectorAll('.running').forEach(advance);

// --- copying ---

export function say(text) {
  $('said').textContent = '';
  setTimeout(() => { $('said').textContent = text; }, 50);
}

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = el('textarea', { readonly: true, class: 'visually-hidden', 'aria-hidden': 'true' });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function copyButton(text, what) {
  return el('button', { type: 'button', class: 'copy', 'aria-label': 'Copy ' + what, on: async event => {
    const button = event.currentTarget;
    await copy(text);
    button.textContent = 'Copied';
    say(what + ' copied');
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  } }, 'Copy');
}

export const command = (text, what) => el('div', { class: 'command' },
  el('pre', { tabindex: '0', role: 'region', 'aria-label': what }, text), copyButton(text, what));

export const problem = text => el('p', { class: 'note bad', role: 'alert' }, text);
