package io.whygate.gateway.listener.http3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3SettingIdentifier;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.listener.client.Abuse;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Clients of HTTP/3 whose few bytes make much work: each is stopped and counted, while another
/// client of the same event loop is served fast.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http3FloodsTest {
  /// Far more than is measured, so that a busy machine is no failure.
  private static final Duration SLOWEST = Duration.ofSeconds(1);

  /// A field of QPACK's static table, of 101 bytes as lists count, in one: 58,
  /// strict-transport-security with all that it may have (RFC 9204 appendix A).
  private static final byte LARGE_FIELD = (byte) (0xc0 | 58);

  /// Frames of types that mean nothing here, with types and lengths of each size, some with
  /// content.
  private static final byte[] UNKNOWN =
      HexFormat.of()
          .parseHex(
              "22 02 ffff  4022 00  80000022 4001 aa  c000001000000022 80000000".replace(" ", ""));

  /// PRIORITY_UPDATE of a request (RFC 9218 section 7.2), which is known and not heeded.
  private static final byte[] PRIORITY_UPDATE =
      HexFormat.of().parseHex("800f0700 04 00753d31".replace(" ", ""));

  private TestSite site;
  private ScriptedServer server;
  private RunningGateway gateway;

  private interface Attack {
    void play(H3Client client) throws Exception;
  }

  /// @param kind by which it is counted; null where it is an error of the protocol alone
  private record Flood(
      String what, @Nullable Abuse kind, Http3ErrorCode ending, Attack once, int times) {}

  @BeforeAll
  void start() throws Exception {
    site = TestSite.make();
    server = new ScriptedServer((peer, _) -> peer.serve());
    gateway =
        RunningGateway.before(
            site.listener(
                "limits.small-pieces { count = 50, window = 1h },"
                    + " http2.floods { header-lists = 5, window = 1h }"),
            "",
            server.uri());
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    server.close();
  }

  /// A HEADERS frame of GET whose list has the large field so many times.
  private static byte[] bomb(int fields) {
    byte[] get = Arrays.copyOfRange(H3Client.GET, 2, H3Client.GET.length);
    byte[] block = Arrays.copyOf(get, get.length + fields);
    Arrays.fill(block, get.length, block.length, LARGE_FIELD);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(1);
    frame.write(0x40 | block.length >> 8);
    frame.write(block.length);
    frame.writeBytes(block);
    return frame.toByteArray();
  }

  /// Instructions of QPACK's encoder: a table of 4 KiB, a field for it, and that field over and
  /// over (RFC 9204 section 4.3).
  private static byte[] inserts() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(new byte[] {2, 0x3f, (byte) 0xe1, 0x1f});
    all.writeBytes("\101a\1b".getBytes(ISO_8859_1));
    all.writeBytes(new byte[4000]);
    return all.toByteArray();
  }

  private static byte[] repeated(byte[] frame, int times) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }

  private static byte[] frames() {
    byte[] frames = new byte[3 * 100];
    for (int i = 1; i < frames.length; i += 3) {
      frames[i] = 1;
    }
    return frames;
  }

  private static List<Flood> floods() {
    return List.of(
        new Flood(
            "lists that grow a hundredfold, up to twice the limit",
            Abuse.HEADER_LISTS,
            Http3ErrorCode.H3_EXCESSIVE_LOAD,
            client -> client.raw(bomb(600)).endRaw(),
            6),
        new Flood(
            "lists that grow a hundredfold, beyond all limits",
            Abuse.HEADER_LISTS,
            Http3ErrorCode.H3_EXCESSIVE_LOAD,
            client -> client.raw(bomb(16_000)),
            1),
        new Flood(
            "a table that is filled though there is none",
            null,
            Http3ErrorCode.QPACK_ENCODER_STREAM_ERROR,
            client -> client.unidirectional(inserts()),
            1),
        new Flood(
            "streams that are blocked until a table is filled",
            null,
            Http3ErrorCode.QPACK_DECOMPRESSION_FAILED,
            client -> client.raw(new byte[] {1, 3, 5, 0, (byte) 0x80}),
            1),
        new Flood(
            "DATA of a byte",
            Abuse.SMALL_PIECES,
            Http3ErrorCode.H3_EXCESSIVE_LOAD,
            client -> client.raw(H3Client.GET).sendRaw(frames()),
            1),
        new Flood(
            "frames of types that nobody knows",
            Abuse.EMPTY_FRAMES,
            Http3ErrorCode.H3_EXCESSIVE_LOAD,
            client -> client.raw(H3Client.GET).sendRaw(repeated(UNKNOWN, 200)),
            1),
        new Flood(
            "frames of types that nobody knows, on the control stream",
            Abuse.EMPTY_FRAMES,
            Http3ErrorCode.H3_EXCESSIVE_LOAD,
            client -> client.control(repeated(UNKNOWN, 200)),
            1),
        new Flood(
            "priorities over and over",
            Abuse.PRIORITIES,
            Http3ErrorCode.H3_EXCESSIVE_LOAD,
            client -> client.control(repeated(PRIORITY_UPDATE, 600)),
            1));
  }

  @Test
  void noTableIsOffered() throws Exception {
    try (H3Client client = site.client().connect(gateway.address())) {
      assertThat(
              client
                  .settings()
                  .get(Http3SettingIdentifier.HTTP3_SETTINGS_QPACK_MAX_TABLE_CAPACITY.id()))
          .isIn(null, 0L);
      assertThat(
              client
                  .settings()
                  .get(Http3SettingIdentifier.HTTP3_SETTINGS_QPACK_BLOCKED_STREAMS.id()))
          .isIn(null, 0L);
    }
  }

  @TestFactory
  Stream<DynamicTest> isStoppedWhileOthersAreServed() {
    return floods().stream().map(each -> DynamicTest.dynamicTest(each.what, () -> stop(each)));
  }

  private void stop(Flood flood) throws Exception {
    long before = flood.kind == null ? 0 : gateway.abuses(flood.kind);
    List<Duration> times = new ArrayList<>();
    try (H3Client bystander = site.client().connect(gateway.address())) {
      for (int i = 0; i < 3; i++) {
        try (H3Client attacker = site.client().connect(gateway.address())) {
          for (int each = 0; each < flood.times; each++) {
            flood.once.play(attacker);
            times.add(ask(bystander));
          }
          assertThat(attacker.awaitClosed()).isEqualTo(flood.ending.code());
        }
        times.add(ask(bystander));
      }
    }
    if (flood.kind != null) {
      assertThat(gateway.abuses(flood.kind) - before).isEqualTo(3);
    }
    assertThat(times.stream().sorted().toList().get(times.size() * 99 / 100)).isLessThan(SLOWEST);
    RunningGateway.await(() -> gateway.outstanding() == 0);
  }

  /// Browsers say how urgent each picture is, and some clients send frames without meaning.
  @Test
  void framesOfTypesThatNobodyKnowsAreNoFault() throws Exception {
    try (H3Client client = site.client().connect(gateway.address())) {
      client.control(repeated(PRIORITY_UPDATE, 20));
      for (int i = 0; i < 3; i++) {
        byte[] frames = repeated(UNKNOWN, 3);
        H3Client.Call call = client.raw(frames);
        for (byte each : H3Client.GET) {
          call.sendRaw(new byte[] {each});
        }
        call.sendRaw(frames).endRaw();
        call.answer();
        assertThat(call.text()).endsWith("ok");
      }
    }
  }

  @Test
  void callsThatMakeTheGatewayResetServersSpendTheBudgetForResets() throws Exception {
    try (ScriptedServer mute = new ScriptedServer((peer, _) -> peer.in().readAllBytes());
        RunningGateway strict =
            RunningGateway.before(
                site.listener("http2.floods { resets = 10, window = 1h }"), "", mute.uri());
        H3Client attacker = site.client().connect(strict.address())) {
      String[] late = {"content-type: application/grpc", "grpc-timeout: 20m"};
      for (int i = 0; i < 10; i++) {
        assertThat(attacker.get("/", late).answer().field("grpc-status")).isEqualTo("4");
      }
      attacker.get("/", late);
      assertThat(attacker.awaitClosed()).isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
      assertThat(strict.abuses(Abuse.RESETS)).isEqualTo(1);
      RunningGateway.await(() -> strict.outstanding() == 0);
    }
  }

  private static Duration ask(H3Client client) {
    long start = System.nanoTime();
    assertThat(client.get("/").answer().text()).isEqualTo("ok");
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
