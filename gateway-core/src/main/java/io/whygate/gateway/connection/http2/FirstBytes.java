package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.gateway.http2.Frames;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The first bytes of a server that is spoken to in HTTP/2: they have to be a frame (RFC 9113
/// section 3.4). Confined to its event loop.
final class FirstBytes {
  private static final byte[] HTTP1 = "HTTP/".getBytes(StandardCharsets.US_ASCII);
  private static final int TLS_ALERT = 0x15;
  private static final int TLS_HANDSHAKE = 0x16;

  private byte[] bytes = {};

  /// Keeps the first of these bytes; the buffer stays as it is.
  void came(ByteBuf in) {
    int room = FailedAttempt.FIRST_BYTES - bytes.length;
    if (room > 0) {
      byte[] more =
          ByteBufUtil.getBytes(in, in.readerIndex(), Math.min(room, in.readableBytes()), true);
      int before = bytes.length;
      bytes = Arrays.copyOf(bytes, before + more.length);
      System.arraycopy(more, 0, bytes, before, more.length);
    }
  }

  /// How many came, as far as they are kept.
  int count() {
    return bytes.length;
  }

  /// The bytes, a character a byte.
  String text() {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /// Whether enough is there to judge.
  boolean canTell() {
    return bytes.length >= (startsLikeFrame() ? Frames.HEAD : HTTP1.length);
  }

  /// Whether they are the beginning of a frame.
  boolean isFrame() {
    return startsLikeFrame()
        && bytes.length >= Frames.HEAD
        && bytes[3] >= Frames.DATA
        && bytes[3] <= Frames.PRIORITY_UPDATE;
  }

  /// Whether they may be a frame: no server begins with one of 64 KiB or more.
  private boolean startsLikeFrame() {
    return bytes.length == 0 || bytes[0] == 0;
  }

  /// What they are, where they are no frame.
  AttemptFailure failure() {
    ResponseProblem problem = problem();
    String words =
        switch (problem) {
          case NOT_HTTP2 -> "HTTP/2 was spoken, and the answer is HTTP/1";
          case TLS_RECORD -> "the answer is a TLS record";
          default -> "the answer does not begin with a frame of HTTP/2";
        };
    return new AttemptFailure.MalformedResponse(Phase.AWAIT_RESPONSE, problem, words, 0, -1);
  }

  private ResponseProblem problem() {
    if (Arrays.equals(bytes, 0, Math.min(bytes.length, HTTP1.length), HTTP1, 0, HTTP1.length)) {
      return ResponseProblem.NOT_HTTP2;
    }
    boolean tls =
        bytes.length >= 3 && (bytes[0] == TLS_ALERT || bytes[0] == TLS_HANDSHAKE) && bytes[1] == 3;
    return tls ? ResponseProblem.TLS_RECORD : ResponseProblem.NOT_HTTP;
  }
}
