package io.whygate.gateway.connection;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.http.Framing;

/// The head of a request as an endpoint is to see it, in the words of the protocol that carries it.
public interface OutgoingRequest {
  /// Whether the method is HEAD: its answer has no content.
  boolean isHead();

  /// Whether it asks for another protocol on its connection (RFC 9110 section 7.8).
  boolean asksForUpgrade();

  /// Whether the client takes trailer fields (RFC 9110 section 10.1.4).
  boolean takesTrailers();

  /// Whether content follows, and how its length is known.
  Framing framing();

  /// About how many bytes it takes in HTTP/1.1.
  int sizeHint();

  /// Writes it as HTTP/1.1 (RFC 9112 section 2.1), the empty line included.
  void writeHttp1(ByteBuf out);
}
