package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.NodeServer;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// gRPC from end to end, with grpc-js on both sides: every kind of call, deadlines, cancellation,
/// errors of the server's own, and what a client is told where the server fails.
@Needs({"node", "grpc-js"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GrpcTest {
  private static final String METHODS =
      """
      const modules = '%s';
      const grpc = require(modules + '/@grpc/grpc-js');
      const raw = bytes => bytes;
      const method = (path, up, down) => ({path, requestStream: up, responseStream: down,
        requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw});
      const echo = {
        unary: method('/lab.Echo/Unary', false, false), sum: method('/lab.Echo/Sum', true, false),
        count: method('/lab.Echo/Count', false, true), both: method('/lab.Echo/Both', true, true),
        endless: method('/lab.Echo/Endless', false, true), slow: method('/lab.Echo/Slow', false, false),
        fail: method('/lab.Echo/Fail', false, false) };
      const health = { check: method('/grpc.health.v1.Health/Check', false, false) };
      const silent = { ask: method('/lab.Silent/Ask', false, false) };
      """;

  private static final String SERVER =
      """
      // grpc-js ends calls by their deadlines itself, at the same moment as the gateway: not where it is to wait.
      const http2 = require('http2'), create = http2.createServer;
      http2.createServer = (...how) => {
        const made = create(...how), emit = made.emit;
        made.emit = function(event, stream, headers, ...more) {
          if (event == 'stream' && headers['x-patient']) delete headers['grpc-timeout'];
          return emit.call(this, event, stream, headers, ...more);
        };
        return made;
      };
      const server = new grpc.Server();
      server.addService(echo, {
        unary: (call, done) => {
          const trailer = new grpc.Metadata();
          trailer.set('x-size', String(call.request.length));
          done(null, call.request, trailer);
        },
        sum: (call, done) => {
          let size = 0;
          call.on('data', piece => size += piece.length);
          call.on('end', () => done(null, Buffer.from(String(size))));
        },
        count: call => { for (let i = 0; i < 100; i++) call.write(Buffer.from(String(i))); call.end(); },
        both: call => {
          call.on('data', piece => call.write(Buffer.concat([Buffer.from('re:'), piece])));
          call.on('end', () => call.end());
        },
        endless: call => {
          call.write(Buffer.from('first'));
          call.on('cancelled', () => console.log('endless cancelled'));
        },
        slow: call => call.on('cancelled', () => console.log('slow cancelled, deadline ' + isFinite(call.getDeadline()))),
        fail: (call, done) => {
          const metadata = new grpc.Metadata();
          metadata.set('x-why', 'on purpose');
          done({code: grpc.status.NOT_FOUND, details: 'no such thing: 100 %', metadata});
        },
      });
      server.addService(health, { check: (call, done) => done(null, Buffer.from([8, 1])) });
      server.bindAsync('127.0.0.1:' + process.env.PORT, grpc.ServerCredentials.createInsecure(), () => {});
      """;

  private static final String CLIENT =
      """
      const protobuf = require(modules + '/protobufjs');
      const rpc = protobuf.parse(`syntax = "proto3"; package google.rpc;
        message Any { string type_url = 1; bytes value = 2; }
        message Duration { int64 seconds = 1; int32 nanos = 2; }
        message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
        message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
        message RetryInfo { Duration retry_delay = 1; }`).root;
      const decoded = (name, bytes) => {
        const type = rpc.lookupType(name);
        return type.toObject(type.decode(bytes), {longs: Number});
      };
      const options = {'grpc.max_receive_message_length': -1};
      const client = service => new (grpc.makeGenericClientConstructor(service, 'x'))(
        process.argv[2], grpc.credentials.createInsecure(), options);
      const e = client(echo), h = client(health), s = client(silent);
      const soon = ms => ({deadline: Date.now() + ms});
      const say = (...words) => console.log(words.join(' '));
      const shown = error => error ? 'code ' + error.code + ' ' + error.details : 'fine';
      const calls = {
        unary: end => {
          let got;
          e.unary(Buffer.from('hello'), soon(20000), (error, reply) => got = shown(error) + ' ' + reply)
            .on('status', status => { say('unary', got, status.metadata.get('x-size')[0]); end(); });
        },
        large: end => e.unary(Buffer.alloc(3000000, 'x'), soon(20000), (error, reply) => {
          say('large', shown(error), reply && reply.length); end(); }),
        sum: end => {
          const call = e.sum(soon(20000), (error, reply) => { say('sum', shown(error), reply); end(); });
          for (let i = 0; i < 200; i++) call.write(Buffer.alloc(1000));
          call.end();
        },
        count: end => {
          let got = 0;
          e.count(Buffer.alloc(0), soon(20000)).on('data', () => got++).on('end', () => { say('count', got); end(); });
        },
        both: end => {
          const call = e.both(soon(20000));
          let turn = 0;
          call.on('data', piece => { if (++turn < 5) call.write(Buffer.from('m' + turn)); else { say('both', piece); call.end(); } });
          call.on('end', end);
          call.write(Buffer.from('m0'));
        },
        deadline: end => e.slow(Buffer.alloc(1), soon(3000), error => { say('deadline', shown(error)); end(); }),
        cancel: end => {
          const call = e.endless(Buffer.alloc(1), soon(20000));
          call.on('data', () => call.cancel());
          call.on('error', error => { say('cancel', error.code); end(); });
        },
        fail: end => e.fail(Buffer.alloc(1), soon(20000), error => {
          say('fail', shown(error), error.metadata.get('x-why')[0]); end(); }),
        health: end => h.check(Buffer.alloc(0), soon(20000), (error, reply) => {
          say('health', shown(error), reply && reply.toString('hex')); end(); }),
        explained: end => e.unary(Buffer.from('hello'), soon(20000), error => {
          say('explained', shown(error));
          const status = decoded('google.rpc.Status', error.metadata.get('grpc-status-details-bin')[0]);
          say('status', status.code, status.message === error.details);
          for (const each of status.details) {
            const name = each.typeUrl.split('type.googleapis.com/')[1];
            say(name, JSON.stringify(decoded(name, each.value)));
          }
          end(); }),
        late: end => {
          const told = new grpc.Metadata();
          told.set('grpc-timeout', '400m');
          told.set('x-patient', 'yes');
          e.slow(Buffer.alloc(1), told, error => {
            say('late', shown(error));
            const status = decoded('google.rpc.Status', error.metadata.get('grpc-status-details-bin')[0]);
            say(JSON.stringify(decoded('google.rpc.ErrorInfo', status.details[0].value)));
            end(); });
        },
        lateStream: end => {
          const told = new grpc.Metadata();
          told.set('grpc-timeout', '400m');
          told.set('x-patient', 'yes');
          let got = '';
          e.endless(Buffer.alloc(1), told).on('data', piece => got += piece).on('error', error => {
            say('late after', got, shown(error)); end(); });
        },
        silent: end => s.ask(Buffer.from('hello'), soon(20000), error => { say('silent', shown(error)); end(); }),
      };
      const wanted = process.argv.slice(3);
      const next = () => wanted.length ? calls[wanted.shift()](next) : process.exit(0);
      next();
      """;

  private Folder folder;
  private NodeServer server;
  private FramedServer silent;
  private GatewayProcess gateway;

  @BeforeAll
  void start() throws Exception {
    Path module = Repository.ROOT.resolve("target/node/node_modules");
    String methods = METHODS.formatted(module.toAbsolutePath());
    folder = Folder.create("grpc");
    folder.write("client.js", methods + CLIENT);
    server = NodeServer.running(methods + SERVER);
    silent = FramedServer.start();
    silent.play(
        new FramedServer.Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number) {}
        });
    gateway =
        GatewayProcess.start(
            """
            upstreams {
              echo { endpoints = ["%s"], protocol = http2 }
              silent { endpoints = ["%s"], protocol = http2, response-timeout = 400ms }
            }
            routes = [
              { path = "/", upstream = echo }
              { path = "/lab.Silent", upstream = silent }
            ]
            """
                .formatted(server.uri(), silent.uri()));
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    silent.close();
    server.close();
    folder.close();
  }

  private List<String> call(String... kinds) {
    String[] command = new String[3 + kinds.length];
    command[0] = "node";
    command[1] = "client.js";
    command[2] = gateway.uri().getAuthority();
    System.arraycopy(kinds, 0, command, 3, kinds.length);
    return LabProcess.run(Place.HERE, folder.path(), command).lines().toList();
  }

  @Test
  @Order(1)
  void carriesEveryKindOfCall() {
    assertThat(call("unary", "large", "sum", "count", "both", "fail", "health"))
        .containsExactly(
            "unary fine hello 5",
            "large fine 3000000",
            "sum fine 200000",
            "count 100",
            "both re:m4",
            "fail code 5 no such thing: 100 % on purpose",
            "health fine 0801");
  }

  @Test
  @Order(2)
  void letsDeadlinesAndCancellationsReachTheServer() {
    List<String> said = call("deadline", "cancel");
    assertThat(said.get(0)).startsWith("deadline code 4 ");
    assertThat(said.get(1)).isEqualTo("cancel 1");
    Await.until(
        "both calls end at the server",
        Duration.ofSeconds(20),
        () ->
            server.output().contains("slow cancelled, deadline true")
                && server.output().contains("endless cancelled"));
  }

  /// Clients keep their deadlines themselves; one that says no more than the field shows that the
  /// gateway does too.
  @Test
  @Order(3)
  void endsCallsWhoseDeadlineIsOver() {
    List<String> said = call("late", "lateStream");
    assertThat(said.get(0))
        .isEqualTo(
            "late code 4 the deadline of the call (400 ms) is over: the server did not answer in"
                + " time [deadline exceeded, unknown]");
    assertThat(said.get(1))
        .startsWith("{\"reason\":\"DEADLINE_EXCEEDED\",\"domain\":\"whygate\",\"metadata\":{")
        .contains("\"phase\":\"await_response\"", "\"request_processed\":\"unknown\"");
    assertThat(said.get(2))
        .startsWith("late after first code 4 the deadline of the call (400 ms) is over: ");
    Await.until(
        "both calls end at the server",
        Duration.ofSeconds(20),
        () ->
            server.output().contains("slow cancelled, deadline false")
                && server.output().split("endless cancelled", -1).length == 3);
  }

  @Test
  @Order(4)
  void saysDeadlineExceededWhereTheServerIsSilent() {
    assertThat(call("silent").getFirst())
        .startsWith("silent code 4 ")
        .contains("[cause application.");
  }

  @Test
  @Order(5)
  void saysUnavailableAndWhyWhereTheServerIsGone() {
    server.close();
    List<String> said = call("explained");
    assertThat(said.get(0))
        .startsWith("explained code 14 ")
        .contains("[cause server.port-closed, incident ", ", not_sent]");
    assertThat(said.get(1)).isEqualTo("status 14 true");
    assertThat(said.get(2))
        .startsWith(
            "google.rpc.ErrorInfo {\"reason\":\"SERVER_PORT_CLOSED\",\"domain\":\"whygate\",\"metadata\":{")
        .contains("\"cause\":\"server.port-closed\"", "\"request_processed\":\"not_sent\"");
    assertThat(said.get(3))
        .matches("google\\.rpc\\.RetryInfo \\{\"retryDelay\":\\{\"seconds\":[1-9][0-9]*}}");
  }
}
