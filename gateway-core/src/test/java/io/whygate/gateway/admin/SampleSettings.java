package io.whygate.gateway.admin;

import io.whygate.gateway.config.AdminSettings;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Settings of an admin interface on loopback.
final class SampleSettings {
  private SampleSettings() {}

  /// On any port.
  ///
  /// @param token with the full role; empty for none, then nobody needs one
  /// @param reader with the role to read; empty for none
  /// @param attempts how many wrong tokens are answered a minute
  static AdminSettings of(String token, String reader, int attempts, Optional<KeyPair> identity) {
    return at(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        token,
        reader,
        attempts,
        identity);
  }

  static AdminSettings at(
      InetSocketAddress bind,
      String token,
      String reader,
      int attempts,
      Optional<KeyPair> identity) {
    return new AdminSettings(
        true,
        new AdminSettings.Door(bind, identity, List.of("ops.example")),
        new AdminSettings.Access(
            token,
            reader,
            new AdminSettings.SessionLimits(Duration.ofHours(1), 2),
            new AdminSettings.AttemptLimits(attempts, Duration.ofMinutes(1))),
        Duration.ofMinutes(15),
        new AdminSettings.Limits(256, 64));
  }
}
