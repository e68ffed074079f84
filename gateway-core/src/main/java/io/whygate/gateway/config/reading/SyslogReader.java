package io.whygate.gateway.config.reading;

import static io.whygate.gateway.config.reading.Bounds.KIB;

import io.whygate.gateway.config.Cidr;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.SyslogSettings;
import io.whygate.gateway.config.SyslogSettings.Transport;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/// Reads where messages of other hosts are received.
final class SyslogReader {
  private static final Section.Defaults KEYS =
      Section.Defaults.none("bind", "transport", "certificate", "key");

  private final Certificates certificates;

  SyslogReader(Certificates certificates) {
    this.certificates = certificates;
  }

  SyslogSettings read(Section section) {
    List<SyslogSettings.Door> doors =
        section
            .get("listeners")
            .each("{ bind = \"ADDRESS:PORT\", transport = udp, tcp or tls }", this::door);
    List<Cidr> senders = section.get("senders").each("networks", Addresses::network);
    if (!doors.isEmpty() && section.get("senders").isEmptyList()) {
      section
          .get("senders")
          .rejectAt(
              section.get("listeners"),
              "missing",
              "the networks of the servers, such as [\"10.0.0.0/8\"]");
    }
    return new SyslogSettings(
        doors,
        senders,
        section.get("max-senders").integer(1, 10_000),
        section.get("max-messages").integer(1, 100_000),
        (int) section.get("max-message-size").size(480, 64 * KIB),
        section.get("max-connections").integer(1, 10_000));
  }

  private Optional<SyslogSettings.Door> door(Setting element) {
    return Section.of(element, KEYS).flatMap(this::door);
  }

  private Optional<SyslogSettings.Door> door(Section section) {
    Optional<InetSocketAddress> bind = Addresses.bind(section.get("bind"));
    Transport transport =
        section.isSet("transport")
            ? section.get("transport").choice(Transport.class)
            : Transport.UDP;
    Optional<KeyPair> identity = Optional.empty();
    if (transport == Transport.TLS) {
      identity = certificates.keyPair(section.get("certificate"), section.get("key"));
      if (identity.isEmpty()) {
        return Optional.empty();
      }
    } else if (section.isSet("certificate")) {
      section.get("certificate").reject("no certificate but with transport = tls");
    }
    Optional<KeyPair> shown = identity;
    return bind.map(address -> new SyslogSettings.Door(address, transport, shown));
  }
}
