// All upstreams with their endpoints.

import { el, pill, kindOf, table, code, address, quiet, running, number } from './dom.js';
import { state, onNews } from './live.js';
import { endpointAction } from './actions.js';

export function upstreams(place) {
  const list = el('div', {});
  place.append(el('h1', {}, 'Upstreams'), list);
  const results = new Map();
  const draw = name => {
    if (name && name !== 'upstreams') return;
    if (list.contains(document.activeElement) && sameShape(list)) return;
    list.replaceChildren(...state.upstreams.map(each => card(each, resultOf(results, each.name))));
    list.dataset.shape = shape();
    if (!state.upstreams.length) list.replaceChildren(el('p', { class: 'quiet' }, state.overview ? 'None is configured.' : 'Asking the gateway …'));
  };
  draw();
  return onNews(draw);
}

const shape = () => state.upstreams.map(each => [each.name, each.circuit, Boolean(each.maintenance), ...each.endpoints.map(one => one.url + one.state)].join()).join(';');
const sameShape = list => list.dataset.shape === shape();

function resultOf(results, name) {
  if (!results.has(name)) results.set(name, el('div', { role: 'status' }));
  return results.get(name);
}

function card(it, result) {
  return el('section', { class: 'panel' },
    el('h2', {}, el('a', { href: '#/upstreams/' + encodeURIComponent(it.name), 'data-row': it.name }, it.name), ' ', ...marks(it)),
    endpoints(it, result), result);
}

export function marks(it) {
  return [
    it.circuit !== 'closed' ? pill('bad', 'circuit ' + it.circuit) : '',
    it.maintenance ? el('span', { class: 'pill warn' }, 'maintenance', it.maintenance.until ? [' for ', running('', it.maintenance.until)] : '') : '',
  ];
}

export function endpoints(it, result) {
  return table('Endpoints of ' + it.name, ['Endpoint', 'State', 'Addresses, and where each came from', 'Health check', 'Requests', 'Pool', ''], it.endpoints.map(each => [
    code(each.url),
    each.state === 'healthy' && each.consecutive_failures
      ? pill('bad', 'failing')
      : pill(kindOf(each.state), each.state + (each.ejected_for_s ? ' for ' + Math.ceil(each.ejected_for_s) + ' s' : '')),
    !each.addresses.length ? quiet('none') : el('ul', { class: 'bare' }, ...each.addresses.map(one => el('li', {}, address(one.address), ' ', quiet(one.source, one.valid_until && one.source !== 'stale' ? [', TTL ', running('', one.valid_until)] : ''), one.failing ? [' ', pill('bad', 'failing')] : ''))),
    each.last_check ? el('span', {}, pill(each.last_check.passed ? 'good' : 'bad', each.last_check.finding), ' ', quiet(running(each.last_check.at, '', ' ago'))) : quiet('not checked'),
    el('span', {}, number(each.outstanding) + ' now', each.consecutive_failures ? quiet(`, ${number(each.consecutive_failures)} failed in a row`) : ''),
    el('span', {}, `${each.pool.active} busy, ${each.pool.idle} idle` + (each.pool.pending ? `, ${each.pool.pending} waiting` : '')),
    endpointAction(it.name, each, result),
  ]));
}
