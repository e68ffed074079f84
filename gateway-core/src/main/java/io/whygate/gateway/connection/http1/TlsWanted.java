package io.whygate.gateway.connection.http1;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.ResponseHead;
import java.nio.charset.StandardCharsets;

/// Recognises the answer by which a server says that plain HTTP was sent to its HTTPS port: the 400
/// of nginx, Apache, Go and Tomcat.
final class TlsWanted {
  private static final int LOOKED_AT = 2048;
  private static final String[] WORDS = {
    "plain HTTP request was sent to HTTPS port",
    "speaking plain HTTP to an SSL-enabled server port",
    "sent an HTTP request to an HTTPS server",
    "combination of host and port requires TLS"
  };

  private TlsWanted() {}

  /// How many bytes of content have to be there before [#isSaidBy] can tell; 0 where the answer
  /// cannot say so.
  static int bytesToTell(ResponseHead head) {
    if (head.status() != 400 || head.framing() == Framing.NONE) {
      return 0;
    }
    return head.framing() == Framing.LENGTH ? (int) Math.min(head.contentLength(), LOOKED_AT) : 1;
  }

  /// Whether the content says so; the buffer stays as it is.
  static boolean isSaidBy(ByteBuf content) {
    int n = Math.min(content.readableBytes(), LOOKED_AT);
    String text = content.toString(content.readerIndex(), n, StandardCharsets.ISO_8859_1);
    for (String words : WORDS) {
      if (text.contains(words)) {
        return true;
      }
    }
    return false;
  }
}
