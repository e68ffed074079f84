package io.whygate.gateway.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The operators' interface.
///
/// @param enabled whether it is there
/// @param door where it is reached
/// @param access who may come in
/// @param history how far back its picture of the traffic goes
/// @param limits how many may use it
public record AdminSettings(
    boolean enabled, Door door, Access access, Duration history, Limits limits) {

  /// How many may use it at the same time.
  ///
  /// @param consoles that are told what is new
  public record Limits(int connections, int consoles) {}

  /// Where it is reached.
  ///
  /// @param bind its address
  /// @param identity the certificate that it shows; empty for clear text
  /// @param hosts lower-case names under which it may be reached without a token, beside
  ///   `localhost` and IP addresses
  public record Door(
      InetSocketAddress bind, Optional<ListenerSettings.KeyPair> identity, List<String> hosts) {
    public Door {
      hosts = List.copyOf(hosts);
    }
  }

  /// Who may come in.
  ///
  /// @param token opens everything; empty where none is wanted, on a loopback address only
  /// @param readOnlyToken opens what changes nothing; empty for none
  /// @param sessions what a browser gets for a token
  /// @param attempts how often a wrong token may be shown
  public record Access(
      String token, String readOnlyToken, SessionLimits sessions, AttemptLimits attempts) {

    /// Whether nobody comes in without a token.
    public boolean isGuarded() {
      return !token.isEmpty();
    }
  }

  /// What a browser gets for a token.
  ///
  /// @param lifetime how long it lasts
  /// @param most how many there are at the same time; beyond it the oldest ends
  public record SessionLimits(Duration lifetime, int most) {}

  /// How often a wrong token may be shown.
  ///
  /// @param most wrong tokens from one address
  /// @param window the time over which they are counted
  public record AttemptLimits(int most, Duration window) {}

  public InetSocketAddress bind() {
    return door.bind();
  }

  public String token() {
    return access.token();
  }
}
