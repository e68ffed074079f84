package io.whygate.gateway.acme;

import io.whygate.gateway.acme.CertificateStatus.Failure;
import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.AcmeSettings.Wanted;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.io.IOException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One certificate that is wanted: asked for where it is not there, replaced in time, tried again
/// after a failure. A virtual thread of its own, which mostly sleeps.
final class ManagedCertificate implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ManagedCertificate.class);
  private static final Duration USUAL_LOOK = Duration.ofHours(12);
  private static final int DNS_NAME = 2;
  private static final int MOST_DOUBLINGS = 20;

  private final Wanted wanted;
  private final AcmeSettings settings;
  private final Surroundings surroundings;
  private volatile @Nullable KeyPair current;
  private volatile @Nullable Instant next;
  private volatile int failures;
  private volatile @Nullable Failure lastFailure;
  private double drawn = ThreadLocalRandom.current().nextDouble();

  /// What all of an authority share.
  ///
  /// @param orders lets so many order at the same time
  /// @param issued runs whenever there is a new certificate
  record Surroundings(
      Authority authority,
      CertificateFiles files,
      Semaphore orders,
      Runnable issued,
      AcmeCertificates.Results results,
      InstantSource clock) {}

  /// Takes what was kept of it.
  ManagedCertificate(Wanted wanted, AcmeSettings settings, Surroundings surroundings) {
    this.wanted = wanted;
    this.settings = settings;
    this.surroundings = surroundings;
    this.current = surroundings.files().read(wanted).filter(this::isStillValid).orElse(null);
  }

  private boolean isStillValid(KeyPair pair) {
    return pair.chain().getFirst().getNotAfter().toInstant().isAfter(now());
  }

  Optional<KeyPair> current() {
    return Optional.ofNullable(current);
  }

  CertificateStatus status() {
    KeyPair held = current;
    return new CertificateStatus(
        wanted.names(),
        settings.directory().getHost(),
        held == null ? Optional.empty() : Optional.of(held.chain().getFirst()),
        Optional.ofNullable(next),
        failures,
        Optional.ofNullable(lastFailure));
  }

  @Override
  public void run() {
    try {
      while (true) {
        Instant until;
        try {
          until = look();
        } catch (RuntimeException | Error e) {
          LOG.error("an unexpected error ended a look at {}", name(), e);
          until = failed(e.toString(), false, Optional.empty());
        }
        next = until;
        surroundings.results().settled();
        Thread.sleep(Duration.between(now(), until));
        next = null;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Does what is to be done at this moment.
  ///
  /// @return when to look again
  private Instant look() throws InterruptedException {
    KeyPair held = current;
    if (held == null || !suits(held)) {
      return order(Optional.ofNullable(held));
    }
    X509Certificate certificate = held.chain().getFirst();
    Optional<Authority.Window> wish = wishFor(certificate);
    Instant due =
        new RenewalTime(settings.certificate().renewBefore(), drawn).of(certificate, wish);
    if (!now().isBefore(due)) {
      return order(Optional.of(held));
    }
    failures = 0;
    lastFailure = null;
    Instant again = now().plus(wish.map(Authority.Window::askAgain).orElse(USUAL_LOOK));
    return due.isBefore(again) ? due : again;
  }

  private Optional<Authority.Window> wishFor(X509Certificate certificate) {
    try {
      return surroundings.authority().renewal(certificate);
    } catch (AuthorityException e) {
      LOG.info("{} does not say when {} is to be renewed: {}", host(), name(), e.getMessage());
      return Optional.empty();
    } catch (RuntimeException | Error e) {
      LOG.error("an unexpected error ended a question when {} is to be renewed", name(), e);
      return Optional.empty();
    }
  }

  private Instant order(Optional<KeyPair> held) throws InterruptedException {
    surroundings.orders().acquire();
    try {
      surroundings.files().open();
      KeyPair fresh =
          surroundings.authority().obtain(wanted, held.map(each -> each.chain().getFirst()));
      if (!suits(fresh)) {
        throw new AuthorityException("it signed a certificate for other names", null);
      }
      surroundings.files().keep(wanted, fresh);
      issued(fresh);
      return now().plus(settings.pace().backOff());
    } catch (AuthorityException e) {
      return failed(String.valueOf(e.getMessage()), e.isRateLimited(), e.notBefore());
    } catch (IOException e) {
      return failed("acme.storage: " + e.getMessage(), false, Optional.empty());
    } finally {
      surroundings.orders().release();
    }
  }

  private void issued(KeyPair fresh) {
    drawn = ThreadLocalRandom.current().nextDouble();
    current = fresh;
    failures = 0;
    lastFailure = null;
    surroundings.results().ordered("issued");
    LOG.info(
        "{} signed a certificate for {}, valid until {}",
        host(),
        String.join(", ", wanted.names()),
        fresh.chain().getFirst().getNotAfter().toInstant());
    surroundings.issued().run();
  }

  private Instant failed(String why, boolean rateLimited, Optional<Instant> notBefore) {
    Instant now = now();
    lastFailure = new Failure(now, why);
    int tries = failures + 1;
    failures = tries;
    surroundings.results().ordered(rateLimited ? "rate-limited" : "failed");
    Instant after = now.plus(pause(tries, ThreadLocalRandom.current().nextDouble()));
    Instant again = notBefore.filter(each -> each.isAfter(after)).orElse(after);
    LOG.warn(
        "No certificate for {} from {}, try {}: {}; tried again at {}{}",
        String.join(", ", wanted.names()),
        host(),
        tries,
        why,
        again,
        current == null ? "" : ", the one at hand is shown meanwhile");
    return again;
  }

  /// The time after so many failures: doubled with each, a little more or less by chance.
  private Duration pause(int tries, double chance) {
    AcmeSettings.Pace pace = settings.pace();
    double factor = Math.scalb(0.9 + 0.2 * chance, Math.min(tries - 1, MOST_DOUBLINGS));
    double millis =
        Math.min((double) pace.longestBackOff().toMillis(), pace.backOff().toMillis() * factor);
    return Duration.ofMillis((long) millis);
  }

  /// Whether a certificate has all the names, and a key of the kind that is wanted.
  private boolean suits(KeyPair pair) {
    X509Certificate certificate = pair.chain().getFirst();
    String algorithm = settings.certificate().key().name().startsWith("RSA") ? "RSA" : "EC";
    return certificate.getPublicKey().getAlgorithm().equals(algorithm)
        && namesOf(certificate).containsAll(wanted.names());
  }

  private static Set<String> namesOf(X509Certificate certificate) {
    Set<String> names = new HashSet<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      for (List<?> each : all == null ? List.<List<?>>of() : all) {
        if (each.getFirst() instanceof Integer kind && kind == DNS_NAME) {
          names.add(String.valueOf(each.get(1)).toLowerCase(Locale.ROOT));
        }
      }
    } catch (CertificateParsingException _) {
      return Set.of();
    }
    return names;
  }

  private Instant now() {
    return surroundings.clock().instant();
  }

  private String name() {
    return wanted.name();
  }

  private String host() {
    return String.valueOf(settings.directory().getHost());
  }
}
