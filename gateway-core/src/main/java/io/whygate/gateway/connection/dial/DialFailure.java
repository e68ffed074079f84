package io.whygate.gateway.connection.dial;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.TcpFacts;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.WireFacts;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// Why no connection could be made.
///
/// @param failure the most telling failure, where several addresses failed
/// @param address where it happened; empty where no address was known, or for a Unix socket
/// @param timeline its times, since the connection was asked for
/// @param tcp what the kernel knew of it, where there was a connection or a try of one
/// @param received bytes that came during the TLS handshake
/// @param firstBytes the first of them, a character a byte
/// @param addresses every address that failed, in the order in which they failed
/// @param isShared whether it is another's failure of a moment ago: nothing was tried
public record DialFailure(
    AttemptFailure failure,
    Optional<InetAddress> address,
    Timeline timeline,
    Optional<TcpFacts> tcp,
    long received,
    String firstBytes,
    List<FailedAddress> addresses,
    boolean isShared) {
  public DialFailure {
    addresses = List.copyOf(addresses);
  }

  /// The ICMP message that said so; empty where none did, or where the system does not tell.
  public Optional<IcmpMessage> icmp() {
    return addresses.stream()
        .filter(each -> address.filter(each.address()::equals).isPresent())
        .flatMap(each -> each.icmp().stream())
        .findFirst();
  }

  /// The try at an endpoint that failed by it.
  public FailedAttempt at(Endpoint endpoint) {
    return new FailedAttempt(
        endpoint,
        address,
        failure,
        timeline,
        ConnectionUse.FRESH,
        0,
        received,
        firstBytes,
        tcp,
        WireFacts.told(icmp()));
  }

  /// The same failure for one who asks later, and does not wait for it.
  public DialFailure again() {
    Timeline now =
        new Timeline(
            atOnce(timeline.resolved()),
            atOnce(timeline.connected()),
            atOnce(timeline.secured()),
            Timeline.NEVER,
            Timeline.NEVER,
            0);
    return new DialFailure(failure, address, now, tcp, received, firstBytes, addresses, true);
  }

  private static long atOnce(long micros) {
    return micros == Timeline.NEVER ? Timeline.NEVER : 0;
  }
}
