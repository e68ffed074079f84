'use strict';

// The operators' console: listens to /api/events and shows what it says. Every text goes into the
// page as text, never as markup.

const $ = id => document.getElementById(id);
const results = new Map(); // by upstream: what the last action on it came to; outlives a redraw
let token = sessionStorage.getItem('whygate-token') || '';
let before = null;

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === 'on') element.addEventListener('click', value);
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child !== undefined && child !== ''));
  return element;
}

function headers(more) {
  return token ? { Authorization: 'Bearer ' + token, ...more } : { ...more };
}

async function ask(path, body) {
  const answer = await fetch(path, body === undefined
    ? { headers: headers() }
    : { method: 'POST', headers: headers({ 'Content-Type': 'application/json' }), body: JSON.stringify(body) });
  const text = await answer.text();
  let json = {};
  try { json = JSON.parse(text); } catch { json = { detail: text }; }
  return { ok: answer.ok, status: answer.status, json };
}

// --- the stream of events ---

async function listen() {
  const answer = await fetch('/api/events', { headers: headers(), cache: 'no-store' });
  if (answer.status === 401) {
    login(token ? 'This token is not the one.' : '');
    return false;
  }
  if (!answer.ok) throw new Error('status ' + answer.status);
  $('login').hidden = true;
  $('main').hidden = false;
  link('live', 'good');
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return true;
    const events = (rest + value).split('\n\n');
    rest = events.pop();
    events.forEach(take);
  }
}

function take(text) {
  let name = '';
  const data = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7);
    else if (line.startsWith('data: ')) data.push(line.slice(6));
  }
  if (!name) return;
  const json = JSON.parse(data.join('\n'));
  if (name === 'overview') showOverview(json);
  else if (name === 'upstreams') showUpstreams(json.upstreams);
  else if (name === 'incident') showIncident(json);
}

async function stay() {
  for (let wait = 500; ; wait = Math.min(wait * 2, 10000)) {
    try {
      if (!await listen()) return;
      wait = 500;
    } catch {
      // The gateway is not there, or is about to start: tried again below.
    }
    link('no connection', 'bad');
    before = null;
    await new Promise(resume => setTimeout(resume, wait));
  }
}

function link(text, kind) {
  $('link').textContent = text;
  $('link').className = 'pill ' + kind;
}

function login(problem) {
  $('main').hidden = true;
  $('login').hidden = false;
  $('login-problem').textContent = problem;
  link('token wanted', 'warn');
  $('token').focus();
}

$('login').addEventListener('submit', event => {
  event.preventDefault();
  token = $('token').value;
  sessionStorage.setItem('whygate-token', token);
  $('token').value = '';
  stay();
});

// --- overview ---

function showOverview(now) {
  $('name').textContent = now.name;
  document.title = (now.open_incidents ? '(' + now.open_incidents + ') ' : '') + now.name;
  if (!now.ready) link('not ready', 'warn');
  else link('live', 'good');
  number('requests', now, 'requests');
  number('errors', now, 'server_errors');
  number('attempts', now, 'failed_attempts');
  $('open-count').textContent = now.open_incidents;
  before = now;
}

function number(id, now, name) {
  const total = el('span', {}, now[name].toLocaleString());
  let pace = '';
  if (before) {
    const seconds = (new Date(now.now) - new Date(before.now)) / 1000;
    const each = seconds > 0 ? (now[name] - before[name]) / seconds : 0;
    pace = el('small', {}, ' ' + (each >= 10 ? Math.round(each) : each.toFixed(1)) + '/s');
  }
  $(id).replaceChildren(total, ...(pace ? [pace] : []));
}

// --- incidents ---

const time = text => text ? new Date(text).toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' }) : '';
const millis = micros => (micros / 1000).toFixed(micros < 10000 ? 2 : 0) + ' ms';

function showIncident(incident) {
  const isOpen = incident.state === 'open';
  const old = document.querySelector('[data-incident="' + CSS.escape(incident.incident) + '"]');
  const card = el('details', {
    class: 'card ' + incident.state, 'data-incident': incident.incident, 'data-since': incident.since || '',
    open: (old ? old.open : isOpen) ? '' : false,
  }, summary(incident));
  // The inside is made only when somebody looks.
  const fill = () => { if (card.open && card.children.length === 1) card.append(...inside(incident)); };
  card.addEventListener('toggle', fill);
  if (old) old.remove();
  insert($(isOpen ? 'open' : 'past'), card);
  fill();
  $('none-open').hidden = $('open').children.length > 0;
  $('none-past').hidden = $('past').children.length > 0;
}

function insert(place, card) {
  const after = [...place.children].find(each => each.dataset.since < card.dataset.since);
  place.insertBefore(card, after || null);
  while (place.children.length > 100) place.lastElementChild.remove();
}

function summary(incident) {
  const kind = incident.state === 'open' ? 'bad' : incident.state === 'healed' ? 'good' : '';
  return el('summary', {}, el('div', { class: 'head' },
    el('span', { class: 'pill ' + kind }, incident.state),
    el('h3', {}, incident.cause || ''),
    el('span', { class: 'mono' }, incident.upstream || ''),
    el('span', { class: 'quiet push' },
      (incident.requests ?? 0) + ' requests · since ' + time(incident.since)
        + (incident.ended ? ' · until ' + time(incident.ended) : ''))));
}

function inside(incident) {
  const parts = [];
  parts.push(el('p', {}, incident.explanation || incident.detail || ''));
  if (incident.because) parts.push(el('p', { class: 'quiet' }, incident.because));
  if (incident.steps?.length) {
    parts.push(el('ul', { class: 'steps', 'aria-label': 'The seven checks' }, ...incident.steps.map(step =>
      el('li', { class: 'pill ' + ({ failed: 'bad', healed: 'good', passed: 'good' }[step.state] || ''), title: step.finding || '' },
        step.step + ': ' + step.state))));
  }
  if (incident.fix?.length) {
    parts.push(el('h4', {}, 'What to do'));
    parts.push(el('ol', {}, ...incident.fix.map(step =>
      el('li', {}, step.do || '', ...(step.run ? [el('pre', { tabindex: '0' }, step.run)] : [])))));
  }
  if (incident.evidence?.length) {
    parts.push(el('h4', {}, 'Evidence'), table(['Probe', 'Asked', 'Of', 'Answer', 'Took'], incident.evidence.map(each =>
      [each.probe, each.asked, each.of, each.answer, millis(each.took_us || 0)])));
  }
  if (incident.timeline?.attempts?.length) {
    const request = incident.timeline;
    parts.push(el('h4', {}, 'The failed exchange'));
    parts.push(el('p', { class: 'mono' }, request.method + ' ' + request.scheme + '://' + request.host + request.path));
    parts.push(table(['Endpoint', 'Address', 'Connection', 'Saw', 'Phases', 'Took'], request.attempts.map(each =>
      [each.endpoint, each.address, each.connection, each.symptom, bar(each.ended_us || {}), millis(each.ended_us?.attempt || 0)])));
  }
  if (incident.runners_up?.length) {
    parts.push(el('h4', {}, 'Considered, and what speaks against it'));
    parts.push(table(['Cause', 'Confidence', 'Against'], incident.runners_up.map(each =>
      [each.cause, String(each.confidence), each.against])));
  }
  if (incident.host) {
    const host = incident.host;
    const who = [host.name, host.phone, host.url].filter(Boolean).join(', ');
    parts.push(el('h4', {}, 'Whom to turn to'), el('p', {}, who + (who && host.email ? ' · ' : ''),
      host.email ? el('a', { href: host.message.mailto }, host.email) : '',
      host.role ? el('span', { class: 'quiet' }, ' · ' + host.role + ' contact of ' + host.of) : ''));
  }
  if (incident.recording) {
    const show = el('pre', { tabindex: '0', hidden: '' });
    parts.push(el('p', {},
      file('Archive (HAR)', incident.recording.har), ' ',
      el('button', { type: 'button', on: async () => { show.textContent = await text(incident.recording.curl); show.hidden = false; } }, 'As a curl command'), ' ',
      el('span', { class: 'quiet' }, 'or send it again: '), el('code', {}, incident.recording.replay)), show);
  }
  parts.push(el('p', { class: 'quiet' }, 'Incident ', el('code', {}, incident.incident)));
  return parts;
}

async function text(path) {
  return (await fetch(path, { headers: headers() })).text();
}

// A link to a file that may want the token, which a plain link would not send.
function file(name, path) {
  return el('a', { href: path, download: path.split('/').pop(), on: async event => {
    if (!token) return;
    event.preventDefault();
    const link = el('a', { href: URL.createObjectURL(new Blob([await text(path)], { type: 'application/json' })), download: path.split('/').pop() });
    link.click();
    URL.revokeObjectURL(link.href);
  } }, name);
}

// How long each phase of an attempt took, side by side.
function bar(ended) {
  const names = ['resolve', 'connect', 'tls_handshake', 'send_request', 'await_response', 'attempt'];
  const whole = Math.max(ended.attempt || 0, 1);
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 100 10');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  const words = [];
  let from = 0;
  for (const name of names) {
    const to = ended[name] === undefined ? from : Math.max(ended[name], from);
    const rect = document.createElementNS(space, 'rect');
    rect.setAttribute('x', 100 * from / whole);
    rect.setAttribute('width', 100 * (to - from) / whole);
    rect.setAttribute('height', 10);
    svg.append(rect);
    if (to > from) words.push((name === 'attempt' ? 'to the end' : name) + ' ' + millis(to - from));
    from = to;
  }
  const label = words.join(', ') || 'no time';
  svg.setAttribute('aria-label', label);
  return el('div', { class: 'bar', title: label }, svg);
}

function table(names, rows) {
  return el('div', { class: 'scroll', tabindex: '0' }, el('table', {},
    el('thead', {}, el('tr', {}, ...names.map(name => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...rows.map(row => el('tr', {}, ...row.map(cell =>
      el('td', {}, cell ?? '')))))));
}

// --- upstreams ---

let shownUpstreams = [];

function showUpstreams(upstreams) {
  shownUpstreams = upstreams;
  // A button that is about to be pressed must not be swapped under the pointer or the focus.
  if (!$('upstreams').matches(':hover, :focus-within') || !sameButtons(upstreams)) drawUpstreams();
  else fillNumbers();
}

function sameButtons(upstreams) {
  return $('upstreams').dataset.shape === shape(upstreams);
}

function shape(upstreams) {
  return JSON.stringify(upstreams.map(each => [each.name, each.circuit, each.maintenance,
    each.endpoints.map(it => [it.url, it.state, it.addresses.map(a => [a.address, a.failing])])]));
}

function fillNumbers() {
  shownUpstreams.forEach(upstream => upstream.endpoints.forEach(it => {
    const row = document.querySelector('[data-row="' + CSS.escape(upstream.name + ' ' + it.url) + '"]')?.closest('tr');
    if (row) [it.outstanding, it.pool.active, it.pool.idle, it.pool.pending].forEach((value, i) => { row.cells[i + 3].textContent = value; });
  }));
}

function drawUpstreams() {
  const upstreams = shownUpstreams;
  $('upstreams').dataset.shape = shape(upstreams);
  $('upstreams').replaceChildren(...upstreams.map(upstream => {
    const resting = upstream.maintenance !== undefined;
    const path = '/api/upstreams/' + encodeURIComponent(upstream.name);
    if (!results.has(upstream.name)) results.set(upstream.name, el('div', { role: 'status' }));
    const result = results.get(upstream.name);
    return el('div', { class: 'card' },
      el('div', { class: 'head' },
        el('h3', {}, upstream.name),
        upstream.circuit !== 'closed' ? el('span', { class: 'pill bad' }, 'circuit ' + upstream.circuit) : '',
        resting ? el('span', { class: 'pill warn' }, 'maintenance') : '',
        el('span', { class: 'push' },
          action('Examine', '/api/diagnose', { upstream: upstream.name }, result, examined), ' ',
          action(resting ? 'End maintenance' : 'Maintenance', path + '/maintenance', { enabled: !resting }, result))),
      table(['Endpoint', 'State', 'Addresses', 'Requests', 'Active', 'Idle', 'Pending', ''],
        upstream.endpoints.map(each => endpoint(path, upstream.name, each, result))),
      result);
  }));
}

function endpoint(path, upstream, it, result) {
  const kind = { healthy: 'good', drained: 'warn' }[it.state] || 'bad';
  const drained = it.state === 'drained';
  const address = each => each.address + (each.failing ? ' (failing)' : '') + (each.source ? ' · ' + each.source : '');
  return [
    el('span', { 'data-row': upstream + ' ' + it.url }, it.url),
    el('span', { class: 'pill ' + kind }, it.state + (it.ejected_for_s ? ' for ' + Math.ceil(it.ejected_for_s) + ' s' : '')),
    it.addresses.map(address).join(', '),
    String(it.outstanding), String(it.pool.active), String(it.pool.idle), String(it.pool.pending),
    action(drained ? 'Undrain' : 'Drain', path + '/endpoints/' + encodeURIComponent(it.url) + (drained ? '/undrain' : '/drain'), {}, result),
  ];
}

function action(text, path, body, result, show) {
  return el('button', { type: 'button', on: async event => {
    const button = event.currentTarget;
    button.disabled = true;
    const answer = await ask(path, body).catch(() => ({ ok: false, json: { detail: 'no connection' } }));
    button.disabled = false;
    if (!answer.ok) result.replaceChildren(el('p', { class: 'pill bad' }, answer.json.detail || 'failed'));
    else if (show) result.replaceChildren(show(answer.json));
  } }, text);
}

function examined(json) {
  return el('pre', { tabindex: '0' }, JSON.stringify(json, null, 2));
}

// --- configuration ---

$('config').addEventListener('toggle', async () => {
  if ($('config').open) $('config-text').textContent = JSON.stringify((await ask('/api/config')).json, null, 2);
});

$('reload').addEventListener('click', async () => {
  const { ok, json } = await ask('/api/config/reload', {});
  const lines = ok
    ? (json.changes?.length ? json.changes : ['Nothing is different.'])
    : (json.problems?.map(each => each.text) || [json.detail]);
  $('reload-result').replaceChildren(el('p', { class: 'pill ' + (ok ? 'good' : 'bad') }, ok ? 'applied' : 'not applied'),
    ...lines.map(line => el('p', { class: 'mono' }, line)));
  $('config').open = false;
});

stay();
