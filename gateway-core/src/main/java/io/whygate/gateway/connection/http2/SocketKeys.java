package io.whygate.gateway.connection.http2;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// The proof of a WebSocket's handshake that HTTP/1.1 has, and HTTP/2 has not (RFC 6455 section
/// 4.2.2, RFC 8441 section 5).
final class SocketKeys {
  private static final byte[] GUID =
      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(StandardCharsets.US_ASCII);

  private SocketKeys() {}

  /// The field lines by which a server of HTTP/1.1 says that it switches to WebSocket.
  static String switchedBy(byte[] key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(key);
      String accept = Base64.getEncoder().encodeToString(sha1.digest(GUID));
      return "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: "
          + accept
          + "\r\n";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-1", e);
    }
  }
}
