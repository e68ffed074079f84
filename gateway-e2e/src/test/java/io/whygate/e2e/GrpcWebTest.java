package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// gRPC-Web clients, Connect's in Node and gRPC's own in Chromium, before a grpc-js server: every
/// kind of call that they know, over each version of HTTP, and what they are told where it fails.
@Needs({"node", "grpc-js", "grpc-web"})
class GrpcWebTest {
  private static final Path MODULES = Repository.ROOT.resolve("target/node/node_modules");

  /// Its messages are of `google.protobuf.BytesValue`, by whose bytes it goes.
  private static final String SERVER =
      """
      const grpc = require('%s');
      const raw = bytes => bytes;
      const method = (path, down) => ({path, requestStream: false, responseStream: down,
        requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw});
      const value = text => Buffer.concat([Buffer.from([10, text.length]), Buffer.from(text)]);
      const server = new grpc.Server();
      let waiting = null;
      server.addService({
        unary: method('/lab.Echo/Unary', false), count: method('/lab.Echo/Count', true),
        wait: method('/lab.Echo/Wait', true), go: method('/lab.Echo/Go', false),
        slow: method('/lab.Echo/Slow', false), fail: method('/lab.Echo/Fail', false),
        die: method('/lab.Echo/Die', true),
      }, {
        unary: (call, done) => {
          const said = call.metadata.getMap();
          const first = new grpc.Metadata(), last = new grpc.Metadata();
          first.set('x-first', [said['x-mine'] || 'none', said['x-grpc-web'], said['x-user-agent'] !== undefined].join(' '));
          last.set('x-size', String(call.request.length));
          call.sendMetadata(first);
          done(null, call.request, last);
        },
        count: call => { for (let i = 0; i < 100; i++) call.write(value(String(i))); call.end(); },
        wait: call => { waiting = call; call.write(value('first')); },
        go: (call, done) => { waiting.write(value('second')); waiting.end(); done(null, value('gone')); },
        slow: call => call.on('cancelled', () => console.log('slow cancelled, deadline ' + isFinite(call.getDeadline()))),
        fail: (call, done) => {
          const metadata = new grpc.Metadata();
          metadata.set('x-why', 'on purpose');
          done({code: grpc.status.NOT_FOUND, details: 'no such thing: 100 %%', metadata});
        },
        die: call => { call.write(value('first')); setTimeout(() => process.exit(1), 300); },
      });
      server.bindAsync('127.0.0.1:' + process.env.PORT, grpc.ServerCredentials.createInsecure(), () => {});
      """;

  private static final String CONNECT =
      """
      const {createClient} = require('@connectrpc/connect');
      const {createGrpcWebTransport} = require('@connectrpc/connect-node');
      const {BytesValueSchema} = require('@bufbuild/protobuf/wkt');
      const lab = {typeName: 'lab.Echo', methods: []};
      const define = (name, methodKind) => lab.methods.push({kind: 'rpc', name, methodKind, parent: lab,
        localName: name.toLowerCase(), input: BytesValueSchema, output: BytesValueSchema});
      ['Unary', 'Go', 'Slow', 'Fail'].forEach(name => define(name, 'unary'));
      ['Count', 'Wait', 'Die'].forEach(name => define(name, 'server_streaming'));
      const [, , baseUrl, httpVersion, ...wanted] = process.argv;
      const client = createClient(lab, createGrpcWebTransport({baseUrl, httpVersion}));
      const bytes = text => ({value: new TextEncoder().encode(text)});
      const text = message => new TextDecoder().decode(message.value);
      const say = (...words) => console.log(words.join(' '));
      const shown = error => 'code ' + error.code + ' ' + error.rawMessage;
      const calls = {
        unary: async () => {
          let first, last;
          const reply = await client.unary(bytes('hello'), {headers: {'x-mine': 'm'},
            onHeader: all => first = all.get('x-first'), onTrailer: all => last = all.get('x-size')});
          say('unary', text(reply), first, last);
        },
        large: async () => say('large', text(await client.unary(bytes('x'.repeat(3000000)))).length),
        count: async () => { let all = []; for await (const m of client.count(bytes(''))) all.push(text(m));
          say('count', all.length, all[99]); },
        wait: async () => { for await (const m of client.wait(bytes(''))) {
          say('wait', text(m));
          if (text(m) === 'first') say('go', text(await client.go(bytes('')))); } },
        fail: async () => { try { await client.fail(bytes('')); } catch (e) { say('fail', shown(e), e.metadata.get('x-why')); } },
        slow: async () => { try { await client.slow(bytes(''), {timeoutMs: 1500}); } catch (e) { say('slow', e.code); } },
        die: async () => { try { for await (const m of client.die(bytes(''))) say('die', text(m)); }
          catch (e) { say('die', shown(e)); } },
        explained: async () => { try { await client.unary(bytes('hello')); } catch (e) {
          say('explained', shown(e)); say('details', e.metadata.get('grpc-status-details-bin')); } },
      };
      (async () => { for (const each of wanted) await calls[each](); process.exit(0); })();
      """;

  /// The client of the npm package grpc-web, as a page's script.
  private static final String PAGE =
      """
      <!doctype html><title>Calls</title>
      <script>var exports = {};</script><script src="grpc-web.js"></script><script>
      const value = bytes => { const head = [10]; let n = bytes.length;
        while (n > 127) { head.push(n & 127 | 128); n >>= 7; } head.push(n);
        const all = new Uint8Array(head.length + bytes.length); all.set(head); all.set(bytes, head.length); return all; };
      const content = bytes => { let at = 1; while (bytes[at++] > 127); return new TextDecoder().decode(bytes.slice(at)); };
      const method = (name, type) => new exports.MethodDescriptor('/lab.Echo/' + name, type, Object, Object,
        text => value(new TextEncoder().encode(text)), content);
      const call = (host, format, name, text) => new Promise(end => {
        const client = new exports.GrpcWebClientBase({format});
        client.rpcCall(host + '/lab.Echo/' + name, text, {'x-mine': 'm'}, method(name, 'unary'), (error, reply) =>
          end(error ? 'code ' + error.code + ' ' + error.message + ' ' + (error.metadata['x-why'] || '') : reply));
      });
      const stream = (host, format, name, each) => new Promise(end => {
        const client = new exports.GrpcWebClientBase({format});
        const got = [];
        client.serverStreaming(host + '/lab.Echo/' + name, '', {}, method(name, 'server_streaming'))
          .on('data', text => { got.push(text); if (each) each(text); })
          .on('error', error => end(got.join(' ') + ' code ' + error.code + ' ' + error.message))
          .on('end', () => end(got.join(' ')));
      });
      </script>
      """;

  private final Pki pki = Pki.of("127.0.0.1");
  private Folder folder;
  private NodeServer server;
  private NodeServer pages;
  private GatewayProcess gateway;

  @BeforeEach
  void startServers() throws Exception {
    folder = Folder.create("grpc-web");
    folder.write("client.js", CONNECT);
    server =
        NodeServer.running(SERVER.formatted(MODULES.resolve("@grpc/grpc-js").toAbsolutePath()));
    pages =
        NodeServer.running(
            """
            const fs = require('fs');
            require('http').createServer((asked, answer) => {
              const script = asked.url.endsWith('.js');
              answer.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
              answer.end(fs.readFileSync(script ? '%s' : 'page.html'));
            }).listen(process.env.PORT, '127.0.0.1');
            """
                .formatted(MODULES.resolve("grpc-web/index.js").toAbsolutePath()));
    pages.folder().write("page.html", PAGE);
  }

  private void startGateway(String more) {
    gateway =
        GatewayProcess.start(
            """
            upstreams {
              echo { endpoints = ["%s"], protocol = http2 }
              pages { endpoints = ["%s"] }
            }
            routes = [
              { path = "/", upstream = echo, grpc-web { enabled = true, allow-origins = ["%s"] } }
              { path = "/page", upstream = pages }
            ]
            %s
            """
                .formatted(server.uri(), pages.uri(), pages.uri(), more));
  }

  @AfterEach
  void stopServers() {
    gateway.close();
    server.close();
    pages.close();
    folder.close();
  }

  private List<String> connect(String version, String... calls) {
    List<String> command =
        new ArrayList<>(List.of("node", "client.js", "http://" + authority(), version));
    command.addAll(List.of(calls));
    try (LabProcess client =
        LabProcess.start(
            Place.HERE,
            folder.path(),
            Map.of("NODE_PATH", MODULES.toAbsolutePath().toString()),
            command)) {
      client.awaitExit(Duration.ofSeconds(60));
      return client.output().lines().toList();
    }
  }

  private String authority() {
    return gateway.uri().getAuthority();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1", "2"})
  void carriesConnectsCalls(String version) {
    startGateway("");
    assertThat(connect(version, "unary", "large", "count", "wait", "fail", "slow"))
        .containsExactly(
            "unary hello m 1 true 7",
            "large 3000000",
            "count 100 99",
            "wait first",
            "go gone",
            "wait second",
            "fail code 5 no such thing: 100 % on purpose",
            "slow 4");
    Await.until(
        "the deadline reaches the server",
        Duration.ofSeconds(20),
        () -> server.output().contains("slow cancelled, deadline true"));
  }

  @Test
  void tellsWhyAServerFailedBeforeOrInTheMiddleOfItsAnswer() {
    startGateway("");
    List<String> died = connect("1.1", "die");
    assertThat(died.get(0)).isEqualTo("die first");
    assertThat(died.get(1))
        .startsWith("die code 14 ")
        .contains("[cause application.", ", received]");
    List<String> said = connect("2", "explained");
    assertThat(said.get(0))
        .startsWith("explained code 14 ")
        .contains("[cause server.port-closed, incident ", ", not_sent]");
    byte[] details = Base64.getDecoder().decode(said.get(1).substring("details ".length()));
    assertThat(new String(details, StandardCharsets.UTF_8))
        .contains("type.googleapis.com/google.rpc.ErrorInfo", "SERVER_PORT_CLOSED")
        .contains("type.googleapis.com/google.rpc.RetryInfo");
  }

  private static Object ask(Page page, String what, Object host) {
    return page.evaluate("async host => " + what, host);
  }

  /// As text, messages reach the page as they come; of binary answers this client waits for the
  /// end.
  private static void hearsMessagesAsTheyCome(Page page, String host) {
    String go = "text => text === 'first' && call(host, 'text', 'Go', '')";
    assertThat(ask(page, "await stream(host, 'text', 'Wait', " + go + ")", host))
        .isEqualTo("first second");
  }

  private static void makesAllCalls(Page page, String host, String format) {
    assertThat(ask(page, "await call(host, '" + format + "', 'Unary', 'hello')", host))
        .isEqualTo("hello");
    assertThat(
            ask(
                page,
                "(await call(host, '" + format + "', 'Unary', 'x'.repeat(1000000))).length",
                host))
        .isEqualTo(1_000_000);
    assertThat(ask(page, "(await stream(host, '" + format + "', 'Count')).length", host))
        .isEqualTo(289);
    assertThat(ask(page, "await call(host, '" + format + "', 'Fail', '')", host))
        .isEqualTo("code 5 no such thing: 100 % on purpose");
  }

  /// The page is of another origin than the gateway.
  @Test
  @Needs("chromium")
  void chromiumCallsAcrossOrigins() {
    startGateway("");
    String host = "http://" + authority();
    try (Chromium chromium = Chromium.start()) {
      Page page = chromium.newPage("en");
      page.navigate(pages.uri().toString());
      hearsMessagesAsTheyCome(page, host);
      makesAllCalls(page, host, "text");
      makesAllCalls(page, host, "binary");
      assertThat(ask(page, "await stream(host, 'text', 'Die')", host).toString())
          .startsWith("first code 14 ")
          .contains("[cause application.");
      assertThat(ask(page, "await call(host, 'text', 'Unary', '')", host).toString())
          .startsWith("code 14 ")
          .contains("[cause server.port-closed");
      page.navigate(pages.uri().toString().replace("127.0.0.1", "localhost"));
      assertThat(ask(page, "await call(host, 'text', 'Unary', '')", host).toString())
          .as("an origin that may not")
          .contains("http status code: 0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "h3"})
  @Needs("chromium")
  void chromiumCallsOverEachVersionOfHttp(String version) throws Exception {
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder.path(), "site");
    startGateway(
        """
        listener-defaults {
          http3.enabled = true
          tls { certificates = [ { certificate = "%s", key = "%s" } ] }
        }
        """
            .formatted(files.chain(), files.key()));
    byte[] spki = pki.server().certificate().getPublicKey().getEncoded();
    String key =
        Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(spki));
    String[] quic =
        version.equals("h3")
            ? new String[] {"--enable-quic", "--origin-to-force-quic-on=" + authority()}
            : new String[] {"--disable-quic"};
    List<String> arguments = new ArrayList<>(List.of(quic));
    arguments.add("--ignore-certificate-errors-spki-list=" + key);
    try (Chromium chromium = Chromium.start(arguments.toArray(String[]::new))) {
      Page page = chromium.newPage("en");
      page.navigate("https://" + authority() + "/page/");
      hearsMessagesAsTheyCome(page, "");
      makesAllCalls(page, "", "text");
      makesAllCalls(page, "", "binary");
      assertThat(
              page.evaluate(
                  "[...new Set(performance.getEntriesByType('resource').map(e => e.nextHopProtocol))].join()"))
          .isEqualTo(version);
    }
  }
}
