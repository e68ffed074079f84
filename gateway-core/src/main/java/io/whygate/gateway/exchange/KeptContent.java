package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.redaction.Redaction;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// The beginning of a request's content, kept in case it fails: only where a setting asks for it.
final class KeptContent {
  private final int limit;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
  private boolean whole = true;
  private boolean ended;

  KeptContent(int limit) {
    this.limit = limit;
  }

  /// Copies from a piece, which stays the caller's.
  void keep(ByteBuf piece) {
    int n = Math.min(piece.readableBytes(), limit - bytes.size());
    if (n < piece.readableBytes()) {
      whole = false;
    }
    if (n > 0) {
      byte[] copy = new byte[n];
      piece.getBytes(piece.readerIndex(), copy);
      bytes.write(copy, 0, n);
    }
  }

  /// Says that no more will come.
  void end() {
    ended = true;
  }

  /// Whether all of it came, and is here.
  boolean isWhole() {
    return whole && ended;
  }

  /// The content, a character a byte; the secrets of a form are taken out.
  String text(String contentType) {
    String text = bytes.toString(StandardCharsets.ISO_8859_1);
    return contentType.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")
        ? Redaction.query(text)
        : text;
  }
}
