// All incidents that are remembered, filtered.

import { el, counted, pill, running, time, kindOf, problem, quiet } from './dom.js';
import { state, ask, onNews } from './live.js';

const filter = { state: '', upstream: '', text: '', limit: 100 };

export function incidents(place) {
  const list = el('div', { 'aria-live': 'off' });
  const count = el('p', { class: 'quiet', role: 'status' });
  const choice = (name, words, values) => el('label', {}, words, ' ', el('select', { input: event => { filter[name] = event.target.value; load(); } },
    ...values.map(([value, text]) => el('option', { value, selected: filter[name] === value }, text))));
  const upstreams = [['', 'all'], ...[...new Set(state.upstreams.map(each => each.name))].map(name => [name, name])];
  const text = el('input', { type: 'search', 'data-filter': '', placeholder: 'dns, /checkout, an id …', input: event => { filter.text = event.target.value; draw(); } });
  text.value = filter.text;
  place.append(el('h1', {}, 'Incidents'),
    el('form', { class: 'filters', role: 'search', submit: event => event.preventDefault() },
      choice('state', 'State', [['', 'all'], ['open', 'open'], ['recovered', 'recovered'], ['healed', 'healed']]),
      choice('upstream', 'Upstream', upstreams),
      el('label', { class: 'grow' }, 'Words ', text)),
    count, list);

  let found = [];
  let timer = 0;

  async function load() {
    const query = new URLSearchParams({ limit: filter.limit });
    if (filter.state) query.set('state', filter.state);
    if (filter.upstream) query.set('upstream', filter.upstream);
    const answer = await ask('/api/incidents?' + query);
    if (!answer.ok) { list.replaceChildren(problem(answer.json.detail)); return; }
    found = answer.json.incidents;
    draw();
  }

  function draw() {
    const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = found.filter(each => {
      const all = [each.title, each.cause, each.upstream, each.incident, each.because, ...(each.paths || []).map(one => one.path)].join(' ').toLowerCase();
      return words.every(word => all.includes(word));
    });
    const key = document.activeElement?.dataset?.row;
    count.textContent = shown.length + (shown.length === 1 ? ' incident' : ' incidents') + (found.length >= filter.limit ? ', the newest' : '');
    list.replaceChildren(el('ul', { class: 'rows' }, ...shown.map(row)),
      found.length >= filter.limit && filter.limit < 1000
        ? el('button', { type: 'button', on: () => { filter.limit = Math.min(filter.limit * 3, 1000); load(); } }, 'Older ones') : '');
    if (!shown.length) list.replaceChildren(el('p', { class: 'note' }, found.length ? 'None matches.' : 'None is remembered.'));
    if (key) list.querySelector(`[data-row="${CSS.escape(key)}"]`)?.focus();
  }

  load();
  const quit = onNews(name => {
    if (name === 'incident' && !timer) timer = setTimeout(() => { timer = 0; load(); }, 1000);
  });
  return () => { quit(); clearTimeout(timer); };
}

function row(each) {
  return el('li', { class: each.state }, el('a', { href: '#/incidents/' + each.incident, 'data-row': each.incident },
    el('span', { class: 'row-main' }, pill(kindOf(each.state), each.state), el('strong', {}, each.title)),
    el('span', { class: 'row-more' }, el('code', {}, each.cause), el('code', {}, each.upstream),
      quiet(time(each.since)), quiet(running(each.since, each.ended || (each.state === 'open' ? '' : each.last_seen))),
      each.symptom === 'own-certificate' ? '' : quiet(counted(each.requests, 'request')))));
}
