(function () {
  'use strict';
  /* The language is ECMAScript 5: the page works in browsers of ten years ago. */
  var root = document.documentElement;
  var live = document.getElementById('live');
  var address = '/.well-known/whygate/incidents/' + root.getAttribute('data-incident');
  var repeat = root.getAttribute('data-repeat') === 'yes';
  var memory = 'whygate:' + location.pathname;
  var ticket = '';
  var done = false;
  var source = null;
  var timer = 0;
  var waits = 3000;

  function el(id) {
    return document.getElementById(id);
  }

  /* Screen readers tell what is written anew, so the same is not written twice. */
  function put(node, text) {
    if (node && text && node.textContent !== text) {
      node.textContent = text;
    }
  }

  function say(what, n) {
    if (live) {
      put(live, live.getAttribute('data-' + what).replace('{n}', n));
      live.parentNode.className = what === 'watch' ? 'live watching' : 'live';
    }
  }

  /* How often this page has opened itself of late: the gateway may take a site for recovered that
     fails again at once, and a page must not knock for ever. A frame of another site may have no
     storage of its own; its name stays over a reload too. */
  function mayReload() {
    var text;
    var times = [];
    var stored = true;
    try {
      text = sessionStorage.getItem(memory);
    } catch (e) {
      stored = false;
      text = window.name.indexOf(memory) === 0 ? window.name.substring(memory.length) : '';
    }
    (text || '').split(',').forEach(function (each) {
      if (Date.now() - each < 300000) {
        times.push(each);
      }
    });
    if (times.length >= 3) {
      return false;
    }
    times.push(Date.now());
    if (stored) {
      sessionStorage.setItem(memory, times.join());
    } else {
      window.name = memory + times.join();
    }
    return true;
  }

  function finish(what) {
    done = true;
    clearTimeout(timer);
    if (source) {
      source.close();
    }
    say(what);
  }

  /* Opens the wanted page, once. */
  function go(jitter) {
    if (done) {
      return;
    }
    if (!repeat) {
      finish('back');
      document.title = '\u2713 ' + document.title;
      return;
    }
    if (!mayReload()) {
      finish('stop');
      return;
    }
    finish('back');
    setTimeout(function () {
      location.reload();
    }, Math.random() * jitter);
  }

  /* The gateway lets those who wait in one after another, so that they do not all come at once. */
  function turn(place) {
    if (done) {
      return;
    }
    ticket = place.ticket;
    if (repeat && place.admit_after_ms > 0) {
      say('turn', Math.ceil(place.admit_after_ms / 1000));
    } else {
      go(300);
    }
  }

  function show(incident) {
    var words = incident.page || {};
    if (incident.cause !== root.getAttribute('data-cause')) {
      root.setAttribute('data-cause', incident.cause);
      put(el('title'), incident.title);
      put(el('detail'), incident.detail);
      put(el('side'), words.where);
      put(el('advice'), words.advice);
      document.title = incident.title;
      if (el('way') && words.side) {
        el('way').setAttribute('data-side', words.side);
        el('way').setAttribute('aria-label', words.picture);
      }
    }
    if (el('next') && !el('next').querySelector('time')) {
      put(el('next'), words.next);
    }
    incident.steps.forEach(function (step) {
      var item = document.querySelector('[data-step=' + step.step + ']');
      if (item && (item.getAttribute('data-state') !== step.state || item.hasAttribute('data-checking') || step.checking)) {
        item.setAttribute('data-state', step.state);
        put(item.querySelector('p'), step.finding);
        put(item.querySelector('i'), item.parentNode.getAttribute('data-' + step.state));
        item[step.checking ? 'setAttribute' : 'removeAttribute']('data-checking', '');
        item.querySelector('em').textContent = step.checking ? item.parentNode.getAttribute('data-checking') : '';
      }
    });
  }

  function read(text) {
    try {
      return JSON.parse(text);
    } catch (e) {
      return {};
    }
  }

  /* Whether the site answers again. */
  function take(incident) {
    if (incident.state && incident.state !== 'open') {
      return true;
    }
    if (incident.steps) {
      show(incident);
      say('watch');
      ticket = '';
    }
    return false;
  }

  function poll() {
    var request = new XMLHttpRequest();
    if (done) {
      return;
    }
    request.open('GET', address + (ticket ? '?ticket=' + ticket : ''));
    request.setRequestHeader('Accept', 'application/json');
    request.onloadend = function () {
      var incident = read(request.responseText);
      var next = waits;
      if (request.status === 200 && take(incident)) {
        turn(incident);
        next = Math.min(incident.admit_after_ms || 0, 5000);
      } else if (request.status === 404) {
        /* Nobody remembers the incident: those who watched it come back over some time. */
        go(15000);
      } else {
        if (request.status === 0) {
          say('lost');
        }
        waits = Math.min(waits * 1.3, 30000);
      }
      if (!done) {
        timer = setTimeout(poll, next * (0.9 + Math.random() * 0.2) + 50);
      }
    };
    request.send();
  }

  function watch() {
    var failures = 0;
    var heard = false;
    if (!window.EventSource) {
      poll();
      return;
    }
    function askInstead() {
      if (source && !done) {
        source.close();
        source = null;
        poll();
      }
    }
    source = new EventSource(address + '/events');
    source.onmessage = function (event) {
      failures = 0;
      heard = true;
      if (take(read(event.data)) && !repeat) {
        go();
      }
    };
    source.addEventListener('admission', function (event) {
      turn(read(event.data));
    });
    source.onerror = function () {
      failures++;
      if (failures > 2 || (source && source.readyState === 2)) {
        askInstead();
      }
    };
    /* Something on the way may hold events back: then it is asked for instead. */
    setTimeout(function () {
      if (!heard) {
        askInstead();
      }
    }, 10000);
  }

  function each(list, what) {
    Array.prototype.forEach.call(list, what);
  }

  each(document.querySelectorAll('time'), function (time) {
    var moment = new Date(time.getAttribute('datetime'));
    var today = moment.toDateString() === new Date().toDateString();
    if (!isNaN(moment)) {
      time.textContent = moment.toLocaleString(
        root.lang,
        today && time.hasAttribute('data-short') ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' }
      );
    }
  });

  /* A query may hold what is nobody else's business, so it is left out. */
  var here = location.protocol + '//' + location.host + location.pathname;
  put(el('url'), here);
  if (el('mail')) {
    el('mail').href = el('mail').href.replace('%E2%80%A6', encodeURIComponent(here));
  }
  if (el('copy')) {
    el('copy').hidden = false;
    el('copy').onclick = function () {
      var range = document.createRange();
      range.selectNodeContents(el('message'));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      if (document.execCommand('copy')) {
        put(el('copy'), el('copy').getAttribute('data-done'));
      }
    };
  }
  if (el('return') && history.length > 1) {
    el('return').hidden = false;
    el('return').onclick = function () {
      history.back();
    };
  }
  say('watch');
  watch();
})();
