package io.whygate.e2e.hostile;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicSslContext;
import io.whygate.e2e.lab.H3Bytes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Something that a client of HTTP/3 does to wear the gateway out, on streams of its own making.
///
/// @param name for people, with what it is known by
/// @param kind by which it is counted; empty where the gateway has to bear it
/// @param door which listener it goes to
/// @param clients at the same time
/// @param window of each stream, for answers
/// @param first what each connection does once; the streams that the rest is about
/// @param again what it does over and over
/// @param pauseMillis between two of them
record Http3Attack(
    String name,
    String kind,
    Attack.Door door,
    int clients,
    int window,
    First first,
    Again again,
    int pauseMillis) {
  private static final int STEP_MILLIS = 100;
  private static final int WIDE = 1 << 20;

  /// Nearly half of what a connection may have.
  private static final int STREAMS = 50;

  private static final int BATCH = 50;

  /// The code of a client that no longer wants what it asked for (RFC 9114 section 8.1).
  private static final int CANCELLED = 0x10c;

  /// A frame of a type that is kept free of meaning (RFC 9114 section 7.2.8).
  private static final byte[] MEANINGLESS = {0x40, 0x40, 0};

  /// A frame of a type that nobody knows.
  private static final byte[] UNKNOWN = {0x22, 0};

  /// What a connection begins with.
  interface First {
    List<QuicClient.Stream> of(QuicClient client) throws IOException, InterruptedException;
  }

  /// What it goes on with.
  interface Again {
    void on(QuicClient client, List<QuicClient.Stream> streams)
        throws IOException, InterruptedException;
  }

  /// All of them.
  static List<Http3Attack> all() {
    return List.of(
        flood(
            "requests that are reset at once (CVE-2023-44487)",
            "resets",
            _ -> List.of(),
            (client, _) -> {
              for (int i = 0; i < BATCH; i++) {
                client.open(H3Bytes.get("/wait")).reset(CANCELLED);
              }
            }),
        flood(
            "bombs for QPACK",
            "header-lists",
            _ -> List.of(),
            (client, _) -> {
              for (int i = 0; i < BATCH; i++) {
                client.open(H3Bytes.bomb(600)).end();
              }
            }),
        flood(
            "bombs for QPACK beyond all limits",
            "header-lists",
            _ -> List.of(),
            (client, _) -> client.open(H3Bytes.bomb(16_000))),
        onOne("DATA of a byte", "small-pieces", H3Bytes.data("x")),
        onOne("empty DATA", "empty-frames", H3Bytes.data("")),
        onOne("frames without meaning", "empty-frames", MEANINGLESS),
        onOne("frames of unknown types", "empty-frames", UNKNOWN),
        flood(
            "frames without meaning on the control stream",
            "empty-frames",
            client -> List.of(client.openControl(MEANINGLESS)),
            (_, streams) -> streams.getFirst().send(H3Bytes.repeat(MEANINGLESS, 500))),
        new Http3Attack(
            "slow bodies",
            "slow",
            Attack.Door.TLS,
            4,
            WIDE,
            client -> many(client, H3Bytes.join(H3Bytes.post("/post"), H3Bytes.data("x"))),
            (_, _) -> {},
            5000),
        new Http3Attack(
            "slow bodies by the byte",
            "body-rate",
            Attack.Door.PACED,
            4,
            WIDE,
            client -> many(client, H3Bytes.join(H3Bytes.post("/post"), H3Bytes.data("x"))),
            (_, streams) -> streams.forEach(each -> each.send(H3Bytes.data("y"))),
            200),
        new Http3Attack(
            "answers that are not taken (windows of nothing)",
            "stalls",
            Attack.Door.TLS,
            2,
            100,
            client -> asked(client, "/large"),
            (_, _) -> {},
            5000),
        new Http3Attack(
            "windows that open by the byte",
            "send-rate",
            Attack.Door.PACED,
            2,
            20,
            client -> asked(client, "/large"),
            (_, streams) -> streams.forEach(QuicClient.Stream::takeSome),
            200),
        new Http3Attack(
            "more connections than one may have",
            "connections",
            Attack.Door.NARROW,
            60,
            WIDE,
            _ -> List.of(),
            (_, _) -> {},
            300));
  }

  private static Http3Attack flood(String name, String kind, First first, Again again) {
    return new Http3Attack(name, kind, Attack.Door.TLS, 4, WIDE, first, again, 5);
  }

  /// Frames over and over on one stream, behind the head of a POST.
  private static Http3Attack onOne(String name, String kind, byte[] frame) {
    byte[] batch = H3Bytes.repeat(frame, 2000);
    return flood(
        name,
        kind,
        client -> List.of(client.open(H3Bytes.post("/wait"))),
        (_, streams) -> streams.getFirst().send(batch));
  }

  private static List<QuicClient.Stream> many(QuicClient client, byte[] first)
      throws IOException, InterruptedException {
    List<QuicClient.Stream> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      streams.add(client.open(first));
    }
    return streams;
  }

  /// Asks, and takes nothing by itself.
  private static List<QuicClient.Stream> asked(QuicClient client, String path)
      throws IOException, InterruptedException {
    List<QuicClient.Stream> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      QuicClient.Stream stream = client.open(H3Bytes.get(path));
      stream.pause();
      stream.end();
      streams.add(stream);
    }
    return streams;
  }

  /// Plays one client until it is over: as soon as its connection is ended, it takes another.
  void play(
      EventLoopGroup loop, QuicSslContext tls, InetSocketAddress gateway, BooleanSupplier isOver)
      throws InterruptedException {
    while (!isOver.getAsBoolean()) {
      try (QuicClient client = QuicClient.connect(loop, tls, gateway, window)) {
        List<QuicClient.Stream> streams = first.of(client);
        while (!isOver.getAsBoolean() && client.isOpen()) {
          again.on(client, streams);
          for (int left = pauseMillis; left > 0 && !isOver.getAsBoolean(); left -= STEP_MILLIS) {
            Thread.sleep(Math.min(left, STEP_MILLIS));
          }
        }
      } catch (IOException e) {
        // Ended by the gateway: that is what it should do.
        Thread.sleep(2);
      }
    }
  }
}
