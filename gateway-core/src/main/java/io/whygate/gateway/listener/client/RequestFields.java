package io.whygate.gateway.listener.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.ContentReader;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http2.HpackDecoder;
import io.whygate.gateway.reply.LocalReply;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Makes a request's head of a list of fields, by the rules of RFC 9113 sections 8.2 and 8.3, which
/// are those of RFC 9114 sections 4.2 and 4.3 too. What keeps them is handed to the same strict
/// reading that heads of HTTP/1.1 go through.
///
/// One object serves all requests of a connection; confined to its event loop.
public final class RequestFields implements HpackDecoder.Sink {
  private static final byte[] METHOD = ascii(":method");
  private static final byte[] SCHEME = ascii(":scheme");
  private static final byte[] AUTHORITY = ascii(":authority");
  private static final byte[] PATH = ascii(":path");
  private static final byte[] PROTOCOL = ascii(":protocol");
  private static final byte[] HOST = ascii("host");
  private static final byte[] COOKIE = ascii("cookie");
  private static final byte[] TE = ascii("te");
  private static final byte[] TRAILERS = ascii("trailers");
  private static final byte[] CONTENT_LENGTH = ascii("content-length");
  private static final byte[] PRIORITY = ascii("priority");
  private static final byte[] HTTP = ascii("http");
  private static final byte[] HTTPS = ascii("https");
  private static final byte[] CONNECT = ascii("CONNECT");
  private static final byte[] WEBSOCKET = ascii("websocket");
  private static final byte[][] OF_ONE_HOP = {
    ascii("connection"),
    ascii("keep-alive"),
    ascii("proxy-connection"),
    ascii("transfer-encoding"),
    ascii("upgrade")
  };
  private static final byte[] NONE = {};
  private static final int OVERHEAD = 32;

  private final int maxListSize;
  private final HeadLimits limits;
  private final ByteBuf text = Unpooled.buffer(1024);
  private final ByteBuf cookies = Unpooled.buffer(0);

  private boolean trailer;
  private String malformed = "";
  private boolean tooLarge;
  private long listSize;
  private boolean fieldsBegun;
  private byte[] method = NONE;
  private byte[] scheme = NONE;
  private byte[] authority = NONE;
  private byte[] path = NONE;
  private byte[] protocol = NONE;
  private boolean hostSeen;
  private boolean lengthSeen;
  private Priority priority = Priority.NORMAL;

  public RequestFields(HeadLimits limits) {
    this.limits = limits;
    this.maxListSize = maxListSize(limits);
  }

  /// The size of a list of fields, counted as RFC 9113 section 6.5.2 and RFC 9114 section 4.2.2 do,
  /// that a client may send: the request line and the fields.
  public static int maxListSize(HeadLimits limits) {
    return limits.startLine() + limits.headerSize() + OVERHEAD * 4;
  }

  /// Makes ready for the next list.
  public void begin(boolean ofTrailers) {
    trailer = ofTrailers;
    malformed = "";
    tooLarge = false;
    listSize = 0;
    fieldsBegun = false;
    method = scheme = authority = path = protocol = NONE;
    hostSeen = false;
    lengthSeen = false;
    priority = Priority.NORMAL;
    clear(text);
    clear(cookies);
    if (ofTrailers) {
      text.writeBytes(ascii("0\r\n"));
    }
  }

  private static void clear(ByteBuf buffer) {
    buffer.clear();
    if (buffer.capacity() > 16_384) {
      buffer.capacity(1024);
    }
  }

  /// What breaks the rules, so that the request is malformed; empty where nothing does.
  public String malformed() {
    return malformed;
  }

  /// Whether the list was larger than allowed: what was beyond is not there.
  public boolean isTooLarge() {
    return tooLarge;
  }

  public Priority priority() {
    return priority;
  }

  @Override
  public void field(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    listSize += ne - ns + ve - vs + OVERHEAD;
    if (listSize > maxListSize) {
      tooLarge = true;
      return;
    }
    if (!malformed.isEmpty()) {
      return;
    }
    if (ne > ns && name[ns] == ':') {
      pseudo(name, ns, ne, value, vs, ve);
    } else {
      regular(name, ns, ne, value, vs, ve);
    }
  }

  private void pseudo(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    if (trailer || fieldsBegun) {
      malformed = "a pseudo-header field where none may stand";
      return;
    }
    if (is(name, ns, ne, METHOD)) {
      method = once(method, value, vs, ve);
      check(Grammar.isToken(value, vs, ve), "an invalid method");
    } else if (is(name, ns, ne, SCHEME)) {
      scheme = once(scheme, value, vs, ve);
      check(
          Grammar.equalsIgnoreCase(value, vs, ve, HTTP)
              || Grammar.equalsIgnoreCase(value, vs, ve, HTTPS),
          "a scheme that is neither http nor https");
    } else if (is(name, ns, ne, AUTHORITY)) {
      authority = once(authority, value, vs, ve);
      check(Grammar.isAuthority(value, vs, ve), "an invalid authority");
    } else if (is(name, ns, ne, PATH)) {
      path = once(path, value, vs, ve);
      check(isPath(value, vs, ve), "an invalid path");
    } else if (is(name, ns, ne, PROTOCOL)) {
      protocol = once(protocol, value, vs, ve);
      check(Grammar.isToken(value, vs, ve), "an invalid protocol");
    } else {
      malformed = "an unknown pseudo-header field";
    }
  }

  private byte[] once(byte[] earlier, byte[] value, int vs, int ve) {
    check(earlier.length == 0, "a pseudo-header field that stands twice");
    check(ve > vs, "an empty pseudo-header field");
    return Arrays.copyOfRange(value, vs, ve);
  }

  private void check(boolean holds, String otherwise) {
    if (!holds && malformed.isEmpty()) {
      malformed = otherwise;
    }
  }

  private static boolean isPath(byte[] value, int vs, int ve) {
    for (int i = vs; i < ve; i++) {
      if (!Grammar.isTarget(value[i])) {
        return false;
      }
    }
    return ve > vs && (value[vs] == '/' || (ve - vs == 1 && value[vs] == '*'));
  }

  private void regular(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    if (!isValid(name, ns, ne, value, vs, ve)) {
      return;
    }
    if (!fieldsBegun) {
      fieldsBegun = true;
      if (!trailer) {
        writeStart();
      }
    }
    switch (ne - ns) {
      case 2 -> {
        boolean wrong = is(name, ns, ne, TE) && !Grammar.equalsIgnoreCase(value, vs, ve, TRAILERS);
        check(!wrong, "TE with anything but trailers");
      }
      case 4 -> {
        if (is(name, ns, ne, HOST) && !trailer && !isFirstHost(value, vs, ve)) {
          return;
        }
      }
      case 6 -> {
        if (is(name, ns, ne, COOKIE) && !trailer) {
          cookies.writeBytes(cookies.isReadable() ? ascii("; ") : ascii("cookie: "));
          cookies.writeBytes(value, vs, ve - vs);
          return;
        }
      }
      case 8 -> {
        if (is(name, ns, ne, PRIORITY)) {
          priority = Priority.parse(value, vs, ve);
        }
      }
      case 14 -> lengthSeen |= is(name, ns, ne, CONTENT_LENGTH);
      case 7, 10, 16, 17 -> {
        for (byte[] each : OF_ONE_HOP) {
          check(!is(name, ns, ne, each), "a field that belongs to connections of HTTP/1");
        }
      }
      default -> {}
    }
    text.writeBytes(name, ns, ne - ns).writeByte(':').writeByte(' ');
    text.writeBytes(value, vs, ve - vs).writeByte('\r').writeByte('\n');
  }

  private boolean isValid(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    check(ne > ns, "a field without a name");
    for (int i = ns; i < ne; i++) {
      if (!Grammar.isToken(name[i]) || (name[i] >= 'A' && name[i] <= 'Z')) {
        check(false, "a character in a field name that may not stand there");
      }
    }
    for (int i = vs; i < ve; i++) {
      if (!Grammar.isValue(value[i])) {
        check(false, "a control character in a field value");
      }
    }
    check(
        ve == vs || !(isSpace(value[vs]) || isSpace(value[ve - 1])),
        "white space around a field value");
    return malformed.isEmpty();
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  /// Whether Host has to be written: with an authority it is written already, and has to be the
  /// same.
  private boolean isFirstHost(byte[] value, int vs, int ve) {
    check(!hostSeen, "more than one Host");
    hostSeen = true;
    if (authority.length == 0) {
      return true;
    }
    byte[] lower =
        new String(authority, StandardCharsets.US_ASCII)
            .toLowerCase(java.util.Locale.ROOT)
            .getBytes(StandardCharsets.US_ASCII);
    check(Grammar.equalsIgnoreCase(value, vs, ve, lower), "a Host other than the authority");
    return false;
  }

  private boolean isConnect() {
    return Arrays.equals(method, CONNECT);
  }

  /// Whether the stream is to carry another protocol (RFC 8441).
  public boolean isTunnel() {
    return protocol.length > 0;
  }

  /// Writes what stands before the fields, once all pseudo-header fields are known.
  private void writeStart() {
    boolean plainConnect = isConnect() && protocol.length == 0;
    check(method.length > 0, "no method");
    check(protocol.length == 0 || isConnect(), "a protocol without CONNECT");
    check(!isTunnel() || authority.length > 0, "no authority");
    if (plainConnect) {
      check(scheme.length == 0 && path.length == 0, "CONNECT with a scheme or a path");
      check(authority.length > 0, "no authority");
    } else {
      check(scheme.length > 0, "no scheme");
      check(path.length > 0, "no path");
    }
    if (!malformed.isEmpty()) {
      return;
    }
    text.writeBytes(isTunnel() ? ascii("GET") : method).writeByte(' ');
    text.writeBytes(plainConnect ? authority : path).writeBytes(ascii(" HTTP/1.1\r\n"));
    if (authority.length > 0) {
      text.writeBytes(ascii("host: ")).writeBytes(authority).writeBytes(ascii("\r\n"));
    }
  }

  /// Reads the list as the head of a request.
  ///
  /// @return whether the head is a valid one; if not, it has a problem, or the list is malformed
  public boolean readHead(RequestHead head, boolean endStream) {
    if (!fieldsBegun && malformed.isEmpty()) {
      writeStart();
    }
    if (!malformed.isEmpty()) {
      return false;
    }
    check(authority.length > 0 || hostSeen || tooLarge, "neither an authority nor a Host");
    if (cookies.isReadable()) {
      text.writeBytes(cookies).writeBytes(ascii("\r\n"));
    }
    if (isTunnel()) {
      head.adding(writeUpgrade());
    } else if (!endStream && !lengthSeen) {
      text.writeBytes(ascii("transfer-encoding: chunked\r\n"));
      head.adding(1);
    }
    text.writeBytes(ascii("\r\n"));
    boolean valid = head.read(text) == MessageHead.Progress.DONE;
    if (valid && endStream) {
      check(head.contentLength() <= 0, "a length without content");
    }
    return valid && malformed.isEmpty();
  }

  /// Why a request that keeps the rules of its protocol is not served; null where it is.
  ///
  /// @param valid what [#readHead] said
  /// @param mostContent bytes; -1 for no limit
  public @Nullable LocalReply refusal(RequestHead head, boolean valid, long mostContent) {
    if (!valid) {
      return LocalReply.text(head.problem().status(), head.problem().detail() + ".", false);
    }
    if (tooLarge) {
      return LocalReply.text(
          431, "header fields larger than " + limits.headerSize() + " bytes together.", false);
    }
    if (isTunnel() && head.upgradeField() < 0) {
      return LocalReply.text(501, "CONNECT with this protocol.", false);
    }
    if (mostContent >= 0 && head.contentLength() > mostContent) {
      return tooMuchContent(mostContent);
    }
    return null;
  }

  /// The answer to content beyond a limit.
  public static LocalReply tooMuchContent(long most) {
    return LocalReply.text(
        413, "the content of a request may have " + most + " bytes at the most.", false);
  }

  /// Asks for the protocol as HTTP/1.1 does it.
  ///
  /// @return by how many lines
  private int writeUpgrade() {
    text.writeBytes(ascii("connection: upgrade\r\nupgrade: "));
    text.writeBytes(protocol).writeBytes(ascii("\r\n"));
    if (!Grammar.equalsIgnoreCase(protocol, 0, protocol.length, WEBSOCKET)) {
      return 2;
    }
    byte[] key = new byte[16];
    ThreadLocalRandom.current().nextBytes(key);
    text.writeBytes(ascii("sec-websocket-key: "));
    text.writeBytes(Base64.getEncoder().encode(key)).writeBytes(ascii("\r\n"));
    return 3;
  }

  /// Reads the list as trailer fields; null where there are none, or the list is malformed.
  public @Nullable FieldSection readTrailers() {
    if (!malformed.isEmpty()) {
      return null;
    }
    text.writeBytes(ascii("\r\n"));
    ContentReader reader = new ContentReader(limits);
    reader.begin(Framing.CHUNKED, -1);
    boolean whole = reader.read(text, ByteBuf::release) == ContentReader.Progress.DONE;
    check(whole, "invalid trailer fields");
    return whole ? reader.trailers() : null;
  }

  private static boolean is(byte[] bytes, int start, int end, byte[] word) {
    return Arrays.equals(bytes, start, end, word, 0, word.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
