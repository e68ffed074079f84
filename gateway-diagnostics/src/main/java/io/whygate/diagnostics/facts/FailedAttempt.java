package io.whygate.diagnostics.facts;

import java.net.InetAddress;
import java.util.Optional;

/// One try at one endpoint that failed.
///
/// @param endpoint where it was tried
/// @param address the address it was tried at; empty where none was known, or for a Unix socket
/// @param failure why it failed
/// @param timeline when its phases ended
/// @param use what its connection had been through
/// @param bytesSent bytes of the request that were handed to the system
/// @param bytesReceived bytes of an answer that came
/// @param firstBytes the first bytes of the answer, at most 256, one character (U+0000 to U+00FF) a
///   byte
/// @param tcp what the kernel knew of the connection, where the transport tells
/// @param wire what else the wire showed
public record FailedAttempt(
    Endpoint endpoint,
    Optional<InetAddress> address,
    AttemptFailure failure,
    Timeline timeline,
    ConnectionUse use,
    long bytesSent,
    long bytesReceived,
    String firstBytes,
    Optional<TcpFacts> tcp,
    WireFacts wire) {
  /// How many of an answer's first bytes are kept.
  public static final int FIRST_BYTES = 256;

  /// A try of whose wire nothing more is known.
  public FailedAttempt(
      Endpoint endpoint,
      Optional<InetAddress> address,
      AttemptFailure failure,
      Timeline timeline,
      ConnectionUse use,
      long bytesSent,
      long bytesReceived,
      String firstBytes,
      Optional<TcpFacts> tcp) {
    this(
        endpoint,
        address,
        failure,
        timeline,
        use,
        bytesSent,
        bytesReceived,
        firstBytes,
        tcp,
        WireFacts.NONE);
  }

  /// Whether it is proven that no server read the request: the server had ended this connection,
  /// which was used before, when nothing of the request had come to it. Its FIN tells, by what it
  /// acknowledges; a reset does not, since a server that dies sends one for what it left unread.
  public boolean isUnread() {
    return use.isReused()
        && bytesReceived == 0
        && failure instanceof AttemptFailure.ConnectionLost(_, Closing closing)
        && closing != Closing.RESET
        && tcp.filter(facts -> facts.acknowledged() == 0).isPresent();
  }

  /// Whether an accepted connection lost what was sent on it: it was sent again, and never
  /// acknowledged. A silent application acknowledges, as its kernel does that.
  public boolean isUnacknowledged() {
    return timeline.connected() != Timeline.NEVER
        && tcp.filter(facts -> facts.unacked() > 0 && facts.retransmits() > 0).isPresent();
  }
}
