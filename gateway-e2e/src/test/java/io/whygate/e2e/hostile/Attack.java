package io.whygate.e2e.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http2.Frames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/// Something that a client does to wear the gateway out.
///
/// @param name for people, with what it is known by
/// @param kind by which it is counted; empty where the gateway has to bear it
/// @param door which listener it goes to
/// @param clients at the same time
/// @param first what each connection sends once
/// @param again what it sends over and over
/// @param pauseMillis between two of them
record Attack(
    String name, String kind, Door door, int clients, byte[] first, byte[] again, int pauseMillis) {
  private static final int WHOLE = Frames.END_HEADERS | Frames.END_STREAM;
  private static final int BATCH = 500;
  private static final int STEP_MILLIS = 100;

  /// A listener.
  enum Door {
    PLAIN,
    TLS,
    NARROW,
    /// One with long time-outs and a least rate.
    PACED
  }

  /// All of them.
  static List<Attack> all() {
    byte[] none = {};
    byte[] hello = HEX_HELLO.getBytes(ISO_8859_1);
    return List.of(
        http1("slow heads (slowloris)", "slow", 300, "GET / HTTP/1.1\r\nHost: a\r\nX: ", "y", 100),
        http1(
            "slow bodies (R.U.D.Y.)",
            "slow",
            100,
            "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx",
            "",
            5000),
        new Attack(
            "slow bodies by the byte",
            "body-rate",
            Door.PACED,
            100,
            "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\nx".getBytes(ISO_8859_1),
            "y".getBytes(ISO_8859_1),
            100),
        new Attack(
            "slow bodies by the byte over HTTP/2",
            "body-rate",
            Door.PACED,
            10,
            join(
                Frames.preface(),
                frame(Frames.SETTINGS, 0, 0),
                frame(Frames.HEADERS, Frames.END_HEADERS, 1, block("POST", "/post"))),
            frame(Frames.DATA, 0, 1, (byte) 'y'),
            100),
        new Attack(
            "windows that open by the byte",
            "send-rate",
            Door.PACED,
            10,
            join(windowOf(1), frame(Frames.HEADERS, WHOLE, 1, get("/large"))),
            frame(Frames.WINDOW_UPDATE, 0, 1, number(1)),
            100),
        http1("slow reading", "stalls", 50, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n", "", 5000),
        http1(
            "many tiny chunks",
            "small-pieces",
            2,
            "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            "1\r\nx\r\n".repeat(2000),
            5),
        new Attack("handshakes that stop", "handshakes", Door.TLS, 200, hello, none, 5000),
        new Attack(
            "handshakes that are begun in full and given up",
            "handshakes",
            Door.TLS,
            50,
            wholeHello(),
            "no TLS".getBytes(ISO_8859_1),
            5),
        new Attack(
            "more connections than one may have", "connections", Door.NARROW, 200, none, none, 200),
        http2("rapid reset (CVE-2023-44487)", "resets", none, Attack::rapidReset),
        http2("resets made by the gateway (CVE-2025-8671)", "resets", none, Attack::madeReset),
        http2(
            "CONTINUATION without end (CVE-2024-27316)",
            "continuations",
            frame(Frames.HEADERS, 0, 1, get("/ok")),
            _ -> frame(Frames.CONTINUATION, 0, 1)),
        http2("SETTINGS (CVE-2019-9515)", "settings", none, _ -> frame(Frames.SETTINGS, 0, 0)),
        http2("PING (CVE-2019-9512)", "pings", none, _ -> frame(Frames.PING, 0, 0, new byte[8])),
        http2(
            "empty DATA (CVE-2019-9518)",
            "empty-frames",
            frame(Frames.HEADERS, Frames.END_HEADERS, 1, block("POST", "/wait")),
            _ -> frame(Frames.DATA, 0, 1)),
        http2(
            "DATA of a byte",
            "small-pieces",
            frame(Frames.HEADERS, Frames.END_HEADERS, 1, block("POST", "/post")),
            _ -> frame(Frames.DATA, 0, 1, (byte) 'x')),
        http2(
            "WINDOW_UPDATE",
            "window-updates",
            none,
            _ -> frame(Frames.WINDOW_UPDATE, 0, 0, number(1))),
        http2(
            "PRIORITY (CVE-2019-9513)",
            "priorities",
            none,
            _ -> frame(Frames.PRIORITY, 0, 1, new byte[5])),
        http2("a bomb for HPACK (CVE-2016-1544)", "header-lists", none, Attack::bomb),
        new Attack(
            "windows of nothing (CVE-2019-9517)",
            "stalls",
            Door.PLAIN,
            1,
            zeroWindow(),
            none,
            5000));
  }

  /// The beginning of a ClientHello that says it is 512 bytes long.
  private static final String HEX_HELLO = "\26\3\1\2\0\1\0\1\374\3\3";

  /// What a client of TLS 1.3 begins with: the gateway makes its key, its signature and all of its
  /// answer before it hears more.
  private static byte[] wholeHello() {
    try {
      SSLEngine client = SSLContext.getDefault().createSSLEngine("localhost", 443);
      client.setUseClientMode(true);
      client.setEnabledProtocols(new String[] {"TLSv1.3"});
      ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
      client.wrap(ByteBuffer.allocate(0), hello);
      return Arrays.copyOf(hello.array(), hello.position());
    } catch (NoSuchAlgorithmException | SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Attack http1(
      String name, String kind, int clients, String first, String again, int pauseMillis) {
    return new Attack(
        name,
        kind,
        Door.PLAIN,
        clients,
        first.getBytes(ISO_8859_1),
        again.getBytes(ISO_8859_1),
        pauseMillis);
  }

  private interface Frame {
    byte[] of(int stream);
  }

  private static Attack http2(String name, String kind, byte[] once, Frame frame) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < BATCH; i++) {
      all.writeBytes(frame.of(3 + 2 * i));
    }
    byte[] first = join(Frames.preface(), frame(Frames.SETTINGS, 0, 0), once, all.toByteArray());
    return new Attack(name, kind, Door.PLAIN, 4, first, all.toByteArray(), 20);
  }

  private static byte[] rapidReset(int id) {
    return join(
        frame(Frames.HEADERS, WHOLE, id, get("/wait")), frame(Frames.RST_STREAM, 0, id, number(8)));
  }

  private static byte[] madeReset(int id) {
    return join(
        frame(Frames.HEADERS, WHOLE, id, get("/wait")),
        frame(Frames.WINDOW_UPDATE, 0, id, number(0)));
  }

  private static byte[] bomb(int id) {
    byte[] references = new byte[8000];
    Arrays.fill(references, (byte) 0xbe);
    ByteBuf entry = Unpooled.buffer();
    entry.writeByte(0x40);
    text(entry, "x-bomb");
    text(entry, "x".repeat(3000));
    return frame(
        Frames.HEADERS, WHOLE, id, join(get("/ok"), ByteBufUtil.getBytes(entry), references));
  }

  /// The beginning of a connection whose streams have a window of so many bytes.
  private static byte[] windowOf(int bytes) {
    ByteBuf setting = Unpooled.buffer();
    Frames.setting(setting, Frames.SETTING_INITIAL_WINDOW_SIZE, bytes);
    return join(Frames.preface(), frame(Frames.SETTINGS, 0, 0, ByteBufUtil.getBytes(setting)));
  }

  private static byte[] zeroWindow() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(windowOf(0));
    for (int i = 0; i < 100; i++) {
      all.writeBytes(frame(Frames.HEADERS, WHOLE, 1 + 2 * i, get("/large")));
    }
    return all.toByteArray();
  }

  private static byte[] get(String path) {
    return block("GET", path);
  }

  private static byte[] block(String method, String path) {
    ByteBuf out = Unpooled.buffer();
    String[] fields = {":method", method, ":scheme", "http", ":authority", "a", ":path", path};
    for (int i = 0; i < fields.length; i += 2) {
      out.writeByte(0);
      text(out, fields[i]);
      text(out, fields[i + 1]);
    }
    return ByteBufUtil.getBytes(out);
  }

  private static void text(ByteBuf out, String text) {
    if (text.length() < 127) {
      out.writeByte(text.length());
    } else {
      int rest = text.length() - 127;
      out.writeByte(127).writeByte(rest & 127 | 128).writeByte(rest >> 7);
    }
    out.writeCharSequence(text, ISO_8859_1);
  }

  private static byte[] frame(int type, int flags, int stream, byte... payload) {
    ByteBuf out = Unpooled.buffer();
    Frames.head(out, payload.length, type, flags, stream);
    out.writeBytes(payload);
    return ByteBufUtil.getBytes(out);
  }

  private static byte[] number(int value) {
    return Unpooled.copyInt(value).array();
  }

  private static byte[] join(byte[]... all) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] each : all) {
      joined.writeBytes(each);
    }
    return joined.toByteArray();
  }

  /// Plays one client until it is over: as soon as its connection is ended, it takes another.
  void play(String host, int port, BooleanSupplier isOver) throws InterruptedException {
    while (!isOver.getAsBoolean()) {
      try (Socket socket = new Socket(host, port)) {
        socket.setReceiveBufferSize(4096);
        socket.getOutputStream().write(first);
        while (!isOver.getAsBoolean()) {
          for (int left = pauseMillis; left > 0 && !isOver.getAsBoolean(); left -= STEP_MILLIS) {
            Thread.sleep(Math.min(left, STEP_MILLIS));
          }
          socket.getOutputStream().write(again);
        }
      } catch (IOException e) {
        // Ended by the gateway: that is what it should do.
        Thread.sleep(2);
      }
    }
  }
}
