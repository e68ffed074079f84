// What the gateway says: asked once, or heard from /api/events. The session is a cookie that scripts
// cannot read; each change shows the session's secret beside it.

export const state = {
  session: {}, overview: null, before: null, upstreams: [], samples: [], interval: 5, incidents: new Map(),
};

const listeners = new Set();
let source = null;

// Calls a listener with the name of what is new, until the returned function is called.
export function onNews(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tell = (name, value) => listeners.forEach(listener => listener(name, value));

export async function ask(path, { method = 'GET', body } = {}) {
  const headers = { Accept: 'application/json' };
  if (method !== 'GET') {
    headers['Content-Type'] = 'application/json';
    if (state.session.csrf) headers['X-Whygate-Csrf'] = state.session.csrf;
  }
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: method === 'GET' ? undefined : JSON.stringify(body ?? {}), cache: 'no-store' });
  } catch {
    return { ok: false, status: 0, json: { detail: 'The gateway does not answer.' } };
  }
  const text = await answer.text();
  let json = {};
  try { json = text ? JSON.parse(text) : {}; } catch { json = { detail: text }; }
  if (answer.status === 401 && !path.startsWith('/api/session')) tell('session-ended');
  return { ok: answer.ok, status: answer.status, json, text };
}

export const mayChange = () => state.session.role === 'full';

export async function hello() {
  const { ok, json } = await ask('/api/session');
  if (ok) state.session = json;
  return ok && Boolean(json.role);
}

export async function login(token) {
  const answer = await ask('/api/session', { method: 'POST', body: { token } });
  if (answer.ok) state.session = answer.json;
  return answer;
}

export async function logout() {
  quit();
  await ask('/api/session', { method: 'DELETE' });
  state.session = { guarded: true };
}

export function quit() {
  source?.close();
  source = null;
}

export async function listen() {
  quit();
  const history = await ask('/api/traffic');
  if (history.ok) {
    state.samples = history.json.samples;
    state.interval = history.json.interval_s;
  }
  source = new EventSource('/api/events');
  source.onopen = () => tell('link', true);
  source.onerror = () => { tell('link', false); state.before = null; if (source?.readyState === 2) retry(); };
  hear('overview', json => { state.before = state.overview; state.overview = json; });
  hear('upstreams', json => { state.upstreams = json.upstreams; });
  hear('incident', json => {
    state.incidents.set(json.incident, json);
    if (state.incidents.size > 300) state.incidents.delete(state.incidents.keys().next().value);
  });
  hear('traffic', json => {
    const sample = json.samples[0];
    if (!sample || state.samples.at(-1)?.at === sample.at) return;
    state.samples = [...state.samples.slice(-719), sample];
  });
}

function hear(name, take) {
  source.addEventListener(name, event => {
    const json = JSON.parse(event.data);
    take(json);
    tell(name, json);
  });
}

// The stream was refused: the session has ended, or the gateway is about to start.
async function retry() {
  quit();
  await new Promise(resume => setTimeout(resume, 2000));
  if (await hello()) listen();
  else if (state.session.guarded && !state.session.role) tell('session-ended');
  else retry();
}

// The samples of one upstream, oldest first.
export const samplesOf = name => state.samples.map(sample => ({
  at: sample.at, ...(sample.upstreams.find(each => each.name === name) || { requests: 0, server_errors: 0, failed_attempts: 0 }),
}));

export const openIncidents = () => [...state.incidents.values()]
  .filter(each => each.state === 'open').sort((a, b) => a.since < b.since ? 1 : -1);
