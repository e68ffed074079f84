package io.whygate.gateway.ocsp;

import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.OcspStapling;
import io.whygate.gateway.ocsp.StapleStatus.State;
import io.whygate.gateway.posting.HttpPost;
import io.whygate.gateway.trust.Trust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The newest proof that one certificate was not revoked: fetched, replaced when half of its time
/// is over, asked for again after a failure. A virtual thread of its own, which mostly sleeps.
final class Staple implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Staple.class);
  private static final int MOST_DOUBLINGS = 20;

  /// No answer is asked for again sooner, however short it holds.
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final X509Certificate certificate;
  private final Optional<X509Certificate> issuer;
  private final boolean mustStaple;
  private final Surroundings surroundings;
  private volatile @Nullable OcspAnswer current;
  private volatile @Nullable URI responder;
  private volatile @Nullable Instant next;
  private volatile int failures;
  private volatile @Nullable String why;
  private volatile boolean unaskable;

  /// Open once it is known for the first time what there is to staple.
  private final CountDownLatch known = new CountDownLatch(1);

  /// What all staples share.
  ///
  /// @param questions lets so many ask at the same time
  /// @param files where answers are kept over a restart; null for nowhere
  record Surroundings(
      OcspStapling settings,
      Semaphore questions,
      @Nullable StapleFiles files,
      OcspStaples.Results results,
      InstantSource clock) {}

  Staple(KeyPair pair, Surroundings surroundings) {
    List<X509Certificate> chain = pair.chain();
    this.certificate = chain.getFirst();
    this.issuer =
        chain.stream()
            .skip(chain.size() > 1 ? 1 : 0)
            .filter(
                each -> each.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()))
            .findFirst();
    this.mustStaple = Extensions.mustStaple(certificate);
    this.surroundings = surroundings;
  }

  /// The answer for clients, DER, not to be changed; null where there is none that proves anything
  /// at this moment. For all threads.
  byte @Nullable [] bytes() {
    OcspAnswer held = current;
    return held != null && held.revoked().isEmpty() && now().isBefore(held.until())
        ? held.response()
        : null;
  }

  StapleStatus status() {
    OcspAnswer held = current;
    int tries = failures;
    State state =
        unaskable
            ? State.OFF
            : held != null && held.revoked().isPresent()
                ? State.REVOKED
                : bytes() != null ? State.STAPLED : tries == 0 ? State.WAITING : State.FAILED;
    return new StapleStatus(
        state,
        mustStaple,
        Optional.ofNullable(responder).map(URI::toString),
        Optional.ofNullable(held).map(OcspAnswer::thisUpdate),
        Optional.ofNullable(held).map(OcspAnswer::until),
        Optional.ofNullable(next),
        tries,
        Optional.ofNullable(held).flatMap(OcspAnswer::revoked).or(() -> Optional.ofNullable(why)));
  }

  /// Takes over what another one of the same certificate knows. Before it runs.
  void goOnFrom(Staple other) {
    current = other.current;
    responder = other.responder;
  }

  /// Whether there is nobody to ask, and so never an answer.
  boolean isUnaskable() {
    return unaskable;
  }

  /// Waits until it is known for the first time what there is to staple, and no longer than this.
  void awaitFirst(Duration most) throws InterruptedException {
    boolean _ = known.await(most.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void run() {
    try {
      if (!isAskable()) {
        return;
      }
      Instant until = recall();
      if (bytes() != null) {
        known.countDown();
      }
      while (true) {
        next = until;
        Duration pause = Duration.between(now(), until);
        if (pause.isPositive()) {
          Thread.sleep(pause);
        }
        next = null;
        until = ask();
        known.countDown();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      known.countDown();
    }
  }

  /// Whether the certificate names a responder that is asked over HTTP; where it does not, it never
  /// will, and this is said once.
  private boolean isAskable() {
    if (OcspMessages.responder(certificate).isPresent()) {
      return true;
    }
    why = "it names no responder with an address of HTTP";
    unaskable = true;
    LOG.warn(
        "The certificate {} names a responder, but none with an address of HTTP: nothing is stapled{}",
        name(),
        mustStaple ? ", and clients refuse it, as it demands a staple (RFC 7633)" : "");
    return false;
  }

  /// Takes what was kept of it.
  ///
  /// @return when to ask
  private Instant recall() {
    StapleFiles files = surroundings.files();
    byte[] kept = files == null || current != null ? null : files.read(certificate).orElse(null);
    if (kept == null || issuer.isEmpty()) {
      return now();
    }
    try {
      OcspAnswer answer = new OcspMessages(certificate, issuer.get()).read(kept, now());
      current = answer;
      responder = OcspMessages.responder(certificate).orElse(null);
      return answer.revoked().isPresent() ? now() : again(answer);
    } catch (OcspException | RuntimeException | Error e) {
      LOG.debug("an answer that was kept is of no use any more", e);
      return now();
    }
  }

  /// Asks the responder.
  ///
  /// @return when to ask again
  private Instant ask() throws InterruptedException {
    surroundings.questions().acquire();
    try {
      OcspAnswer answer = answer();
      OcspAnswer held = current;
      if (held != null && answer.thisUpdate().isBefore(held.thisUpdate())) {
        // Whoever is on the way could play back one that was good before a revocation.
        throw new OcspException(
            "its answer of " + answer.thisUpdate() + " is older than the one at hand");
      }
      Instant again = again(answer);
      // Before the answer: who sees the one sees the other.
      next = again;
      took(answer);
      return again;
    } catch (OcspException | IOException e) {
      return failed(String.valueOf(e.getMessage() == null ? e : e.getMessage()));
    } catch (RuntimeException | Error e) {
      LOG.error("an unexpected error ended a question about {}", name(), e);
      return failed(e.toString());
    } finally {
      surroundings.questions().release();
    }
  }

  private OcspAnswer answer() throws OcspException, IOException, InterruptedException {
    URI uri =
        OcspMessages.responder(certificate)
            .orElseThrow(() -> new OcspException("the responder's address cannot be used"));
    responder = uri;
    if (issuer.isEmpty()) {
      throw new OcspException(
          "the issuer's certificate is not in the file: append it, or no answer can be verified");
    }
    OcspMessages messages = new OcspMessages(certificate, issuer.get());
    HttpPost post = new HttpPost(uri, surroundings.settings().timeout(), Trust.usual());
    try (HttpClient client = post.client()) {
      HttpPost.Reply reply =
          post.send(
              client,
              messages.question(),
              Map.of(
                  "Content-Type",
                  "application/ocsp-request",
                  "Accept",
                  "application/ocsp-response"));
      client.shutdownNow();
      if (!reply.isSuccess()) {
        throw new OcspException("the responder answers " + reply.status());
      }
      return messages.read(reply.body(), now());
    }
  }

  private void took(OcspAnswer answer) {
    OcspAnswer before = current;
    boolean news = before == null || !before.revoked().equals(answer.revoked());
    boolean mended = failures > 0;
    current = answer;
    failures = 0;
    why = answer.revoked().orElse(null);
    surroundings.results().asked(answer.revoked().isPresent() ? "revoked" : "good");
    if (answer.revoked().isPresent()) {
      if (news) {
        LOG.error(
            "The certificate {} was {}, says {}: replace it, clients will refuse it",
            name(),
            answer.revoked().get(),
            responder);
      }
    } else if (mended || news) {
      LOG.info("{} vouches for {} until {}", responder, name(), answer.until());
    }
    keep(answer);
  }

  private void keep(OcspAnswer answer) {
    StapleFiles files = surroundings.files();
    if (files == null) {
      return;
    }
    try {
      files.keep(certificate, answer.response());
    } catch (IOException e) {
      LOG.warn("an answer of {} cannot be kept: {}", responder, e.toString());
    }
  }

  private Instant failed(String reason) {
    int tries = failures + 1;
    failures = tries;
    why = reason;
    surroundings.results().asked("failed");
    Instant again = now().plus(pause(tries, ThreadLocalRandom.current().nextDouble()));
    boolean held = bytes() != null;
    String text = "No answer about {} from {}, try {}: {}; asked again at {}, {}";
    Object[] values = {
      name(),
      responder,
      tries,
      reason,
      again,
      held
          ? "the one at hand is stapled meanwhile"
          : mustStaple ? "clients refuse the certificate meanwhile" : "nothing is stapled meanwhile"
    };
    if (tries == 1 || (mustStaple && !held)) {
      LOG.warn(text, values);
    } else {
      LOG.info(text, values);
    }
    return again;
  }

  /// Somewhat before half of what is left of its time is over, by chance, and soon enough to hear
  /// of a revocation.
  private Instant again(OcspAnswer answer) {
    Instant now = now();
    double share = 0.4 + 0.1 * ThreadLocalRandom.current().nextDouble();
    long millis = (long) (Duration.between(now, answer.until()).toMillis() * share);
    long longest = surroundings.settings().refresh().toMillis();
    return now.plusMillis(Math.max(SHORTEST.toMillis(), Math.min(millis, longest)));
  }

  /// The time after so many failures: doubled with each, a little more or less by chance.
  private Duration pause(int tries, double chance) {
    OcspStapling settings = surroundings.settings();
    double factor = Math.scalb(0.9 + 0.2 * chance, Math.min(tries - 1, MOST_DOUBLINGS));
    double millis =
        Math.min(
            (double) settings.longestBackOff().toMillis(), settings.backOff().toMillis() * factor);
    return Duration.ofMillis((long) millis);
  }

  private Instant now() {
    return surroundings.clock().instant();
  }

  private String name() {
    return certificate.getSubjectX500Principal().getName();
  }
}
