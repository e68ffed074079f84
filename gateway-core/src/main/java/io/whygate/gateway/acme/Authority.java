package io.whygate.gateway.acme;

import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.AcmeSettings.Wanted;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/// Who signs certificates. Its methods block, and may be called by several threads at the same
/// time.
public interface Authority {

  /// Makes the one that settings name; it is asked nothing yet.
  @FunctionalInterface
  interface Maker {
    Authority make(AcmeSettings settings, CertificateFiles files, PendingChallenges pending);
  }

  /// Orders a certificate, proves its names, and fetches it.
  ///
  /// @param replaced the one that it takes the place of
  /// @throws AuthorityException where there is none; says when to try again at the earliest
  KeyPair obtain(Wanted wanted, Optional<X509Certificate> replaced)
      throws AuthorityException, InterruptedException;

  /// When the authority wants a certificate to be replaced (RFC 9773); empty where it does not say.
  ///
  /// @throws AuthorityException where it should say, and does not
  Optional<Window> renewal(X509Certificate certificate) throws AuthorityException;

  /// A certificate that nobody signed, for these names, until there is another. Asks nobody.
  KeyPair placeholder(Collection<String> names);

  /// When a certificate is to be replaced.
  ///
  /// @param askAgain how long this holds
  record Window(Instant start, Instant end, Duration askAgain) {}
}
