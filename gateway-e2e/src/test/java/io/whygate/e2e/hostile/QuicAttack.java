package io.whygate.e2e.hostile;

import io.whygate.e2e.lab.H3Bytes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.LongFunction;

/// Something that a client does to wear the gateway out beneath HTTP/3, by packets and frames of
/// QUIC.
///
/// @param name for people
/// @param manner of the client
/// @param ending how its connections are ended; empty where they have to be borne. One that
///   acknowledges nothing may not be told
/// @param kind by which the gateway counts it; empty where QUIC's library alone bounds it
/// @param clients at the same time
/// @param first what each connection begins with, in a packet of its own
/// @param frames those of each further packet, by how many were before it
record QuicAttack(
    String name,
    Manner manner,
    String ending,
    String kind,
    int clients,
    byte[] first,
    LongFunction<byte[]> frames) {
  private static final int BURST = 20;

  /// What a connection sends even where the attack is over, so that each is an attack.
  private static final int LEAST_PACKETS = 200;

  /// More frames than a packet of any of these has.
  private static final int STRIDE = 160;

  private static final int PING = 1;
  private static final int RETIRE_CONNECTION_ID = 0x19;

  /// MAX_DATA, DATA_BLOCKED and STREAMS_BLOCKED.
  private static final int[] OF_WINDOWS = {0x10, 0x14, 0x16};

  private static final int A_MILLION = 1_000_000;
  private static final byte[] NOTHING = {0};
  private static final byte[] BYTE = {0};

  /// A stream that Kwik did not use; further ones are every fourth.
  private static final long STREAM = 4;

  /// Pieces of a byte of one stream, as many as its window has room for with holes between, and
  /// streams that fill the connection's.
  private static final int PIECES = 120_000;

  private static final int STREAMS = 4;

  /// How the client goes on.
  enum Manner {
    /// It says what it gets.
    ACKNOWLEDGES,
    /// It never does, and sends on as soon as the gateway answers.
    IS_SILENT,
    /// Every second packet of it seems to be lost.
    LEAVES_GAPS
  }

  /// All of them.
  static List<QuicAttack> all() {
    byte[] ping = H3Bytes.join(QuicBytes.bare(PING), new byte[3]);
    byte[] pings = many(_ -> QuicBytes.bare(PING));
    byte[] post = QuicBytes.stream(STREAM, 0, H3Bytes.post("/wait"));
    return List.of(
        borne("PING, a packet full", _ -> pings),
        borne("PING, a packet each", _ -> ping),
        new QuicAttack(
            "packets with holes between their numbers",
            Manner.LEAVES_GAPS,
            "",
            "",
            2,
            NOTHING,
            _ -> ping),
        new QuicAttack(
            "PING, and no packet is acknowledged",
            Manner.IS_SILENT,
            "http 0x107",
            "unacknowledged",
            2,
            NOTHING,
            _ -> ping),
        borne("PATH_CHALLENGE", _ -> many(_ -> QuicBytes.pathChallenge())),
        new QuicAttack(
            "PATH_CHALLENGE, and no packet is acknowledged",
            Manner.IS_SILENT,
            "http 0x107",
            "unacknowledged",
            2,
            NOTHING,
            _ -> many(_ -> QuicBytes.pathChallenge())),
        ended(
            "NEW_CONNECTION_ID beyond those that may be",
            "transport 0x9",
            sent -> many(i -> QuicBytes.newConnectionId(1 + STRIDE * sent + i, 0))),
        ended(
            "NEW_CONNECTION_ID, each of which retires those before",
            "transport 0x9",
            sent ->
                many(i -> QuicBytes.newConnectionId(1 + STRIDE * sent + i, 1 + STRIDE * sent + i))),
        ended(
            "RETIRE_CONNECTION_ID of what was never given",
            "transport 0xa",
            sent -> many(i -> QuicBytes.numbered(RETIRE_CONNECTION_ID, 100 + STRIDE * sent + i))),
        borne(
            "MAX_DATA, DATA_BLOCKED, STREAMS_BLOCKED",
            sent ->
                many(i -> QuicBytes.numbered(OF_WINDOWS[i % OF_WINDOWS.length], A_MILLION + sent))),
        new QuicAttack(
            "STREAM of a byte, with holes between, up to all windows",
            Manner.ACKNOWLEDGES,
            "",
            "",
            1,
            post,
            sent -> many(i -> piece(STRIDE * sent + i))),
        new QuicAttack(
            "STREAM, the same byte over and over",
            Manner.ACKNOWLEDGES,
            "",
            "",
            2,
            post,
            _ -> many(_ -> QuicBytes.stream(STREAM, 10, BYTE))),
        ended(
            "CRYPTO of a byte, with holes between",
            "transport 0xd",
            sent -> many(i -> QuicBytes.crypto(1 + 2 * (STRIDE * sent + i), BYTE))),
        borne("CRYPTO, the same byte over and over", _ -> many(_ -> QuicBytes.crypto(0, BYTE))));
  }

  private static QuicAttack borne(String name, LongFunction<byte[]> frames) {
    return new QuicAttack(name, Manner.ACKNOWLEDGES, "", "", 2, NOTHING, frames);
  }

  private static QuicAttack ended(String name, String how, LongFunction<byte[]> frames) {
    return new QuicAttack(name, Manner.ACKNOWLEDGES, how, "", 2, NOTHING, frames);
  }

  private static byte[] piece(long index) {
    long stream = index / PIECES;
    return stream < STREAMS
        ? QuicBytes.stream(STREAM + 4 * stream, 101 + 2 * (index % PIECES), BYTE)
        : QuicBytes.bare(PING);
  }

  /// As many frames as a packet has room for.
  private static byte[] many(IntFunction<byte[]> frame) {
    // A later one may be a little longer than the first.
    int length = frame.apply(0).length;
    byte[][] all = new byte[QuicBytes.ROOM / (length == 1 ? 1 : length + 2)][];
    for (int i = 0; i < all.length; i++) {
      all[i] = frame.apply(i);
    }
    return H3Bytes.join(all);
  }

  /// What came of it.
  static final class Outcome {
    final Set<String> ends = new ConcurrentSkipListSet<>();
    final AtomicLong sent = new AtomicLong();
    final AtomicLong answered = new AtomicLong();
  }

  /// Plays one client until it is over: as soon as its connection is ended, it takes another.
  void play(InetSocketAddress gateway, Outcome outcome, BooleanSupplier isOver)
      throws InterruptedException {
    while (!isOver.getAsBoolean()) {
      try (ForgedClient client = ForgedClient.connect(gateway)) {
        play(client, isOver);
        outcome.sent.addAndGet(client.sent());
        outcome.answered.addAndGet(client.answered());
        if (!client.end().isEmpty()) {
          outcome.ends.add(client.end());
        }
      } catch (IOException e) {
        // Not even shaken hands with: a busy machine.
        Thread.sleep(2);
      }
    }
  }

  private void play(ForgedClient client, BooleanSupplier isOver)
      throws IOException, InterruptedException {
    client.send(first);
    for (long i = 0; client.end().isEmpty() && (i < LEAST_PACKETS || !isOver.getAsBoolean()); i++) {
      byte[] next = frames.apply(i);
      switch (manner) {
        case ACKNOWLEDGES -> client.send(H3Bytes.join(client.ack(), next));
        case IS_SILENT -> client.send(next);
        case LEAVES_GAPS -> {
          client.skip();
          client.send(H3Bytes.join(client.ack(), next));
        }
      }
      if (manner == Manner.IS_SILENT) {
        client.awaitMore();
      } else if (i % BURST == 0) {
        Thread.sleep(1);
      }
    }
    if (!ending.isEmpty() && manner != Manner.IS_SILENT) {
      client.awaitEnd();
    }
  }
}
