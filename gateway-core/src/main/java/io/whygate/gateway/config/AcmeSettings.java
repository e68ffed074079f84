package io.whygate.gateway.config;

import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How certificates are had from an authority by ACME (RFC 8555).
///
/// @param directory the URL of the authority's directory
/// @param account what the authority is told of who asks
/// @param storage the folder in which account and certificates are kept
/// @param trusted certificates that are trusted towards the authority; empty for the system's
/// @param challenges the ways to prove a name, the preferred first
/// @param certificate what the certificates are like, and when they are replaced
/// @param pace how long is waited, and how often it is tried
public record AcmeSettings(
    URI directory,
    Account account,
    Path storage,
    List<X509Certificate> trusted,
    List<Challenge> challenges,
    Kind certificate,
    Pace pace) {
  public AcmeSettings {
    trusted = List.copyOf(trusted);
    challenges = List.copyOf(challenges);
  }

  /// What the authority is told of who asks.
  ///
  /// @param email where it may write to; empty for none
  /// @param agreed whether its terms of service are agreed to
  public record Account(String email, boolean agreed, Optional<ExternalAccount> external) {}

  /// An account of another kind with the authority (RFC 8555 section 7.3.4).
  ///
  /// @param macKey the key that the authority gave, as it gave it: base64url
  public record ExternalAccount(String keyId, String macKey) {}

  /// A way to prove a name.
  public enum Challenge {
    /// A file at a path of the name, over clear text (RFC 8555 section 8.3).
    HTTP_01("http-01"),
    /// A certificate that is shown in a handshake of its own (RFC 8737).
    TLS_ALPN_01("tls-alpn-01");

    private final String label;

    Challenge(String label) {
      this.label = label;
    }

    /// The name that the registry of ACME has for it.
    public String label() {
      return label;
    }
  }

  /// What kind of key certificates are for.
  public enum Key {
    ECDSA_P256,
    ECDSA_P384,
    RSA_2048,
    RSA_3072,
    RSA_4096
  }

  /// What certificates are like.
  ///
  /// @param profile what the authority calls the kind of certificate; empty for its usual one
  /// @param renewBefore the share of a lifetime that is left when a certificate is replaced, where
  ///   the authority does not say when
  public record Kind(Key key, String profile, double renewBefore) {}

  /// How long is waited, and how often it is tried.
  ///
  /// @param timeout the limit of one question to the authority
  /// @param order from an order to its certificate
  /// @param backOff after the first failure; doubled with each further one
  /// @param orders at the same time
  public record Pace(
      Duration timeout, Duration order, Duration backOff, Duration longestBackOff, int orders) {}

  /// A certificate that is wanted.
  ///
  /// @param names in lower case, the first of which it is called by
  public record Wanted(List<String> names) {
    public Wanted {
      names = List.copyOf(names);
    }

    public String name() {
      return names.getFirst();
    }
  }
}
