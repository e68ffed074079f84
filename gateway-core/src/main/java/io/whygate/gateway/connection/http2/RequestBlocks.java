package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.HpackEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes the heads of requests as HEADERS frames: from their form in HTTP/1.1, so that what passes
/// to an endpoint is decided in one place for both protocols (RFC 9113 section 8.3.1). Confined to
/// its event loop.
final class RequestBlocks {
  private static final byte[] METHOD = ascii(":method");
  private static final byte[] SCHEME = ascii(":scheme");
  private static final byte[] AUTHORITY = ascii(":authority");
  private static final byte[] PATH = ascii(":path");
  private static final byte[] PROTOCOL = ascii(":protocol");
  private static final byte[] HOST = ascii("host");
  private static final byte[] UPGRADE = ascii("upgrade");
  private static final byte[] CONNECT = ascii("CONNECT");
  private static final byte[] TE = ascii("te");
  private static final byte[] TRAILERS = ascii("trailers");
  private static final byte[] KEY = ascii("sec-websocket-key");
  private static final byte[] CONNECTION = ascii("connection");
  private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");
  private static final int LARGE = 65_536;

  private final HpackEncoder encoder;
  private final byte[] scheme;
  private final ByteBuf text = Unpooled.buffer(1024);

  RequestBlocks(HpackEncoder encoder, boolean secure) {
    this.encoder = encoder;
    this.scheme = ascii(secure ? "https" : "http");
  }

  /// The value of a field of the request that was rendered last; empty where it has none.
  private byte[] value(byte[] name) {
    byte[] bytes = text.array();
    for (int at = lineAfter(0); bytes[at] != '\r'; at = lineAfter(at)) {
      int colon = colon(at);
      if (Grammar.equalsIgnoreCase(bytes, at, colon, name)) {
        return Arrays.copyOfRange(bytes, valueStart(colon), valueEnd(at));
      }
    }
    return new byte[0];
  }

  /// Renders the head of a request, for [#write].
  ///
  /// @return the key of a WebSocket that is asked for; empty where none is
  byte[] render(OutgoingRequest request) {
    text.clear();
    if (text.capacity() > LARGE) {
      text.capacity(1024);
    }
    request.writeHttp1(text);
    return request.asksForUpgrade() ? value(KEY) : new byte[0];
  }

  /// Writes the head that was rendered last.
  ///
  /// @param end whether nothing follows
  void write(ByteBuf out, int stream, OutgoingRequest request, boolean end) {
    byte[] bytes = text.array();
    boolean tunnel = request.asksForUpgrade();
    int start = out.writerIndex();
    out.writeZero(Frames.HEAD);
    encoder.begin(out);
    int space = indexOf(bytes, 0, ' ');
    int target = space + 1;
    int targetEnd = indexOf(bytes, target, ' ');
    if (tunnel) {
      field(out, METHOD, CONNECT);
      field(out, PROTOCOL, value(UPGRADE));
    } else {
      field(out, METHOD, bytes, 0, space);
    }
    field(out, SCHEME, scheme);
    field(out, AUTHORITY, value(HOST));
    field(out, PATH, bytes, target, targetEnd);
    for (int at = lineAfter(0); bytes[at] != '\r'; at = lineAfter(at)) {
      int colon = colon(at);
      if (!isOfHttp1(bytes, at, colon)) {
        encoder.field(out, bytes, at, colon, bytes, valueStart(colon), valueEnd(at));
      }
    }
    if (request.takesTrailers()) {
      field(out, TE, TRAILERS);
    }
    Frames.headers(out, start, end, stream);
  }

  /// Whether a field belongs to a connection of HTTP/1.1, or is told in another way.
  private static boolean isOfHttp1(byte[] bytes, int start, int end) {
    return switch (end - start) {
      case 4 -> Grammar.equalsIgnoreCase(bytes, start, end, HOST);
      case 7 -> Grammar.equalsIgnoreCase(bytes, start, end, UPGRADE);
      case 10 -> Grammar.equalsIgnoreCase(bytes, start, end, CONNECTION);
      case 17 ->
          Grammar.equalsIgnoreCase(bytes, start, end, TRANSFER_ENCODING)
              || Grammar.equalsIgnoreCase(bytes, start, end, KEY);
      default -> false;
    };
  }

  private int colon(int from) {
    return indexOf(text.array(), from, ':');
  }

  private int valueStart(int colon) {
    byte[] bytes = text.array();
    int at = colon + 1;
    while (bytes[at] == ' ' || bytes[at] == '\t') {
      at++;
    }
    return at;
  }

  /// Where the value of a line ends; not before it begins, where it is empty.
  private int valueEnd(int line) {
    byte[] bytes = text.array();
    int at = indexOf(bytes, line, '\r');
    while (bytes[at - 1] == ' ' || bytes[at - 1] == '\t') {
      at--;
    }
    return Math.max(at, valueStart(colon(line)));
  }

  private int lineAfter(int from) {
    return indexOf(text.array(), from, '\n') + 1;
  }

  private static int indexOf(byte[] bytes, int from, char wanted) {
    int at = from;
    while (bytes[at] != wanted) {
      at++;
    }
    return at;
  }

  private void field(ByteBuf out, byte[] name, byte[] value) {
    field(out, name, value, 0, value.length);
  }

  private void field(ByteBuf out, byte[] name, byte[] value, int start, int end) {
    encoder.field(out, name, 0, name.length, value, start, end);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
