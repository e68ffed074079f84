package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.UpstreamFacts.AnswerLimits;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One light request by HTTP/2 (RFC 9113), for servers that speak nothing else: as much of the
/// protocol as a status and a body need. No table of compressed fields is allowed to the server,
/// and of its fields the status alone is read, which comes first.
final class Http2Ask {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int PADDED = 8;
  private static final int PRIORITIZED = 0x20;
  private static final int WINDOW = 1 << 21;
  private static final int LARGEST_FRAME = 16_384;
  private static final int MOST_FRAMES = 2_000;

  private final DataInputStream in;
  private final OutputStream out;
  private final int most;
  private final AnswerLimits limits;
  private final ByteArrayOutputStream block = new ByteArrayOutputStream();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status = -1;
  private int interim;
  private long firstByteNanos;
  private End end = End.OPEN;

  private enum End {
    OPEN,
    WHOLE,
    /// As much of the body as is wanted came.
    ENOUGH,
    RESET,
    NOT_HTTP2
  }

  private Http2Ask(InputStream in, OutputStream out, int most, AnswerLimits limits) {
    this.in = new DataInputStream(in);
    this.out = out;
    this.most = most;
    this.limits = limits;
  }

  /// What came back.
  ///
  /// @param status -1 where no head came
  /// @param whole whether the answer ended well, or as much came as was wanted
  /// @param isHttp2 whether the server speaks HTTP/2
  /// @param ttfbMicros until the first byte, or -1
  record Answer(int status, String body, boolean whole, boolean isHttp2, long ttfbMicros) {}

  /// Asks, and reads the answer. Blocks as long as the streams do.
  ///
  /// @param most how much of the body is wanted, bytes
  /// @param limits what an answer keeps to; its fields are not counted
  static Answer ask(
      InputStream in, OutputStream out, HttpProbe.Light light, int most, AnswerLimits limits)
      throws IOException {
    Http2Ask ask = new Http2Ask(in, out, most, limits);
    out.write(greeting(light));
    out.flush();
    long asked = System.nanoTime();
    ask.read();
    long ttfb = ask.firstByteNanos == 0 ? -1 : (ask.firstByteNanos - asked) / 1_000;
    return new Answer(
        ask.status,
        ask.body.toString(StandardCharsets.ISO_8859_1),
        ask.end == End.WHOLE || ask.end == End.ENOUGH,
        ask.end != End.NOT_HTTP2,
        ttfb);
  }

  private static byte[] greeting(HttpProbe.Light light) {
    var bytes = new ByteArrayOutputStream(512);
    bytes.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
    var settings = new ByteArrayOutputStream(18);
    setting(settings, 1, 0);
    setting(settings, 2, 0);
    setting(settings, 4, WINDOW);
    frame(bytes, SETTINGS, 0, 0, settings.toByteArray());
    frame(bytes, 8, 0, 0, number(WINDOW));
    var fields = new ByteArrayOutputStream(256);
    field(fields, ":method", light.method());
    field(fields, ":scheme", light.secure() ? "https" : "http");
    field(fields, ":authority", light.host());
    field(fields, ":path", light.path());
    field(fields, "user-agent", HttpProbe.USER_AGENT);
    field(fields, "accept", "*/*");
    if (!light.padding().isEmpty()) {
      field(fields, "whygate-padding", light.padding());
    }
    block(bytes, fields.toByteArray());
    return bytes.toByteArray();
  }

  private static void block(ByteArrayOutputStream out, byte[] fields) {
    int at = 0;
    int type = HEADERS;
    int first = END_STREAM;
    do {
      int size = Math.min(LARGEST_FRAME, fields.length - at);
      boolean last = at + size == fields.length;
      byte[] part = Arrays.copyOfRange(fields, at, at + size);
      frame(out, type, first | (last ? END_HEADERS : 0), 1, part);
      type = CONTINUATION;
      first = 0;
      at += size;
    } while (at < fields.length);
  }

  private static void setting(ByteArrayOutputStream out, int number, int value) {
    out.write(0);
    out.write(number);
    out.writeBytes(number(value));
  }

  private static byte[] number(int value) {
    return new byte[] {
      (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value
    };
  }

  private static void frame(
      ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
    out.write(payload.length >> 16);
    out.write(payload.length >> 8);
    out.write(payload.length);
    out.write(type);
    out.write(flags);
    out.writeBytes(number(stream));
    out.writeBytes(payload);
  }

  /// Writes a field that enters no table, without Huffman's code (RFC 7541 section 6.2.2).
  private static void field(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    string(out, name);
    string(out, value);
  }

  private static void string(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int rest = bytes.length - 127;
    out.write(Math.min(bytes.length, 127));
    if (rest >= 0) {
      while (rest > 127) {
        out.write((rest & 127) | 128);
        rest >>>= 7;
      }
      out.write(rest);
    }
    out.writeBytes(bytes);
  }

  private void read() throws IOException {
    try {
      for (int i = 0; i < MOST_FRAMES && end == End.OPEN; i++) {
        int first = in.readUnsignedByte();
        if (firstByteNanos == 0) {
          firstByteNanos = System.nanoTime();
        }
        int length = (first << 16) | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        if (length > LARGEST_FRAME || (i == 0 && type != SETTINGS)) {
          end = End.NOT_HTTP2;
          return;
        }
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
          return;
        }
        take(type, flags, stream, payload);
      }
    } catch (EOFException e) {
      if (status < 0 && firstByteNanos != 0 && end == End.OPEN) {
        end = End.RESET;
      }
    }
  }

  private void take(int type, int flags, int stream, byte[] payload) throws IOException {
    switch (type) {
      case SETTINGS -> {
        if ((flags & ACK) == 0) {
          reply(SETTINGS, new byte[0]);
        }
      }
      case PING -> {
        if ((flags & ACK) == 0) {
          reply(PING, payload);
        }
      }
      case GOAWAY -> {
        boolean orderly = payload.length >= 8 && payload[7] == 0 && payload[3] != 0;
        end = orderly ? end : End.RESET;
      }
      case RST_STREAM -> end = stream == 1 ? End.RESET : end;
      case HEADERS, CONTINUATION -> {
        block.writeBytes(content(type, flags, payload));
        if (block.size() > limits.head()) {
          end = End.RESET;
        } else if ((flags & END_HEADERS) != 0) {
          head();
        }
        ended(type == HEADERS && (flags & END_STREAM) != 0);
      }
      case DATA -> {
        byte[] content = content(type, flags, payload);
        body.write(content, 0, Math.min(content.length, most - body.size()));
        if (body.size() >= most) {
          end = End.ENOUGH;
        }
        ended((flags & END_STREAM) != 0);
      }
      default -> {}
    }
  }

  private void ended(boolean ends) {
    if (ends && end == End.OPEN) {
      end = status < 0 ? End.RESET : End.WHOLE;
    }
  }

  private void reply(int type, byte[] payload) throws IOException {
    var bytes = new ByteArrayOutputStream(17);
    frame(bytes, type, ACK, 0, payload);
    out.write(bytes.toByteArray());
    out.flush();
  }

  /// The payload without padding and priority.
  private static byte[] content(int type, int flags, byte[] payload) {
    int from = 0;
    int to = payload.length;
    if (type != CONTINUATION && (flags & PADDED) != 0 && to > 0) {
      to -= payload[0] & 0xff;
      from = 1;
    }
    if (type == HEADERS && (flags & PRIORITIZED) != 0) {
      from += 5;
    }
    return from > to ? new byte[0] : Arrays.copyOfRange(payload, from, to);
  }

  private void head() {
    int found = status < 0 ? Http2Status.in(block.toByteArray()) : status;
    block.reset();
    // An interim answer is followed by another.
    if (found >= 200) {
      status = found;
    } else if (found < 0 || ++interim > limits.interim()) {
      end = End.RESET;
    }
  }
}
