// What an operator does to an upstream; a reader of a read-only token gets no buttons.

import { el, problem, say } from './dom.js';
import { ask, mayChange } from './live.js';

export function act(words, path, body, result) {
  if (!mayChange()) return '';
  return el('button', { type: 'button', on: async event => {
    const button = event.currentTarget;
    button.disabled = true;
    const answer = await ask(path, { method: 'POST', body });
    button.disabled = false;
    result.replaceChildren(...(answer.ok ? [] : [problem(answer.json.detail || 'It failed.')]));
    if (answer.ok) say(words + ': done');
  } }, words);
}

export const endpointAction = (upstream, endpoint, result) => {
  const drained = endpoint.state === 'drained';
  return act(drained ? 'Undrain' : 'Drain',
    `/api/upstreams/${encodeURIComponent(upstream)}/endpoints/${encodeURIComponent(endpoint.url)}/${drained ? 'undrain' : 'drain'}`, {}, result);
};

// Maintenance, with an end that visitors are told.
export function maintenance(upstream, result) {
  if (!mayChange()) return '';
  const path = `/api/upstreams/${encodeURIComponent(upstream.name)}/maintenance`;
  if (upstream.maintenance) return el('p', {}, act('End the maintenance', path, { enabled: false }, result));
  const minutes = el('select', { id: 'maintenance-time' }, ...[['', 'not known'], ['15', '15 minutes'], ['30', '30 minutes'], ['60', '1 hour'], ['120', '2 hours'], ['480', '8 hours'], ['at', 'at a time …']].map(([value, words]) => el('option', { value }, words)));
  const at = el('input', { type: 'datetime-local', id: 'maintenance-at', hidden: true, 'aria-label': 'Ends at' });
  const message = el('input', { id: 'maintenance-message', maxlength: '1000', placeholder: 'We move to a faster server.' });
  minutes.addEventListener('input', () => { at.hidden = minutes.value !== 'at'; });
  return el('details', {}, el('summary', {}, 'Begin a maintenance'),
    el('form', { class: 'form', submit: async event => {
      event.preventDefault();
      const body = { enabled: true, message: message.value };
      const end = minutes.value === 'at' ? at.value && new Date(at.value) : minutes.value && new Date(Date.now() + minutes.value * 60000);
      if (minutes.value === 'at' && !end) { result.replaceChildren(problem('Ends at: not there (expected: a date and a time)')); return; }
      if (end) body.until = end.toISOString();
      const answer = await ask(path, { method: 'POST', body });
      result.replaceChildren(...(answer.ok ? [] : [problem(answer.json.detail)]));
      if (answer.ok) say('Maintenance began');
    } },
    el('p', { class: 'quiet' }, 'Every request is answered with a page that says so, until it is ended here or the configuration is reloaded.'),
    el('label', { for: 'maintenance-time' }, 'Ends in'), minutes, at,
    el('label', { for: 'maintenance-message' }, 'What visitors are told'), message,
    el('button', { class: 'main' }, 'Begin')));
}
