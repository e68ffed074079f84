package io.whygate.gateway.listener.http2;

import static io.whygate.gateway.listener.http2.H2Client.block;
import static io.whygate.gateway.listener.http2.H2Client.number;
import static io.whygate.gateway.listener.http2.H2Client.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.client.Abuse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Clients that make work without asking for anything: each is stopped at a limit that a setting
/// names and counted, while another client of the same event loop is served.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2FloodsTest {
  private static final int WHOLE = Frames.END_HEADERS | Frames.END_STREAM;
  private static final byte[] WAIT = block(request("GET", "/wait"));

  private ScriptedServer server;
  private RunningGateway gateway;

  private interface Script {
    /// @param stream the next number of a stream
    byte[] bytes(int stream);
  }

  /// @param once what is sent before
  private record Flood(Abuse kind, String what, byte[] once, Script again) {}

  @BeforeAll
  void start() throws Exception {
    server =
        new ScriptedServer((peer, _) -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            if (head.contains("/wait")) {
              peer.in().read();
              return;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
        });
    gateway =
        RunningGateway.before(
            "limits.small-pieces { count = 50, window = 1h },"
                + " http2.floods { window = 1h, resets = 50, settings = 50, pings = 50, empty-frames = 50,"
                + " window-updates = 60, priorities = 50, header-lists = 5, continuations = 8 }",
            "",
            server.uri());
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    server.close();
  }

  private static byte[] frame(int type, int flags, int stream, byte... payload) {
    return H2Client.bytes(type, flags, stream, payload);
  }

  private static byte[] join(byte[]... all) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] each : all) {
      joined.writeBytes(each);
    }
    return joined.toByteArray();
  }

  private static byte[] padded() {
    byte[] payload = new byte[202];
    payload[0] = (byte) 200;
    return payload;
  }

  private static List<Flood> floods() {
    byte[] none = {};
    byte[] open = frame(Frames.HEADERS, Frames.END_HEADERS, 1, block(request("POST", "/wait")));
    byte[] bomb = new byte[8000];
    byte[] entry = block("x-bomb: " + "x".repeat(3000));
    entry[0] = 0x40;
    java.util.Arrays.fill(bomb, (byte) 0xbe);
    byte[] bombed = join(block(request("GET", "/")), entry, bomb);
    return List.of(
        new Flood(
            Abuse.RESETS,
            "rapid reset (CVE-2023-44487)",
            none,
            id ->
                join(
                    frame(Frames.HEADERS, WHOLE, id, WAIT),
                    frame(Frames.RST_STREAM, 0, id, number(8)))),
        new Flood(
            Abuse.RESETS,
            "resets that the gateway is made to send (CVE-2025-8671)",
            none,
            id ->
                join(
                    frame(Frames.HEADERS, WHOLE, id, WAIT),
                    frame(Frames.WINDOW_UPDATE, 0, id, number(0)))),
        new Flood(Abuse.SETTINGS, "SETTINGS", none, _ -> frame(Frames.SETTINGS, 0, 0)),
        new Flood(Abuse.PINGS, "PING", none, _ -> frame(Frames.PING, 0, 0, new byte[8])),
        new Flood(Abuse.EMPTY_FRAMES, "empty DATA", open, _ -> frame(Frames.DATA, 0, 1)),
        new Flood(
            Abuse.EMPTY_FRAMES,
            "DATA of padding alone",
            open,
            _ -> frame(Frames.DATA, Frames.PADDED, 1, new byte[1])),
        new Flood(
            Abuse.SMALL_PIECES, "DATA of a byte", open, _ -> frame(Frames.DATA, 0, 1, (byte) 'x')),
        new Flood(
            Abuse.SMALL_PIECES,
            "DATA of a byte and much padding",
            open,
            _ -> frame(Frames.DATA, Frames.PADDED, 1, padded())),
        new Flood(
            Abuse.WINDOW_UPDATES,
            "WINDOW_UPDATE",
            none,
            _ -> frame(Frames.WINDOW_UPDATE, 0, 0, number(1))),
        new Flood(
            Abuse.PRIORITIES, "PRIORITY", none, _ -> frame(Frames.PRIORITY, 0, 1, new byte[5])),
        new Flood(
            Abuse.PRIORITIES,
            "PRIORITY_UPDATE",
            none,
            _ -> frame(Frames.PRIORITY_UPDATE, 0, 0, number(1))),
        new Flood(
            Abuse.CONTINUATIONS,
            "CONTINUATION (CVE-2024-27316)",
            frame(Frames.HEADERS, 0, 1, block(request("GET", "/"))),
            _ -> frame(Frames.CONTINUATION, 0, 1)),
        new Flood(
            Abuse.HEADER_LISTS,
            "lists of fields that grow a thousandfold",
            none,
            id -> frame(Frames.HEADERS, WHOLE, id, bombed)));
  }

  @TestFactory
  Stream<DynamicTest> isStoppedWhileOthersAreServed() {
    return floods().stream()
        .map(each ->
            DynamicTest.dynamicTest(each.kind.label() + ": " + each.what, () -> stop(each)));
  }

  private void stop(Flood flood) throws IOException {
    long before = abuses(flood.kind);
    try (H2Client bystander = H2Client.begun(gateway.address());
        H2Client attacker = H2Client.begun(gateway.address())) {
      attacker.raw(flood.once);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int i = 0; i < 200; i++) {
        all.writeBytes(flood.again.bytes(3 + 2 * i));
      }
      attacker.raw(all.toByteArray());
      bystander.get(1, "/");
      assertThat(bystander.answer(1).text()).isEqualTo("ok");
      H2Client.Frame end = attacker.next(Frames.GOAWAY);
      assertThat(end.error()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM.number());
      assertThat(attacker.isEnded()).isTrue();
      assertThat(abuses(flood.kind)).isEqualTo(before + 1);
      bystander.get(3, "/");
      assertThat(bystander.answer(3).text()).isEqualTo("ok");
    }
    RunningGateway.await(() -> gateway.outstanding() == 0);
  }

  private long abuses(Abuse kind) {
    return gateway.abuses(kind);
  }

  @Test
  void aClientThatTakesNoAnswerIsGivenUp() throws Exception {
    try (RunningGateway impatient =
            RunningGateway.before("timeouts.send = 300ms", "", server.uri());
        H2Client client =
            H2Client.begun(impatient.address(), Frames.SETTING_INITIAL_WINDOW_SIZE, 0)) {
      client.get(1, "/");
      H2Client.Frame end = client.next(Frames.RST_STREAM);
      assertThat(end.error()).isEqualTo(ErrorCode.CANCEL.number());
      client.roundTrip();
    }
  }

  @Test
  void whoAsksAndTakesAnswersEarnsFurtherResets() throws Exception {
    try (H2Client client = H2Client.begun(gateway.address())) {
      for (int i = 0; i < 150; i++) {
        int id = 1 + 4 * i;
        client.frame(Frames.HEADERS, WHOLE, id, WAIT).reset(id, 8);
        client.get(id + 2, "/");
        assertThat(client.answer(id + 2).text()).isEqualTo("ok");
      }
    }
  }
}
