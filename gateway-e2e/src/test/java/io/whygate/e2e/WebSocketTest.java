package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.NodeServer;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// WebSockets from end to end: with the library ws on both sides over HTTP/1.1, and with a browser
/// over HTTP/2, by extended CONNECT.
@Needs({"node", "ws"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebSocketTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String SERVER =
      """
      const {WebSocketServer} = require('%s');
      const http = require('http');
      const sockets = new WebSocketServer({noServer: true, perMessageDeflate: {threshold: 0},
        handleProtocols: offered => offered.has('second') ? 'second' : false});
      const server = http.createServer((request, response) => response.end('page'));
      server.on('upgrade', (request, socket, head) => {
        if (request.url === '/refuse') {
          socket.end('HTTP/1.1 403 Forbidden\\r\\nContent-Length: 9\\r\\nConnection: close\\r\\n\\r\\nnot today');
          return;
        }
        sockets.handleUpgrade(request, socket, head, ws => {
          ws.on('pong', data => console.log('pong ' + data));
          ws.on('close', (code, reason) => console.log(`closed ${request.url} ${code} ${reason}`));
          if (request.url === '/ping') ws.ping('are you there');
          if (request.url === '/leave') ws.close(4002, 'enough');
          if (request.url === '/die') socket.resetAndDestroy();
          ws.on('message', (data, binary) => ws.send(data, {binary}));
        });
      });
      server.listen(process.env.PORT, '127.0.0.1');
      """;

  private static final String CLIENT =
      """
      const WebSocket = require('%s');
      const [place, ...paths] = process.argv.slice(2);
      const say = (...words) => console.log(words.join(' '));
      const data = Buffer.alloc(3000000, 'whygate ');
      const connect = (path, ready) => {
        const ws = new WebSocket('ws://' + place + path, ['first', 'second'], {headers: {accept: 'application/problem+json'}});
        ws.on('open', () => ready(ws));
        ws.on('unexpected-response', (request, response) => {
          let body = '';
          response.on('data', piece => body += piece);
          response.on('end', () => { say('refused', response.statusCode, response.headers['whygate-cause'], body); ready(null); });
        });
        ws.on('error', () => {});
      };
      const scenes = {
        '/echo': (ws, end) => {
          say('protocol', ws.protocol, 'extensions', ws.extensions.split(';')[0]);
          const got = [];
          ws.on('message', (message, binary) => {
            got.push(binary ? 'binary ' + message.equals(data) : 'text ' + message);
            if (got.length === 2) ws.ping('hello');
          });
          ws.on('pong', data => { say(got.join(', '), 'pong', data); ws.close(4001, 'goodbye'); });
          ws.on('close', (code, reason) => { say('closed', code, reason); end(); });
          ws.send('größer');
          ws.send(data);
        },
        '/idle': (ws, end) => {
          let pings = 0;
          const beat = setInterval(() => { if (++pings < 6) ws.ping(); else clearInterval(beat); }, 400);
          ws.on('close', code => { say('closed', code, 'after', pings, 'pings'); end(); });
        },
      };
      const watch = (ws, end) => ws.on('close', (code, reason) => { say('closed', code, reason); end(); });
      const next = () => {
        if (!paths.length) return process.exit(0);
        const path = paths.shift();
        connect(path, ws => {
          if (!ws) return next();
          (scenes[path] || watch)(ws, next);
          if (path === '/ping') setTimeout(() => ws.close(1000), 300);
        });
      };
      next();
      """;

  private Folder folder;
  private NodeServer server;
  private GatewayProcess gateway;
  private int hastyPort;
  private int tlsPort;

  @BeforeAll
  void start() throws Exception {
    String module =
        Repository.ROOT.resolve("target/node/node_modules/ws").toAbsolutePath().toString();
    folder = Folder.create("websocket");
    folder.write("client.js", CLIENT.formatted(module));
    server = NodeServer.running(SERVER.formatted(module));
    hastyPort = Place.HERE.freePort();
    tlsPort = Place.HERE.freePort();
    KeyedCertificate.PemFiles site = Pki.of("localhost").server().writeTo(folder.path(), "site");
    gateway =
        GatewayProcess.start(
            """
            access-log.file = "%s/access.log"
            listeners += { bind = "127.0.0.1:%d", timeouts.tunnel = 1s }
            listeners += { bind = "127.0.0.1:%d", tls { certificates = [
              { certificate = "%s", key = "%s" } ] } }
            upstreams {
              site { endpoints = ["%s"] }
              dead { endpoints = ["http://127.0.0.1:%d"] }
            }
            routes = [ { path = "/", upstream = site }, { path = "/dead", upstream = dead } ]
            """
                .formatted(
                    folder.path(),
                    hastyPort,
                    tlsPort,
                    site.chain(),
                    site.key(),
                    server.uri(),
                    Place.HERE.freePort()));
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    server.close();
    folder.close();
  }

  private List<String> play(String place, String... paths) {
    String[] command = new String[3 + paths.length];
    command[0] = "node";
    command[1] = "client.js";
    command[2] = place;
    System.arraycopy(paths, 0, command, 3, paths.length);
    return LabProcess.run(Place.HERE, folder.path(), command).lines().toList();
  }

  private void awaitServer(String line) {
    Await.until("the server prints " + line, PATIENCE, () -> server.output().contains(line));
  }

  @Test
  void messagesPingsAndCloseCodesPass() {
    assertThat(play(gateway.uri().getAuthority(), "/echo", "/leave", "/die", "/ping"))
        .containsExactly(
            "protocol second extensions permessage-deflate",
            "text größer, binary true pong hello",
            "closed 4001 goodbye",
            "closed 4002 enough",
            "closed 1006 ",
            "closed 1000 ");
    awaitServer("closed /echo 4001 goodbye");
    awaitServer("pong are you there");
  }

  @Test
  void aRefusedHandshakeSaysWhy() {
    List<String> said = play(gateway.uri().getAuthority(), "/refuse", "/dead");
    assertThat(said.get(0)).isEqualTo("refused 403  not today");
    assertThat(said.get(1))
        .startsWith("refused 502 server.port-closed {")
        .contains("\"cause\":\"server.port-closed\"");
  }

  @Test
  void anIdleOneEndsAndPingsKeepIt() {
    assertThat(play("127.0.0.1:" + hastyPort, "/idle"))
        .containsExactly("closed 1006 after 6 pings");
  }

  @Test
  @Needs("chromium")
  void aBrowserSpeaksThemOverHttp2() {
    try (Chromium chromium = Chromium.start();
        BrowserContext context =
            chromium.newContext(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true))) {
      Page page = context.newPage();
      page.navigate("https://localhost:" + tlsPort + "/");
      assertThat(inBrowser(page, "/browser"))
          .isEqualTo("from a browser second permessage-deflate 4321 bye");
      assertThat(inBrowser(page, "/leave")).endsWith(" 4002 enough");
      assertThat(inBrowser(page, "/die")).endsWith(" 1006 ");
      assertThat(folder.read("access.log"))
          .contains("\"target\":\"/browser\",\"protocol\":\"HTTP/2\"");
      awaitServer("closed /browser 4321 bye");
    }
  }

  /// What a WebSocket of the browser meets there.
  private static String inBrowser(Page page, String path) {
    return String.valueOf(
        page.evaluate(
            """
            path => new Promise(told => {
              const ws = new WebSocket('wss://' + location.host + path, ['first', 'second']);
              let got = '';
              ws.onopen = () => ws.send('from a browser');
              ws.onmessage = event => { got = event.data; ws.close(4321, 'bye'); };
              ws.onclose = event => told([got, ws.protocol, ws.extensions, event.code, event.reason].join(' '));
            })
            """,
            path));
  }
}
