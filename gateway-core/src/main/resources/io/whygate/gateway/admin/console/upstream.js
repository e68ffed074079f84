// One upstream looked at closely: DNS from every side, certificates, what is normal.

import { el, pill, table, code, address, exact, list, quiet, running, time, millis, rate, number, panel, problem } from './dom.js';
import { state, ask, onNews, samplesOf, openIncidents } from './live.js';
import { marks, endpoints } from './upstreams.js';
import { maintenance } from './actions.js';
import { trafficChart, latencyChart, key } from './chart.js';
import { examiner } from './diagnose.js';

export function upstream(place, name) {
  const title = el('h1', {}, name);
  const heads = el('p', { class: 'meta' });
  const chart = el('div', { class: 'charts' });
  const now = el('div', {});
  const result = el('div', { role: 'status' });
  const work = el('div', { class: 'work' });
  const detail = el('div', {}, el('p', { class: 'quiet' }, 'Looking at its names and certificates …'));
  place.append(el('p', { class: 'crumbs' }, el('a', { href: '#/upstreams' }, 'Upstreams'), ' / ', name), title, heads, chart,
    panel('Endpoints', now, result, work), examiner(name), detail);

  let kept = '';
  const draw = news => {
    if (news && news !== 'upstreams' && news !== 'traffic' && news !== 'incident') return;
    const it = state.upstreams.find(each => each.name === name);
    if (!it) {
      if (state.overview) heads.replaceChildren('No upstream has this name.');
      return;
    }
    heads.replaceChildren(...marks(it).filter(Boolean), ...openIncidents().filter(each => each.upstream === name).map(each => el('a', { class: 'pill bad', href: '#/incidents/' + each.incident }, each.cause)));
    const samples = samplesOf(name);
    const last = samples.slice(-6);
    const perSecond = last.reduce((sum, each) => sum + each.requests, 0) / (last.length * state.interval || 1);
    const latest = [...samples].reverse().find(each => each.p50_ms !== undefined);
    chart.replaceChildren(
      el('figure', {}, el('figcaption', {}, 'Requests ', el('b', {}, rate(perSecond) + '/s')), trafficChart(samples, 'Requests a second')),
      el('figure', {}, el('figcaption', {}, key('median'), 'Median ', el('b', {}, millis(latest?.p50_ms)), ' ', key('high'), '95 % ', el('b', {}, millis(latest?.p95_ms))), latencyChart(samples, 'Latency, median and 95 %')));
    if (!now.contains(document.activeElement)) now.replaceChildren(endpoints(it, result));
    const resting = JSON.stringify(it.maintenance || null);
    if (resting !== kept) {
      kept = resting;
      work.replaceChildren(maintenance(it, result) || '');
    }
  };
  draw();
  look(detail, name);
  const timer = setInterval(() => { if (!detail.contains(document.activeElement)) look(detail, name); }, 15000);
  const quit = onNews(draw);
  return () => { quit(); clearInterval(timer); };
}

async function look(place, name) {
  const { ok, json } = await ask('/api/upstreams/' + encodeURIComponent(name));
  if (!ok) { place.replaceChildren(problem(json.detail)); return; }
  place.replaceChildren(...json.endpoints.flatMap(each => [dns(each), certificates(each), normal(each)]).filter(Boolean));
}

function dns(each) {
  if (!each.dns) return '';
  const inUse = each.dns.in_use;
  const used = new Set(inUse?.addresses || []);
  if (!each.dns.answers.length) {
    return inUse ? panel('DNS of ' + each.dns.name, el('p', {}, list([...used].map(address)), ' ', quiet(inUse.source === 'literal' ? 'an address in the configuration: no name is looked up' : inUse.source + ': no resolver is asked'))) : '';
  }
  const rows = each.dns.answers.filter(one => one.role === 'resolver' || one.role === 'authoritative').map(one => {
    const same = one.addresses.length && one.addresses.some(each => used.has(each));
    return [pill('plain', one.role === 'authoritative' ? 'the zone’s own' : 'resolver'), code(one.server),
      one.addresses.length ? el('ul', { class: 'bare' }, ...one.addresses.map(each => el('li', {}, address(each), used.has(each) ? '' : [' ', pill('warn', 'not in use')]))) : one.answer,
      one.valid_until ? running('', one.valid_until) : '–', one.addresses.length ? pill(same ? 'good' : 'bad', same ? 'agrees' : 'differs') : pill('bad', 'no address')];
  });
  return panel('DNS of ' + each.dns.name,
    el('p', {}, 'In use: ', used.size ? list([...used].map(address)) : 'no address', ' ', quiet('from ', inUse?.source || 'nowhere', inUse?.valid_until && new Date(inUse.valid_until) > Date.now() ? [', TTL ', running('', inUse.valid_until)] : ''),
      inUse?.aliases.length ? [' by way of ', code(inUse.aliases.join(' → '))] : '', each.dns.zone ? [' · zone ', code(each.dns.zone)] : ''),
    table('What each server says of ' + each.dns.name, ['Who', 'Server', 'Says', 'TTL left', ''], rows));
}

function certificates(each) {
  if (!each.certificates?.length) return '';
  return panel('Certificates of ' + each.url, table('Certificates', ['Address', 'Certificate', 'Names', 'Issued by', 'Until', 'Left'],
    each.certificates.flatMap(one => one.chain.length
      ? one.chain.map((certificate, i) => [i ? '' : address(one.address), code(certificate.subject), certificate.names.join(', '), code(certificate.issuer), exact(time(certificate.not_after)), left(certificate.days_left)])
      : [[address(one.address), pill('bad', one.failure || 'no handshake'), '', '', '', '']])));
}

export const left = days => pill(days < 0 ? 'bad' : days < 14 ? 'warn' : 'good', days < 0 ? 'expired' : days + (days === 1 ? ' day' : ' days'));

function normal(each) {
  const it = each.normal;
  const facts = [
    ['Answers in the last minute', number(it.answers_last_minute)],
    it.failing_since ? ['Failing for', running(it.failing_since)] : null,
    it.idle_close_ms ? ['It closes a connection that lies idle for', millis(it.idle_close_ms)] : null,
    it.largest_header_bytes ? ['Largest head of an answer', number(it.largest_header_bytes) + ' bytes'] : null,
    it.longest_ttl_s ? ['Longest TTL seen', number(it.longest_ttl_s) + ' s'] : null,
    it.addresses_take_turns ? ['Its addresses', 'take turns'] : null,
    it.platforms.length ? ['What it runs', it.platforms.join(', ')] : null,
  ].filter(Boolean);
  return panel('What is normal at ' + each.url,
    el('dl', { class: 'facts' }, ...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))),
    it.addresses.length ? table('What is normal, by address', ['Address', 'Connects in', 'Answers in', 'First seen', 'Last answer'], it.addresses.map(one =>
      [address(one.address), millis(one.round_trip_ms), millis(one.first_byte_ms), time(one.first_seen), time(one.last_seen)])) : '');
}
