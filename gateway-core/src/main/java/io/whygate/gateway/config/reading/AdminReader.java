package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.AdminSettings;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads the settings of the operators' interface.
final class AdminReader {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final Certificates certificates;

  AdminReader(Certificates certificates) {
    this.certificates = certificates;
  }

  /// @param listeners those of the configuration: none may be at its address
  AdminSettings read(Section section, List<ListenerSettings> listeners) {
    boolean enabled = section.get("enabled").flag();
    Setting bind = section.get("bind");
    AdminSettings.Access access = access(section);
    Optional<InetSocketAddress> address = Addresses.bind(bind);
    if (enabled && address.isPresent()) {
      if (!access.isGuarded() && !address.get().getAddress().isLoopbackAddress()) {
        section
            .get("token")
            .rejectAt(
                bind, "missing", "a token, since " + bind.found() + " is no loopback address");
      }
      for (ListenerSettings listener : listeners) {
        if (overlap(address.get(), listener.bind())) {
          bind.reject(
              bind.found() + " overlaps with the listener " + listener.name(),
              "an address and port of its own");
        }
      }
    }
    InetSocketAddress fallback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    List<String> hosts = section.get("hosts").each("host names", AdminReader::hostName);
    return new AdminSettings(
        enabled,
        new AdminSettings.Door(address.orElse(fallback), identity(section.section("tls")), hosts),
        access,
        section.get("history").duration(MINUTE, DAY),
        new AdminSettings.Limits(
            section.get("max-connections").integer(1, 100_000),
            section.get("max-consoles").integer(1, 10_000)));
  }

  private static AdminSettings.Access access(Section section) {
    String token = token(section.get("token"));
    Setting readOnly = section.get("read-only-token");
    String readOnlyToken = token(readOnly);
    if (!readOnlyToken.isEmpty() && token.isEmpty()) {
      readOnly.reject("none without admin.token: whoever comes would have every right");
    }
    if (!readOnlyToken.isEmpty() && readOnlyToken.equals(token)) {
      readOnly.reject("another one than admin.token");
    }
    Section session = section.section("session");
    Section login = section.section("login");
    return new AdminSettings.Access(
        token,
        readOnlyToken,
        new AdminSettings.SessionLimits(
            session.get("lifetime").duration(MINUTE, Duration.ofDays(90)),
            session.get("max").integer(1, 100_000)),
        new AdminSettings.AttemptLimits(
            login.get("attempts").integer(1, 1_000_000),
            login.get("window").duration(Duration.ofSeconds(1), DAY)));
  }

  private static String token(Setting setting) {
    String token = setting.text().strip();
    if (!token.matches("[A-Za-z0-9._~+/=-]*")) {
      setting.reject("letters, digits and . _ ~ + / - = alone, as a bearer token has");
    }
    return token;
  }

  private Optional<KeyPair> identity(Section section) {
    Setting certificate = section.get("certificate");
    Setting key = section.get("key");
    return certificate.text().isEmpty() && key.text().isEmpty()
        ? Optional.empty()
        : certificates.keyPair(certificate, key);
  }

  static boolean overlap(SocketAddress one, SocketAddress other) {
    return one instanceof InetSocketAddress a
        && other instanceof InetSocketAddress b
        && overlap(a, b);
  }

  private static boolean overlap(InetSocketAddress one, InetSocketAddress other) {
    if (one.getPort() != other.getPort() || one.getPort() == 0) {
      return false;
    }
    InetAddress a = one.getAddress();
    InetAddress b = other.getAddress();
    boolean sameFamily = a.getAddress().length == b.getAddress().length;
    return a.equals(b) || (sameFamily && (a.isAnyLocalAddress() || b.isAnyLocalAddress()));
  }

  private static Optional<String> hostName(Setting setting) {
    return setting.parse(
        "a host name without a port",
        text ->
            text.matches("[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?")
                ? Optional.of(text.toLowerCase(Locale.ROOT))
                : Optional.empty());
  }
}
