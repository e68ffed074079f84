package io.whygate.gateway;

import io.whygate.gateway.config.CertificateWarnings;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.listener.Listener;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at the certificates from time to time, and whenever there is news of one: warns, in the
/// log, of those that are about to run out, the gateway's own and those that servers showed, and
/// keeps the incidents of its own.
final class CertificateWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

  /// Nothing at a start waits for it.
  private static final Duration FIRST = Duration.ofSeconds(1);

  private final Gateway gateway;
  private final CertificateIncidents incidents;
  private final Semaphore news = new Semaphore(0);
  private final Thread thread = Thread.ofVirtual().name("certificates").unstarted(this::run);
  private Map<X509Certificate, Integer> told = Map.of();

  /// Whose certificate it is.
  enum Side {
    DOWNSTREAM("downstream"),
    UPSTREAM("upstream");

    private final String label;

    Side(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  /// A certificate in use.
  ///
  /// @param name from the configuration: a listener and a number, or an upstream
  /// @param place where it is shown
  record InUse(Side side, String name, String place, X509Certificate certificate) {}

  CertificateWatch(Gateway gateway) {
    this.gateway = gateway;
    this.incidents = new CertificateIncidents(gateway);
  }

  void begin() {
    thread.start();
  }

  /// Something may have become different: looks at once. For all threads.
  void wake() {
    if (news.availablePermits() == 0) {
      news.release();
    }
  }

  private void run() {
    try {
      Thread.sleep(FIRST);
      while (true) {
        news.drainPermits();
        try {
          look();
          incidents.look();
        } catch (RuntimeException | Error e) {
          LOG.error("an unexpected error ended a look at the certificates", e);
        }
        boolean _ =
            news.tryAcquire(
                gateway.settings().certificateWarnings().every().toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Warns once for each of the times that are set.
  private void look() {
    Instant now = Instant.now();
    CertificateWarnings warnings = gateway.settings().certificateWarnings();
    Map<X509Certificate, Integer> after = new HashMap<>();
    for (InUse each : inUse(gateway)) {
      int due = warnings.due(each.certificate(), now);
      int before = told.getOrDefault(each.certificate(), 0);
      if (due > before) {
        warn(each, now);
      }
      after.put(each.certificate(), Math.max(due, before));
    }
    told = after;
  }

  private static void warn(InUse each, Instant now) {
    Instant end = each.certificate().getNotAfter().toInstant();
    Duration left = Duration.between(now, end);
    LOG.warn(
        "The certificate of {} ({}) {}: {}",
        each.place(),
        each.certificate().getSubjectX500Principal().getName(),
        left.isNegative()
            ? "ran out at " + end
            : "runs out in "
                + (left.toDays() > 1
                    ? left.toDays() + " days"
                    : left.toHours() > 1 ? left.toHours() + " hours" : left.toMinutes() + " min")
                + ", at "
                + end,
        each.side() == Side.DOWNSTREAM
            ? "replace it before visitors see warnings of their browsers"
            : "have it replaced there before requests fail");
  }

  /// The certificates that clients and servers are shown at this moment, those that nobody signed
  /// yet left out, and those that servers showed last.
  static List<InUse> inUse(Gateway gateway) {
    List<InUse> found = new ArrayList<>();
    for (Listener each : gateway.listeners()) {
      int number = 0;
      for (KeyPair pair :
          each.settings().tls().map(ListenerSettings.Tls::certificates).orElse(List.of())) {
        if (!gateway.certificates().isPlaceholder(pair)) {
          String name = each.settings().name();
          found.add(
              new InUse(
                  Side.DOWNSTREAM,
                  name + "/" + number++,
                  "the listener " + name,
                  pair.chain().getFirst()));
        }
      }
    }
    for (Upstream upstream : gateway.upstreams()) {
      for (EndpointState state : upstream.endpoints()) {
        state
            .certificate()
            .ifPresent(certificate ->
                found.add(
                    new InUse(
                        Side.UPSTREAM,
                        upstream.name(),
                        "the upstream " + upstream.name() + " at " + state.endpoint().url(),
                        certificate)));
      }
    }
    return found;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
