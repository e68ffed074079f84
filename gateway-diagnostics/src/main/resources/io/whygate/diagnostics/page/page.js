(function () {
  'use strict';
  var root = document.documentElement;
  var live = document.getElementById('live');
  var address = '/.well-known/whygate/incidents/' + root.getAttribute('data-incident');
  var repeat = root.getAttribute('data-repeat') === 'yes';
  var memory = 'whygate ' + location.href;
  var done = false;
  var source = null;
  var waits = 3000;

  function say(what) {
    live.textContent = live.getAttribute('data-' + what);
    live.parentNode.className = what === 'watch' ? 'live watching' : 'live';
  }

  /* How often this page has opened itself of late: the gateway may take a site for recovered that
     fails again at once, and a page must not knock for ever. */
  function mayReload() {
    var now = Date.now();
    try {
      var times = JSON.parse(sessionStorage.getItem(memory) || '[]').filter(function (t) {
        return now - t < 300000;
      });
      if (times.length >= 3) {
        return false;
      }
      sessionStorage.setItem(memory, JSON.stringify(times.concat(now)));
      return true;
    } catch (e) {
      return false;
    }
  }

  function recovered() {
    if (done) {
      return;
    }
    done = true;
    if (source) {
      source.close();
    }
    if (!repeat) {
      say('back');
      return;
    }
    if (!mayReload()) {
      say('stop');
      return;
    }
    say('back');
    setTimeout(function () {
      location.reload();
    }, 200 + Math.random() * 2300);
  }

  function take(text) {
    var incident;
    try {
      incident = JSON.parse(text);
    } catch (e) {
      return;
    }
    (incident.steps || []).forEach(function (step) {
      var item = document.querySelector('[data-step="' + step.step + '"]');
      if (item && item.getAttribute('data-state') !== step.state) {
        item.setAttribute('data-state', step.state);
        item.querySelector('p').textContent = step.finding;
        item.querySelector('i').textContent = '';
      }
    });
    if (incident.state && incident.state !== 'open') {
      recovered();
    }
  }

  function poll() {
    if (done) {
      return;
    }
    var request = new XMLHttpRequest();
    request.open('GET', address);
    request.setRequestHeader('Accept', 'application/json');
    request.onloadend = function () {
      if (request.status === 200) {
        take(request.responseText);
      } else if (request.status === 404 || request.status === 410) {
        recovered();
      }
      waits = Math.min(waits * 1.3, 30000);
      setTimeout(poll, waits * (0.8 + Math.random() * 0.4));
    };
    request.send();
  }

  function watch() {
    if (!window.EventSource) {
      poll();
      return;
    }
    var failures = 0;
    var heard = false;
    source = new EventSource(address + '/events');
    source.onmessage = function (event) {
      failures = 0;
      heard = true;
      take(event.data);
    };
    source.onerror = function () {
      failures++;
      if (!done && (failures > 2 || source.readyState === 2)) {
        source.close();
        poll();
      }
    };
    /* Something on the way may hold events back: then it is asked for instead. */
    setTimeout(function () {
      if (!heard && !done && source.readyState !== 2) {
        source.close();
        poll();
      }
    }, 10000);
  }

  Array.prototype.forEach.call(document.querySelectorAll('time'), function (time) {
    var moment = new Date(time.getAttribute('datetime'));
    var today = moment.toDateString() === new Date().toDateString();
    if (!isNaN(moment)) {
      time.textContent = moment.toLocaleString(
        root.lang,
        today && time.hasAttribute('data-short') ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' }
      );
    }
  });
  var mail = document.getElementById('mail');
  if (mail) {
    mail.href += encodeURIComponent(location.origin + location.pathname + '\r\n');
  }
  say('watch');
  watch();
})();
