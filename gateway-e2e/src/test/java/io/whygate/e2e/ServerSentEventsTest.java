package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.NodeServer;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Server-sent events and long polling with a browser. Its server sends an event only once the
/// browser has said that it saw the one before: what is held back anywhere stops them all.
@Needs({"node", "chromium"})
class ServerSentEventsTest {
  private static final String SERVER =
      """
      let stream, poll;
      const server = require('http').createServer((request, response) => {
        const url = new URL(request.url, 'http://a');
        if (url.pathname.endsWith('/events')) {
          response.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache'});
          stream = response;
          stream.write('id: 0\\ndata: event 0\\n\\n');
          request.on('close', () => console.log('closed', url.pathname));
        } else if (url.pathname === '/seen') {
          const next = Number(url.searchParams.get('event')) + 1;
          stream.write(`id: ${next}\\ndata: event ${next}\\n\\n`);
          response.end();
        } else if (url.pathname === '/poll') {
          poll = response;
        } else if (url.pathname === '/news') {
          const tell = () => poll ? (poll.end(url.search), poll = null, response.end()) : setTimeout(tell, 5);
          tell();
        } else {
          response.setHeader('Content-Type', 'text/html');
          response.end('<title>events</title>');
        }
      });
      server.keepAliveTimeout = 300000;
      server.listen(process.env.PORT, '127.0.0.1');
      """;

  private static final String WATCH =
      """
      path => new Promise(told => {
        const events = new EventSource(path);
        const seen = [];
        events.onerror = () => told('failed after ' + seen);
        events.onmessage = event => {
          seen.push(event.data);
          if (seen.length < 5) { fetch('/seen?event=' + event.lastEventId); return; }
          events.close();
          told(seen.join(', '));
        };
      })
      """;

  private static final String POLL =
      """
      async () => {
        const got = [];
        for (let i = 0; i < 3; i++) {
          const answer = fetch('/poll').then(answer => answer.text());
          await fetch('/news?' + i);
          got.push(await answer);
        }
        return got.join(' ');
      }
      """;

  @Test
  void comeAsTheyAreSentOverEachVersionOfHttpAndCompressed() throws Exception {
    try (Folder folder = Folder.create("events");
        NodeServer server = NodeServer.running(SERVER)) {
      KeyedCertificate.PemFiles site = Pki.of("localhost").server().writeTo(folder.path(), "site");
      int port = Place.HERE.freePort();
      try (GatewayProcess gateway =
              GatewayProcess.start(
                  """
                  listeners += { bind = "127.0.0.1:%d", tls { certificates = [
                    { certificate = "%s", key = "%s" } ] } }
                  upstreams { site { endpoints = ["%s"] } }
                  routes = [
                    { path = "/", upstream = site }
                    { path = "/packed", upstream = site, compression { enabled = true, types = ["text/event-stream"] } }
                  ]
                  """
                      .formatted(port, site.chain(), site.key(), server.uri()));
          Chromium chromium = Chromium.start();
          BrowserContext context =
              chromium.newContext(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true));
          Page page = context.newPage()) {
        String all = "event 0, event 1, event 2, event 3, event 4";
        for (String origin : new String[] {gateway.uri().toString(), "https://localhost:" + port}) {
          page.navigate(origin + "/");
          assertThat(page.evaluate(WATCH, "/events")).as(origin).isEqualTo(all);
          assertThat(page.evaluate(WATCH, "/packed/events")).as(origin).isEqualTo(all);
          assertThat(page.evaluate(POLL)).as(origin).isEqualTo("?0 ?1 ?2");
        }
        Await.until(
            "the server hears that they are closed",
            Duration.ofSeconds(20),
            () -> server.output().lines().filter(line -> line.startsWith("closed")).count() == 4);
        assertThat(gateway.admin("/metrics").body())
            .containsPattern(
                "whygate_compressed_responses_total\\{coding=\"\\w+\",upstream=\"site\"} 2");
      }
    }
  }
}
