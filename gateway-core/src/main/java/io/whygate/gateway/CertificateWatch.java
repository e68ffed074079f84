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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns, in the log, of certificates that are about to run out: the gateway's own and those that
/// servers showed.
final class CertificateWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

  /// Nothing at a start waits for it.
  private static final Duration FIRST = Duration.ofSeconds(1);

  private final Gateway gateway;
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
  }

  void begin() {
    thread.start();
  }

  private void run() {
    try {
      Thread.sleep(FIRST);
      while (true) {
        look();
        Thread.sleep(gateway.settings().certificateWarnings().every());
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
