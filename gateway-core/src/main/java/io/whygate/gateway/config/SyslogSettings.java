package io.whygate.gateway.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/// What servers on other hosts may send by syslog.
///
/// @param listeners where it is received; none for not at all
/// @param senders networks from which it is taken
/// @param maxSenders of which messages are kept
/// @param maxMessages kept for each sender
/// @param maxMessageSize what is kept of one, bytes
/// @param maxConnections at the same time
public record SyslogSettings(
    List<Door> listeners,
    List<Cidr> senders,
    int maxSenders,
    int maxMessages,
    int maxMessageSize,
    int maxConnections) {
  public SyslogSettings {
    listeners = List.copyOf(listeners);
    senders = List.copyOf(senders);
  }

  /// One place where messages are received.
  ///
  /// @param identity the certificate; there for TLS, and for TLS alone
  public record Door(
      InetSocketAddress bind, Transport transport, Optional<ListenerSettings.KeyPair> identity) {}

  /// How messages come.
  public enum Transport {
    /// One message a datagram (RFC 5426).
    UDP,
    /// A stream of messages, counted or by lines (RFC 6587).
    TCP,
    /// The same within TLS (RFC 5425).
    TLS
  }

  /// Whether messages of this sender are taken.
  public boolean isSender(InetAddress address) {
    return senders.stream().anyMatch(network -> network.contains(address));
  }
}
