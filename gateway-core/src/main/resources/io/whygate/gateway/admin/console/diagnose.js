// Examines an upstream now, whether or not anybody was hit.

import { el, pill, panel, command, table, code, exact, millis, moment, problem, quiet } from './dom.js';
import { state, ask, mayChange, onNews, openIncidents } from './live.js';

export function diagnose(place) {
  place.append(el('h1', {}, 'Diagnose'));
  if (!mayChange()) {
    place.append(el('p', { class: 'note' }, 'This session may look only; an examination asks the servers something.'));
    return () => {};
  }
  const choice = el('select', { id: 'diagnose-upstream', required: true });
  const result = el('div', { role: 'status' });
  // What is broken is what one comes for, until something else is picked.
  let picked = false;
  choice.addEventListener('change', () => { picked = true; });
  const fill = name => {
    if (name && name !== 'upstreams' && name !== 'incident') return;
    const names = state.upstreams.map(each => each.name);
    const chosen = picked ? choice.value : openIncidents().find(each => names.includes(each.upstream))?.upstream || choice.value;
    if (names.join() !== [...choice.options].map(each => each.value).join()) choice.replaceChildren(...names.map(each => el('option', { value: each }, each)));
    if (names.includes(chosen)) choice.value = chosen;
  };
  fill();
  place.append(el('form', { class: 'filters', submit: event => { event.preventDefault(); picked = true; examine(choice.value, result, event.target.querySelector('button')); } },
    el('label', { for: 'diagnose-upstream' }, 'Upstream'), choice, el('button', { class: 'main' }, 'Examine now')),
  el('p', { class: 'quiet' }, 'Sends a light request to each of its endpoints on a fresh connection, and examines the first that fails, as it would for a visitor.'), result);
  return onNews(fill);
}

// The same as a panel for one upstream.
export function examiner(name) {
  if (!mayChange()) return '';
  const result = el('div', { role: 'status' });
  return el('section', { class: 'panel' }, el('h2', {}, 'Diagnose now'),
    el('p', {}, el('button', { type: 'button', on: event => examine(name, result, event.currentTarget) }, 'Examine ' + name)), result);
}

async function examine(name, result, button) {
  button.disabled = true;
  result.replaceChildren(el('p', { class: 'quiet' }, 'Asking …'));
  const { ok, json } = await ask('/api/diagnose', { method: 'POST', body: { upstream: name } });
  button.disabled = false;
  result.replaceChildren(...(ok ? found(json) : [problem(json.detail)]));
}

function found(json) {
  if (json.healthy) return [el('p', { class: 'note good' }, 'Every endpoint answers', json.endpoint ? [', ', code(json.endpoint), ' among them'] : '', '.')];
  const it = json.diagnosis;
  return [
    el('div', { class: 'note bad' }, el('h2', {}, it.title), el('p', { class: 'meta' }, pill('bad', it.cause), ' ', code(json.endpoint), ' ', quiet(Math.round(it.confidence * 100) + ' % sure')),
      el('p', {}, it.explanation), el('p', { class: 'because' }, it.because)),
    it.fix?.length ? panel('What to do', el('ol', { class: 'fix' }, ...it.fix.map(step => el('li', {}, step.do, step.run ? command(step.run, 'command of step ' + step.step) : '')))) : '',
    it.evidence?.length ? panel('Evidence', table('What was asked, of whom, and what came back', ['Probe', 'Asked', 'Of', 'Answer', 'At', 'Took'], it.evidence.map(each =>
      [pill('plain', each.probe), each.asked, code(each.of), each.answer, moment(each.at), exact(millis(each.took_us / 1000))]))) : '',
  ].filter(Boolean);
}
