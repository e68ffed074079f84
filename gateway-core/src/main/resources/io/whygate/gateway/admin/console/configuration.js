// The configuration in force with where each value came from, and the reloads of late.

import { el, pill, table, code, quiet, time, number, kindOf, panel, problem } from './dom.js';
import { ask, mayChange } from './live.js';
import { left } from './upstream.js';

export function configuration(place) {
  const reloads = el('div', {});
  const outcome = el('div', { role: 'status' });
  const certificates = el('div', {});
  const channels = el('div', {});
  const values = el('div', {});
  const filter = el('input', { type: 'search', 'data-filter': '', placeholder: 'timeout, shop …', input: () => draw() });
  const defaults = el('input', { type: 'checkbox', id: 'defaults', input: () => draw() });
  place.append(el('h1', {}, 'Configuration'),
    panel('Reloads of late', mayChange() ? el('p', {}, el('button', { type: 'button', on: reload }, 'Reload now')) : '', outcome, reloads),
    channels, certificates,
    panel('In force', el('form', { class: 'filters', role: 'search', submit: event => event.preventDefault() },
      el('label', { class: 'grow' }, 'Words ', filter), el('label', { for: 'defaults' }, defaults, ' defaults too')), values));

  let entries = [];

  async function reload(event) {
    const button = event.currentTarget;
    button.disabled = true;
    const { ok, json } = await ask('/api/config/reload', { method: 'POST' });
    button.disabled = false;
    const lines = ok ? (json.changes?.length ? json.changes : ['Nothing is different.']) : json.problems?.map(each => each.text) || [json.detail];
    outcome.replaceChildren(el('div', { class: 'note ' + (ok ? 'good' : 'bad') }, el('p', {}, el('b', {}, ok ? 'Applied' : 'Not applied: what was in force still is')), ...lines.map(line => el('p', {}, line))));
    load();
  }

  async function load() {
    const [past, shown, own, told] = await Promise.all([ask('/api/config/reloads'), ask('/api/config'), ask('/api/certificates'), ask('/api/notifications')]);
    if (past.ok) {
      reloads.replaceChildren(past.json.reloads.length
        ? table('Reloads', ['When', 'Because', 'Outcome', 'What'], past.json.reloads.map(each => [time(each.at), each.because, pill(kindOf(each.result), each.result),
          el('ul', { class: 'bare' }, ...(each.changes?.length ? each.changes : each.problems?.length ? each.problems.map(one => one.text) : ['nothing is different']).map(line => el('li', {}, line)))]))
        : el('p', { class: 'quiet' }, 'None since the start.'));
    }
    if (told.ok && told.json.channels.length) {
      channels.replaceChildren(panel('Who is told of incidents', table('Channels', ['Channel', 'Type', 'State', 'News', 'Last told', 'Last failure'], told.json.channels.map(each =>
        [code(each.name), each.type, pill(each.failing ? 'bad' : each.last_sent ? 'good' : 'plain', each.failing ? 'failing' : each.last_sent ? 'works' : 'nothing told yet'),
          `${number(each.sent)} told, ${number(each.waiting)} waiting, ${number(each.failed)} given up, ${number(each.dropped)} dropped`,
          time(each.last_sent) || '–', each.last_failure ? [time(each.last_failure.at), ' ', each.last_failure.why] : '–']))));
    }
    if (own.ok && own.json.certificates.length) {
      certificates.replaceChildren(panel('Certificates that clients see', table('Certificates', ['Listener', 'Certificate', 'Names', 'Issued by', 'Until', 'Left', 'OCSP staple'], own.json.certificates.map(each =>
        [code(each.listener), code(each.subject), each.names.join(', '), code(each.issuer), time(each.not_after), runsOut(each), staple(each.ocsp)]))));
    } else {
      certificates.replaceChildren();
    }
    if (own.ok && own.json.upstreams.length) {
      certificates.append(panel('Certificates that servers showed', table('Certificates that servers showed', ['Upstream', 'Endpoint', 'Certificate', 'Issued by', 'Until', 'Left'], own.json.upstreams.map(each =>
        [each.upstream, code(each.endpoint), code(each.subject), code(each.issuer), time(each.not_after), runsOut(each)]))));
    }
    if (own.ok && own.json.acme.length) {
      certificates.append(panel('Certificates by ACME', table('Certificates by ACME', ['Names', 'State', 'Authority', 'Until', 'Looked at next', 'Last failure'], own.json.acme.map(each =>
        [each.names.join(', '), pill(each.state === 'failing' ? 'bad' : each.state === 'valid' ? 'good' : 'plain', each.state), code(each.authority), time(each.not_after) || '–',
          time(each.next) || 'now', each.last_failure ? [time(each.last_failure.at), ' ', each.last_failure.why] : '–']))));
    }
    if (!shown.ok) { values.replaceChildren(problem(shown.json.detail)); return; }
    entries = flatten(shown.json.config, '').map(([key, value]) => ({ key, value, origin: shown.json.origins[key] || '' }));
    draw();
  }

  function draw() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = entries.filter(each => (defaults.checked || each.origin || words.length) && words.every(word => (each.key + ' ' + each.value + ' ' + each.origin).toLowerCase().includes(word)));
    values.replaceChildren(found.length ? table('Settings in force', ['Setting', 'Value', 'From'], found.slice(0, 1000).map(each =>
      [code(each.key), code(each.value), each.origin ? code(each.origin) : quiet('default')])) : el('p', { class: 'quiet' }, 'None matches.'));
  }

  load();
  return () => {};
}

// The days left, loudly where a warning is due.
const runsOut = each => each.warnings ? [pill('bad', 'runs out'), ' ', left(each.days_left)] : left(each.days_left);

// The proof that it was not revoked; most certificates have no responder that gives one.
const staple = ocsp => !ocsp ? '–' : [pill(ocsp.state === 'stapled' ? 'good' : ocsp.state === 'revoked' || ocsp.must_staple && ocsp.state !== 'waiting' ? 'bad' : 'plain', ocsp.state),
  ...(ocsp.state === 'stapled' ? [' until ', time(ocsp.next_update)] : []), ...(ocsp.why ? [' ', ocsp.why] : [])];

function flatten(value, path) {
  if (Array.isArray(value)) return value.length ? value.flatMap((each, i) => flatten(each, `${path}[${i}]`)) : [[path, '[]']];
  if (value && typeof value === 'object') {
    const keys = Object.keys(value).sort();
    return keys.length ? keys.flatMap(key => flatten(value[key], path ? path + '.' + key : key)) : [[path, '{}']];
  }
  return [[path, value === null ? 'none' : String(value)]];
}
