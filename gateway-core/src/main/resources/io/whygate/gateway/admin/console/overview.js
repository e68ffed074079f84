// Is anything broken now, since when, whom does it hit; and what goes through.

import { el, number, counted, rate, millis, running, time, pill, quiet, span, kindOf } from './dom.js';
import { state, onNews, openIncidents, samplesOf } from './live.js';
import { trafficChart, latencyChart, key, LEAST, MOST } from './chart.js';

export function overview(place) {
  const headline = el('div', { class: 'headline' });
  const broken = el('div', { class: 'cards' });
  const numbers = el('dl', { class: 'numbers' });
  const traffic = el('div', { class: 'cards traffic' });
  const past = el('div', {});
  const reached = quiet('');
  place.append(headline, broken, numbers, el('h2', {}, 'Traffic ', reached), traffic, past);
  const draw = name => {
    if (!name || name === 'overview' || name === 'incident') drawHeadline(headline, broken);
    if (!name || name === 'overview') drawNumbers(numbers);
    if (!name || name === 'traffic' || name === 'upstreams') {
      keepFocus(traffic, drawTraffic);
      reached.textContent = `by upstream, the last ${reach()}, live`;
    }
    if (!name || name === 'incident') drawPast(past);
  };
  draw();
  return onNews(draw);
}

// What the charts show: as far back as there is something, five minutes at least.
const reach = () => span(Math.round(Math.min(Math.max(state.samples.length, LEAST), MOST) * state.interval / 60) * 60000);

function keepFocus(place, draw) {
  const key = document.activeElement?.closest?.('[data-key]')?.dataset.key;
  draw(place);
  if (key && !place.contains(document.activeElement)) place.querySelector(`[data-key="${CSS.escape(key)}"] a`)?.focus();
}

function drawHeadline(headline, broken) {
  const open = openIncidents();
  const failing = state.overview?.failing_channels || 0;
  if (!state.overview) {
    headline.replaceChildren(el('h1', {}, 'Overview'), el('p', { class: 'quiet' }, 'Asking the gateway …'));
    return;
  }
  const key = open.map(each => each.incident + each.requests + each.cause).join() + state.overview.open_incidents + '/' + failing;
  if (headline.dataset.key === key) return;
  headline.dataset.key = key;
  headline.className = 'headline ' + (open.length ? 'bad' : 'good');
  const oldest = open.at(-1);
  headline.replaceChildren(...(open.length
    ? [el('h1', {}, open.length === 1 ? 'One thing is broken' : open.length + ' things are broken'),
      el('p', {}, hit(open), '. It began ', running(oldest.since, '', ' ago'), '.')]
    : [el('h1', {}, 'Nothing is broken'), el('p', {}, 'Every request that could be answered is answered', lastWords(), '.')]));
  broken.replaceChildren(...open.map(card), ...(failing ? [el('p', { class: 'note bad' }, failing === 1 ? 'One channel' : failing + ' channels', ' by which people are told of incidents does not work: ', el('a', { href: '#/configuration' }, 'see which'), '.')] : []));
}

function hit(open) {
  const requests = open.reduce((sum, each) => sum + each.requests, 0);
  const pages = open.reduce((sum, each) => sum + each.pages, 0);
  const sites = [...new Set(open.map(each => each.upstream))];
  if (open.every(each => each.symptom === 'own-certificate')) return `No request was hit; it is about ${sites.sort().join(', ')}`;
  return `${counted(requests, 'request')} hit at ${sites.sort().join(', ')}; ${counted(pages, 'visitor')} saw a page`;
}

function lastWords() {
  const last = [...state.incidents.values()].filter(each => each.ended).sort((a, b) => a.ended < b.ended ? 1 : -1)[0];
  return last ? `; the last incident ended ${span(Date.now() - new Date(last.ended))} ago` : '';
}

function card(incident) {
  const most = incident.paths?.[0];
  return el('article', { class: 'card open' },
    el('h2', {}, el('a', { href: '#/incidents/' + incident.incident, 'data-row': '' }, incident.title)),
    el('p', { class: 'meta' }, pill('bad', incident.upstream), ' ', el('code', {}, incident.cause), ' ',
      quiet('for ', running(incident.since))),
    el('p', {}, incident.because || incident.detail),
    el('p', { class: 'quiet' }, incident.symptom === 'own-certificate' ? 'No request was hit' : `${counted(incident.requests, 'request')}, ${counted(incident.pages, 'page')}`,
      most ? [', most at ', el('code', {}, most.path)] : '', ', last ', time(incident.last_seen)));
}

function drawNumbers(numbers) {
  const now = state.overview;
  if (!now) return;
  const recent = state.samples.slice(-12);
  const seconds = recent.length * state.interval || 1;
  const sum = name => recent.reduce((all, sample) => all + sample.upstreams.reduce((one, each) => one + each[name], 0), 0);
  const requests = sum('requests');
  const items = [
    ['Requests', rate(requests / seconds) + '/s', number(now.requests) + ' since the start'],
    ['Server errors', requests ? (100 * sum('server_errors') / requests).toFixed(1) + ' %' : '0 %', number(now.server_errors) + ' since the start'],
    ['Failed attempts', rate(sum('failed_attempts') / seconds) + '/s', number(now.failed_attempts) + ' since the start'],
    ['Up for', span(Date.now() - new Date(now.started)), now.ready ? 'ready' : 'not ready'],
  ];
  numbers.replaceChildren(...items.map(([name, value, more]) =>
    el('div', {}, el('dt', {}, name), el('dd', {}, value), el('dd', { class: 'quiet' }, more))));
}

function drawTraffic(place) {
  const names = [...new Set([...state.upstreams.map(each => each.name), ...state.samples.flatMap(sample => sample.upstreams.map(each => each.name))])]
    .filter(name => name || samplesOf('').some(each => each.requests)).sort();
  place.replaceChildren(...names.map(name => trafficCard(name)));
}

function trafficCard(name) {
  const samples = samplesOf(name);
  const known = state.upstreams.find(each => each.name === name);
  const last = samples.slice(-6);
  const requests = last.reduce((sum, each) => sum + each.requests, 0);
  const errors = last.reduce((sum, each) => sum + each.server_errors, 0);
  const latest = [...samples].reverse().find(each => each.p50_ms !== undefined);
  const perSecond = requests / (last.length * state.interval || 1);
  const share = requests ? 100 * errors / requests : 0;
  const unfit = known?.endpoints.filter(each => each.state !== 'healthy') || [];
  return el('article', { class: 'card', 'data-key': name },
    el('h3', {}, known ? el('a', { href: '#/upstreams/' + encodeURIComponent(name) }, name) : name || 'answered by the gateway itself', ' ',
      known?.maintenance ? pill('warn', 'maintenance') : '', known && known.circuit !== 'closed' ? pill('bad', 'circuit ' + known.circuit) : '',
      unfit.length ? pill(kindOf(unfit[0].state), `${unfit.length} of ${known.endpoints.length} ${unfit[0].state}`) : ''),
    el('dl', { class: 'pair' },
      el('div', {}, el('dt', {}, 'Requests'), el('dd', {}, rate(perSecond) + '/s')),
      el('div', {}, el('dt', {}, 'Errors'), el('dd', { class: share ? 'wrong' : '' }, share.toFixed(share && share < 10 ? 1 : 0) + ' %')),
      el('div', {}, el('dt', {}, key('median'), 'Median'), el('dd', {}, millis(latest?.p50_ms))),
      el('div', {}, el('dt', {}, key('high'), '95 %'), el('dd', {}, millis(latest?.p95_ms)))),
    trafficChart(samples, `Requests of ${name || 'no upstream'}: ${rate(perSecond)} a second, ${share.toFixed(0)} % errors`),
    latencyChart(samples, `Latency: median ${millis(latest?.p50_ms)}, 95 % within ${millis(latest?.p95_ms)}`));
}

function drawPast(place) {
  const ended = [...state.incidents.values()].filter(each => each.state !== 'open').sort((a, b) => a.since < b.since ? 1 : -1).slice(0, 5);
  place.replaceChildren(...(ended.length ? [el('h2', {}, 'Over of late'), el('ul', { class: 'list' }, ...ended.map(each =>
    el('li', {}, pill(kindOf(each.state), each.state), ' ', el('a', { href: '#/incidents/' + each.incident, 'data-row': '' }, each.title), ' ',
      el('code', {}, each.upstream), ' ', quiet(time(each.since), each.ended ? ', for ' + span(new Date(each.ended) - new Date(each.since)) : '', each.symptom === 'own-certificate' ? '' : [', ', counted(each.requests, 'request')]))))] : []));
}
