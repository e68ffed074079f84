package io.whygate.gateway.ocsp;

import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.OcspStapling;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.ocsp.StapleStatus.State;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The staples of the certificates that listeners show. Where none of them names a responder, there
/// is no thread, no question and no class of the library.
public final class OcspStaples implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OcspStaples.class);

  private final Results results;
  private final @Nullable Path folder;
  private volatile Map<X509Certificate, Kept> kept = Map.of();
  private Staple.@Nullable Surroundings surroundings;
  private Set<X509Certificate> warned = Set.of();

  /// What there was before something was prepared that is not shown yet. Guarded by this.
  private @Nullable Before before;

  /// Guarded by this.
  private boolean closed;

  /// Hears what becomes of questions.
  @FunctionalInterface
  public interface Results {
    /// @param result `good`, `revoked` or `failed`
    void asked(String result);
  }

  /// @param folder where answers are kept over a restart; null where none is
  public OcspStaples(Results results, @Nullable Path folder) {
    this.results = results;
    this.folder = folder;
  }

  /// A staple with the thread that sees to it.
  private record Kept(
      List<X509Certificate> chain, Staple.Surroundings surroundings, Staple staple, Thread thread) {
    boolean isFor(KeyPair pair, Staple.Surroundings now) {
      return chain.equals(pair.chain()) && surroundings.equals(now);
    }
  }

  private record Before(
      Map<X509Certificate, Kept> kept, Staple.@Nullable Surroundings surroundings) {}

  /// Sees to the certificates that these listeners show from now on, and lets go of all others.
  public synchronized void begin(Settings wanted, List<ListenerSettings> listeners) {
    before = null;
    if (closed) {
      return;
    }
    Staple.Surroundings now = take(wanted);
    Map<X509Certificate, KeyPair> shown = shown(listeners);
    Map<X509Certificate, Kept> former = kept;
    Map<X509Certificate, Kept> after = new HashMap<>();
    if (now.settings().enabled()) {
      shown.forEach((certificate, pair) -> {
        Kept known = former.get(certificate);
        if (known != null && known.isFor(pair, now)) {
          after.put(certificate, known);
        } else if (Extensions.hasResponder(certificate)) {
          Staple fresh = new Staple(pair, now);
          if (known != null && known.chain.equals(pair.chain())) {
            fresh.goOnFrom(known.staple);
          }
          after.put(certificate, begun(pair, fresh, now));
        }
      });
      if (now.files() != null) {
        now.files().forgetAllBut(after.keySet());
      }
    }
    kept = Map.copyOf(after);
    endAllBut(after, former);
    warn(shown.keySet());
  }

  /// Ends the questions about those that are not kept.
  private static void endAllBut(
      Map<X509Certificate, Kept> kept, Map<X509Certificate, Kept> former) {
    former.forEach((certificate, old) -> {
      if (!old.equals(kept.get(certificate))) {
        old.thread.interrupt();
      }
    });
  }

  /// Asks for the staples of certificates that demand one (RFC 7633) before they are shown, and
  /// waits for the first answers, no longer than for one question, or until all is closed. [#begin]
  /// comes next, or [#takeBack]. Blocks.
  public void prepare(Settings wanted, List<ListenerSettings> listeners) {
    // Waited for without the lock, so that nobody has to wait who closes.
    List<Staple> fresh = beginMissing(wanted, listeners);
    long end = System.nanoTime() + wanted.ocspStapling().timeout().toNanos();
    try {
      for (Staple each : fresh) {
        each.awaitFirst(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized List<Staple> beginMissing(
      Settings wanted, List<ListenerSettings> listeners) {
    if (closed || !wanted.ocspStapling().enabled()) {
      return List.of();
    }
    before = new Before(kept, surroundings);
    Staple.Surroundings now = take(wanted);
    Map<X509Certificate, Kept> more = new HashMap<>(kept);
    List<Staple> fresh = new ArrayList<>();
    shown(listeners)
        .forEach((certificate, pair) -> {
          Kept known = more.get(certificate);
          if (known == null
              && Extensions.mustStaple(certificate)
              && Extensions.hasResponder(certificate)) {
            Staple staple = new Staple(pair, now);
            more.put(certificate, begun(pair, staple, now));
            fresh.add(staple);
          }
        });
    kept = Map.copyOf(more);
    return fresh;
  }

  /// Lets go of what [#prepare] began for listeners that could not be changed: all is as before.
  public synchronized void takeBack() {
    Before known = before;
    if (known == null || closed) {
      return;
    }
    before = null;
    Map<X509Certificate, Kept> prepared = kept;
    kept = known.kept;
    endAllBut(kept, prepared);
    Staple.Surroundings old = known.surroundings;
    surroundings = old;
    if (old != null && old.settings().enabled() && old.files() != null) {
      old.files().forgetAllBut(kept.keySet());
    }
  }

  private Staple.Surroundings take(Settings wanted) {
    Staple.Surroundings last = surroundings;
    Staple.Surroundings now =
        last != null && last.settings().equals(wanted.ocspStapling()) ? last : surroundings(wanted);
    surroundings = now;
    return now;
  }

  private static Map<X509Certificate, KeyPair> shown(List<ListenerSettings> listeners) {
    Map<X509Certificate, KeyPair> shown = new HashMap<>();
    for (ListenerSettings each : listeners) {
      each.tls()
          .ifPresent(
              tls -> tls.certificates().forEach(pair -> shown.put(pair.chain().getFirst(), pair)));
    }
    return shown;
  }

  private Staple.Surroundings surroundings(Settings wanted) {
    OcspStapling settings = wanted.ocspStapling();
    return new Staple.Surroundings(
        settings,
        new Semaphore(settings.maxConcurrent()),
        folder == null ? null : new StapleFiles(folder),
        results,
        InstantSource.system());
  }

  private static Kept begun(KeyPair pair, Staple staple, Staple.Surroundings surroundings) {
    Thread thread = Thread.ofVirtual().name("staple").start(staple);
    return new Kept(pair.chain(), surroundings, staple, thread);
  }

  /// Says once of each certificate that clients refuse it as it is shown.
  private void warn(Set<X509Certificate> shown) {
    Set<X509Certificate> bare = new HashSet<>();
    for (X509Certificate each : shown) {
      if (!kept.containsKey(each) && Extensions.mustStaple(each)) {
        bare.add(each);
        if (!warned.contains(each)) {
          LOG.warn(
              "The certificate {} demands a staple (RFC 7633), and {}: clients refuse it",
              each.getSubjectX500Principal().getName(),
              Extensions.hasResponder(each)
                  ? "ocsp-stapling.enabled is false"
                  : "names no responder to have one of");
        }
      }
    }
    warned = bare;
  }

  /// The answer to staple for a certificate, DER, not to be changed; null where there is none at
  /// this moment. For event loops.
  public byte @Nullable [] of(X509Certificate certificate) {
    Kept found = kept.get(certificate);
    return found == null ? null : found.staple.bytes();
  }

  /// How it stands with the staple of a certificate that is shown; empty where it neither has one
  /// nor wants one.
  public Optional<StapleStatus> status(X509Certificate certificate) {
    Kept found = kept.get(certificate);
    if (found != null && (Extensions.mustStaple(certificate) || !found.staple.isUnaskable())) {
      return Optional.of(found.staple.status());
    }
    return Extensions.mustStaple(certificate)
        ? Optional.of(
            new StapleStatus(
                State.OFF,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty()))
        : Optional.empty();
  }

  /// Whether a certificate names a responder that can be asked, whether or not it is.
  public boolean isAskable(X509Certificate certificate) {
    return Extensions.hasResponder(certificate) && OcspMessages.responder(certificate).isPresent();
  }

  @Override
  public synchronized void close() {
    closed = true;
    kept.values().forEach(each -> each.thread.interrupt());
  }
}
