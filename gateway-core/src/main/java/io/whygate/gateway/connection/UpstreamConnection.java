package io.whygate.gateway.connection;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.Optional;

/// A connection to an endpoint as its pool sees it, whatever protocol it speaks: HTTP/1.1 carries
/// one exchange at a time, other protocols may carry many.
///
/// Confined to its event loop; tells its [ConnectionOwner] when it can carry another exchange, and
/// when it is closed.
public interface UpstreamConnection {
  Channel channel();

  /// The address that it leads to; empty for a Unix socket.
  Optional<InetAddress> address();

  /// Requests that were sent over it so far.
  long requests();

  long establishedNanos();

  /// When it last became idle; its establishment where it has never been used.
  long idleSinceNanos();

  /// How long it may lie idle by what the server itself says, with a margin; as long as anybody
  /// likes where it says nothing.
  default long idleLimitNanos() {
    return Long.MAX_VALUE;
  }

  /// Whether it is open and can carry one exchange more.
  boolean isReusable();

  /// Whether it may carry several exchanges at the same time.
  boolean isShared();

  /// How many exchanges it may carry at the same time.
  int capacity();

  /// How many it carries.
  int carried();

  /// Whether it can carry another protocol for one exchange, beside others (RFC 8441).
  boolean carriesTunnels();

  /// Takes no further exchange, and closes once it carries none.
  void retire();

  /// The way for one exchange more; asked for only while [#isReusable].
  UpstreamStream stream();

  /// Closes it; exchanges that it carries fail.
  void close();
}
