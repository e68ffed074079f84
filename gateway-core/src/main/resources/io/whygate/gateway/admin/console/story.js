// One incident as a story: what it is, how it came to this, what to do, and all that was seen.

import { el, number, counted, pill, running, time, moment, millis, kindOf, table, command, copyButton, code, address, exact, quiet, panel, problem } from './dom.js';
import { ask, mayChange, onNews } from './live.js';
import { phases } from './chart.js';

export function story(place, id) {
  let shown = '';
  const show = incident => {
    const now = JSON.stringify(incident);
    if (now === shown) return;
    // Nothing is moved under somebody who reads a command or has marked a text.
    if (shown && (place.contains(document.activeElement) && document.activeElement !== place || String(getSelection()))) {
      place.querySelector('.counts')?.replaceChildren(...counts(incident));
      return;
    }
    shown = now;
    const y = scrollY;
    place.replaceChildren(...parts(incident));
    scrollTo(0, y);
  };
  ask('/api/incidents/' + encodeURIComponent(id)).then(({ ok, json }) => {
    if (ok) show(json);
    else place.replaceChildren(el('h1', {}, 'No such incident'), problem(json.detail), el('p', {}, el('a', { href: '#/incidents' }, 'All incidents')));
  });
  return onNews((name, json) => { if (name === 'incident' && json.incident === id) show(json); });
}

function parts(it) {
  return [
    el('p', { class: 'crumbs' }, el('a', { href: '#/incidents' }, 'Incidents'), ' / ', code(it.incident), ' ', copyButton(it.incident, 'the incident’s id')),
    el('div', { class: 'headline ' + (it.state === 'open' ? 'bad' : 'good') },
      el('h1', {}, it.title),
      el('p', { class: 'meta' }, pill(kindOf(it.state), it.state), ' ', pill('plain', it.cause), ' ',
        it.symptom === 'own-certificate' ? code(it.upstream) : el('a', { href: '#/upstreams/' + encodeURIComponent(it.upstream) }, it.upstream), ' ',
        quiet(it.confidence ? Math.round(it.confidence * 100) + ' % sure' : '')),
      el('p', { class: 'counts' }, ...counts(it))),
    panel('What it is', el('p', {}, it.explanation || it.detail), it.because ? el('p', { class: 'because' }, it.because) : '', checks(it)),
    fix(it), chain(it), wire(it), again(it), hits(it), evidence(it), others(it), host(it),
  ].filter(Boolean);
}

function counts(it) {
  return [
    it.symptom === 'own-certificate' ? 'since ' : `${counted(it.requests, 'request')}, ${counted(it.pages, 'page')}; since `, time(it.since), ', ',
    ...(it.ended ? ['ended ', time(it.ended), ' after ', running(it.since, it.ended)] : ['for ', running(it.since), ', last ', time(it.last_seen)]),
    it.symptom === 'own-certificate' ? '' : { not_sent: '; no request had reached the server', received: '; requests had reached the server', unknown: '; whether requests reached the server is not known' }[it.request_processed] || '',
  ];
}

const checks = it => it.steps?.length ? el('ol', { class: 'checks', 'aria-label': 'The seven checks' }, ...it.steps.map(step =>
  el('li', { class: step.state }, el('span', { class: 'check-name' }, step.step), pill(kindOf(step.state), step.state), el('span', { class: 'quiet' }, step.finding || '')))) : '';

const fix = it => it.fix?.length ? panel('What to do', el('ol', { class: 'fix' }, ...it.fix.map(step =>
  el('li', {}, step.do || '', step.run ? command(step.run, 'command of step ' + step.step) : '')))) : '';

// Everything that has a time, in its order.
function chain(it) {
  const events = [];
  const add = (at, kind, title, more) => { if (at) events.push({ at: new Date(at).getTime(), iso: at, kind, title, more }); };
  for (const change of it.changed_before || []) add(change.at, 'change', change.change.replace(/^began .*? after /, ''), change.change.startsWith('began ') ? 'the failures ' + change.change : 'changed before');
  add(it.first_request?.at, 'hit', `${it.first_request?.method} ${it.first_request?.host}${it.first_request?.path} fails`, 'the first request');
  const began = it.timeline?.began && new Date(it.timeline.began).getTime();
  for (const attempt of it.timeline?.attempts || []) {
    const at = new Date(began + (attempt.ended_us?.attempt || 0) / 1000).toISOString();
    add(at, 'bad', attempt.saw, 'attempt at ' + attempt.endpoint + (attempt.address ? ', ' + attempt.address : ''));
  }
  for (const each of it.evidence || []) {
    if (each.probe !== 'changes') add(each.at, 'probe', each.answer, `${each.probe}: ${each.asked}, of ${each.of}`);
  }
  if (it.last_request && it.last_request.at !== it.first_request?.at) add(it.last_request.at, 'hit', `${it.last_request.method} ${it.last_request.host}${it.last_request.path}`, 'the latest request that was hit');
  add(it.ended, 'good', it.state === 'healed' ? 'healed: no visitor saw a page' : 'it works again', it.symptom === 'own-certificate' ? 'as the gateway sees' : 'found by a probe of the gateway’s own');
  events.sort((a, b) => a.at - b.at);
  if (!events.length) return '';
  return panel('How it came to this', el('ol', { class: 'chain' }, ...events.map(each =>
    el('li', { class: each.kind }, el('time', { datetime: each.iso, title: each.iso }, moment(each.iso)), el('div', {}, el('p', {}, each.title), el('p', { class: 'quiet' }, each.more))))));
}

function wire(it) {
  const attempts = it.timeline?.attempts || [];
  if (!attempts.length) return '';
  return panel('The exchange on the wire',
    el('p', {}, code(`${it.timeline.method} ${it.timeline.scheme}://${it.timeline.host}${it.timeline.path}`), ' ', quiet(`${counted(it.timeline.body_bytes, 'byte')} of body, ${millis(it.timeline.elapsed_us / 1000)}`)),
    it.timeline.trace_id ? el('p', {}, quiet('Trace '), code(it.timeline.trace_id), ' ', copyButton(it.timeline.trace_id, 'the trace’s id')) : '',
    ...attempts.map((each, i) => attempt(each, i, attempts.length)));
}

function attempt(each, i, count) {
  const { chart, legend } = phases(each.ended_us || {}, millis);
  return el('div', { class: 'attempt' },
    el('h3', {}, count > 1 ? `Attempt ${i + 1}: ` : '', each.saw),
    el('p', { class: 'quiet' }, code(each.endpoint), each.address ? [' at ', address(each.address)] : '', `, ${each.connection} connection`,
      each.connection === 'reused' ? `, ${counted(each.earlier_requests, 'request')} before, idle for ${millis(each.idle_ms)}` : '',
      `; ${counted(each.bytes_sent, 'byte')} sent, ${counted(each.bytes_received, 'byte')} received`, each.tls ? `; ${each.tls} ${each.cipher || ''}` : ''),
    chart,
    el('ul', { class: 'legend' }, ...legend.map(one => el('li', {}, el('span', { class: 'key ' + one.kind, 'aria-hidden': 'true' }), one.words + ' ', el('b', {}, one.took)))),
    bytes(each), certificates(each.certificates));
}

// The bytes that came, the offending one marked.
function bytes(each) {
  if (each.offending) {
    const spot = each.offending;
    const name = nameOf(String.fromCharCode(parseInt(spot.byte, 16)));
    return el('figure', { class: 'bytes' },
      el('pre', { tabindex: '0', role: 'region', 'aria-label': 'The bytes that came' }, visible(spot.before), el('mark', { title: `byte ${spot.offset}: ${spot.byte}` }, name), visible(spot.after)),
      el('figcaption', {}, `Byte ${spot.offset} of the answer, ${spot.byte}, cannot stand there: `, el('b', {}, each.detail || each.saw)));
  }
  return each.first_bytes ? el('figure', { class: 'bytes' }, el('pre', { tabindex: '0', role: 'region', 'aria-label': 'The first bytes that came' }, visible(each.first_bytes)), el('figcaption', {}, 'The first bytes that came')) : '';
}

const NAMES = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\0': '\\0' };
const nameOf = byte => byte === ' ' ? '␠' : NAMES[byte] || (byte > ' ' && byte < '\x7f' ? byte : '\\x' + byte.charCodeAt(0).toString(16).padStart(2, '0'));

// Bytes that no one sees otherwise are shown by their names.
function visible(text) {
  return (text || '').split(/(\r\n|[\0-\x1f\x7f])/).map(part => /^[\0-\x1f\x7f]/.test(part)
    ? [el('span', { class: 'unseen' }, [...part].map(nameOf).join('')), part.endsWith('\n') ? '\n' : ''] : part);
}

const certificates = chain => chain?.length ? table('The certificates that the server showed', ['Certificate', 'Issued by', 'Valid from', 'Until'], chain.map(each =>
  each.unreadable ? [each.unreadable, '', '', ''] : [code(each.subject), code(each.issuer), time(each.not_before), time(each.not_after)])) : '';

function again(it) {
  const kept = it.recording;
  if (!kept) return '';
  const curl = el('div', {});
  return panel('Send it again', resend(it, kept.last || kept.first),
    el('p', {}, 'In a terminal, with what was not recorded, or to another server:'),
    command(kept.replay, 'the replay command'),
    el('p', { class: 'buttons' },
      el('button', { type: 'button', on: async event => {
        const button = event.currentTarget;
        const answer = await ask(kept.curl);
        curl.replaceChildren(answer.ok ? command(answer.text.trim(), 'the curl command') : problem(answer.json.detail));
        button.hidden = true;
      } }, 'Show as a curl command'), ' ',
      el('a', { class: 'button', href: kept.har, download: 'whygate-' + it.incident + '.har' }, 'Download as HAR')),
    curl);
}

// From here: past the gateway, each phase watched, the moment told at which it goes wrong.
function resend(it, recorded) {
  if (!mayChange()) return '';
  const safe = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(recorded.method);
  const outcome = el('div', { role: 'status' });
  return el('div', {},
    el('p', {}, code(`${recorded.method} ${recorded.target}`), ' goes to the server once more, past the gateway.', safe ? '' : el('b', {}, ` ${recorded.method} may change something there, and may have done so already.`)),
    el('p', { class: 'buttons' }, el('button', { type: 'button', class: 'main', on: async event => {
      const button = event.currentTarget;
      button.disabled = true;
      outcome.replaceChildren(quiet('Sent; waiting for the server …'));
      const answer = await ask(`/api/incidents/${encodeURIComponent(it.incident)}/replay`, { method: 'POST', body: safe ? {} : { force: true } });
      button.disabled = false;
      outcome.replaceChildren(answer.ok ? replayed(answer.json) : problem(answer.json.detail));
    } }, safe ? 'Send it now' : 'Send it nevertheless')),
    outcome);
}

const PHASES = { resolve: 'resolve', connect: 'connect', tls_handshake: 'TLS', send_request: 'send', await_response: 'wait', read_response: 'read' };

function replayed(one) {
  const row = (phase, kind, took, words) => el('li', { class: kind }, el('span', { class: 'check-name' }, PHASES[phase]), pill(kind === 'failed' ? 'bad' : 'good', millis(took / 1000)), el('span', { class: 'quiet' }, words));
  const verdict = one.works ? 'It works now: ' : one.same ? 'It fails as it did: ' : 'It fails in another way than it did: ';
  const lacks = [...one.missing, ...(one.target_redacted ? ['a secret of the URL'] : []), ...(one.cut ? ['what was larger than is kept'] : [])];
  return el('div', { class: 'note replayed ' + (one.works ? 'good' : 'bad') },
    el('p', {}, el('b', {}, verdict), one.words + '.'),
    el('ol', { class: 'checks', 'aria-label': 'The phases' }, ...one.phases.map(each => row(each.phase, 'passed', each.took_us, each.words)),
      one.phase ? row(one.phase, 'failed', one.took_us, one.words) : ''),
    one.offending ? bytes({ ...one, detail: one.words }) : '',
    lacks.length ? el('p', { class: 'quiet' }, 'Sent without ' + lacks.join(', ') + '.') : '');
}

function hits(it) {
  const paths = it.paths || [];
  const scope = it.scope || [];
  if (!paths.length && !scope.length) return '';
  return panel('Whom it hits',
    ...scope.map(each => el('p', {}, each.words)),
    paths.length ? table('Requests by path', ['Path', 'Requests'], paths.map(each => [each.path === '*' ? quiet('all others') : code(each.path), number(each.requests)])) : '');
}

const evidence = it => it.evidence?.length ? panel('Evidence', table('What was asked, of whom, and what came back', ['Probe', 'Asked', 'Of', 'Answer', 'At', 'Took'], it.evidence.map(each =>
  [pill('plain', each.probe), each.asked, code(each.of), each.answer, moment(each.at), exact(millis(each.took_us / 1000))]))) : '';

const others = it => it.runners_up?.length ? panel('What else it could have been', table('Other causes, and what speaks against each', ['Cause', 'Weight', 'What speaks against it'], it.runners_up.map(each =>
  [code(each.cause), Math.round(each.confidence * 100) + ' %', each.against]))) : '';

function host(it) {
  const who = it.host;
  if (!who) return '';
  const name = [who.name, who.role ? `${who.role} contact of ${who.of}` : ''].filter(Boolean).join(', ');
  return panel('Whom to turn to',
    el('p', {}, name, name ? ' ' : '', who.email ? el('a', { href: who.message?.mailto || 'mailto:' + who.email }, who.email) : '', who.phone ? ' ' + who.phone : '', ' ', who.url ? el('a', { href: safe(who.url), rel: 'noreferrer' }, who.url) : ''),
    who.message ? el('details', {}, el('summary', {}, 'The message, written for you'), el('p', {}, el('b', {}, who.message.subject)), command(who.message.body, 'the message to the host')) : '');
}

const safe = url => /^https?:\/\//i.test(url) ? url : undefined;
