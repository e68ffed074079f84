// The operators' console: a few views over /api, chosen by the address after #.

import { $, el, say, tick } from './dom.js';
import { state, hello, login, logout, listen, onNews, quit } from './live.js';
import { overview } from './overview.js';
import { incidents } from './incidents.js';
import { story } from './story.js';
import { upstreams } from './upstreams.js';
import { upstream } from './upstream.js';
import { diagnose } from './diagnose.js';
import { configuration } from './configuration.js';

const VIEWS = [
  [/^\/?$/, overview], [/^\/incidents$/, incidents], [/^\/incidents\/([^/]+)$/, story],
  [/^\/upstreams$/, upstreams], [/^\/upstreams\/([^/]+)$/, upstream],
  [/^\/diagnose$/, diagnose], [/^\/configuration$/, configuration],
];

let leave = () => {};

// A view is a function of the place, and of what the address names; it returns what ends it.
function show(moveFocus) {
  leave();
  leave = () => {};
  const [path] = location.hash.slice(1).split('?');
  const place = $('view');
  place.replaceChildren();
  for (const [pattern, view] of VIEWS) {
    const found = pattern.exec(path);
    if (found) {
      leave = view(place, ...found.slice(1).map(decodeURIComponent)) || leave;
      break;
    }
  }
  document.querySelectorAll('#nav a').forEach(link => {
    const own = link.getAttribute('href').slice(1);
    const current = own === '/' ? path === '' || path === '/' : path.startsWith(own);
    if (current) {
      link.setAttribute('aria-current', 'page');
      link.scrollIntoView({ block: 'nearest', inline: 'center' });
    } else link.removeAttribute('aria-current');
  });
  if (moveFocus) {
    window.scrollTo(0, 0);
    place.focus({ preventScroll: true });
  }
  title();
}

function title() {
  const open = state.overview?.open_incidents;
  const heading = $('view').querySelector('h1')?.textContent;
  document.title = (open ? `(${open}) ` : '') + (heading ? heading + ' · ' : '') + (state.overview?.name || 'Whygate');
}

function link(alive) {
  $('link').textContent = !alive ? 'no connection' : state.overview?.ready === false ? 'not ready' : 'live';
  $('link').className = 'pill ' + (!alive ? 'bad' : state.overview?.ready === false ? 'warn' : 'good');
}

onNews((name, value) => {
  if (name === 'link') link(value);
  if (name === 'session-ended') { quit(); askForToken('The session has ended.'); }
  if (name === 'overview') {
    $('name').textContent = value.name;
    $('nav-open').textContent = value.open_incidents;
    $('nav-open').hidden = !value.open_incidents;
    link(true);
    title();
  }
});

// --- coming in and going out ---

function enter() {
  $('nav').hidden = false;
  $('keys-button').hidden = false;
  $('logout').hidden = !state.session.csrf;
  $('role').hidden = state.session.role === 'full';
  $('role').textContent = 'read only';
  listen();
  show(false);
}

function askForToken(why) {
  leave();
  leave = () => {};
  $('nav').hidden = true;
  $('logout').hidden = true;
  $('role').hidden = true;
  $('link').textContent = 'token wanted';
  $('link').className = 'pill warn';
  const token = el('input', { id: 'token', type: 'password', autocomplete: 'current-password', required: true, 'aria-describedby': 'token-help token-problem' });
  const told = el('p', { id: 'token-problem', role: 'alert', class: 'wrong' }, why);
  $('view').replaceChildren(el('form', { class: 'panel login', submit: async event => {
    event.preventDefault();
    const answer = await login(token.value);
    token.value = '';
    if (answer.ok) { enter(); return; }
    told.textContent = answer.status === 401 ? 'This is not the token.' : answer.json.detail || answer.json.title;
    token.focus();
  } },
  el('h1', {}, 'Who is there?'),
  el('label', { for: 'token' }, 'Token'), token,
  el('p', { id: 'token-help', class: 'quiet' }, 'The value of whygate.admin.token, or of read-only-token to look only. The browser keeps a session cookie, not the token.'),
  told, el('button', { class: 'main' }, 'Open')));
  token.focus();
}

$('logout').addEventListener('click', async () => { await logout(); askForToken(''); });
window.addEventListener('hashchange', () => { if (state.session.role) show(true); });
setInterval(tick, 1000);

// --- keys ---

const keysOn = () => localStorage.getItem('whygate-keys') !== 'off';
const PLACES = { o: '/', i: '/incidents', u: '/upstreams', d: '/diagnose', c: '/configuration' };
let going = 0;

$('keys-on').checked = keysOn();
$('keys-on').addEventListener('change', () => localStorage.setItem('whygate-keys', $('keys-on').checked ? 'on' : 'off'));
$('keys-button').addEventListener('click', () => $('keys').showModal());

document.addEventListener('keydown', event => {
  if (!keysOn() || event.ctrlKey || event.altKey || event.metaKey || !state.session.role) return;
  if (event.target.matches?.('input, textarea, select, [contenteditable]') || $('keys').open) return;
  if (event.key === '?') $('keys').showModal();
  else if (event.key === 'g') going = Date.now();
  else if (Date.now() - going < 1500 && PLACES[event.key]) { going = 0; location.hash = PLACES[event.key]; }
  else if (event.key === '/' && document.querySelector('[data-filter]')) document.querySelector('[data-filter]').focus();
  else if (event.key === 'j' || event.key === 'k') move(event.key === 'j' ? 1 : -1);
  else return;
  event.preventDefault();
});

function move(by) {
  const rows = [...document.querySelectorAll('[data-row]')];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)].focus();
}

if (await hello()) enter();
else if (state.session.guarded) askForToken('');
else { $('view').replaceChildren(el('p', { class: 'note bad' }, 'This address is not one of the interface’s own names (setting: whygate.admin.hosts).')); say('refused'); }
