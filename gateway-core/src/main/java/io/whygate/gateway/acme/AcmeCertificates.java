package io.whygate.gateway.acme;

import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.AcmeSettings.Wanted;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.Settings;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// The certificates that listeners want by ACME. Where none does, there is no thread, no authority
/// and no class of the protocol.
public final class AcmeCertificates implements AutoCloseable {
  private final PendingChallenges pending = new PendingChallenges();
  private final Authority.Maker maker;
  private final Runnable issued;
  private final Results results;
  private final Map<List<String>, KeyPair> placeholders = new ConcurrentHashMap<>();
  private volatile @Nullable Plan inForce;

  /// Hears what becomes of orders.
  @FunctionalInterface
  public interface Results {
    /// @param result `issued`, `failed` or `rate-limited`
    void ordered(String result);

    /// It is known how it stands with a certificate, and until when it is left alone.
    default void settled() {}
  }

  /// @param issued runs whenever there is a new certificate, on the thread that ordered it
  public AcmeCertificates(Authority.Maker maker, Runnable issued, Results results) {
    this.maker = maker;
    this.issued = issued;
    this.results = results;
  }

  /// What listeners and exchanges answer an authority with.
  public PendingChallenges pending() {
    return pending;
  }

  /// Makes ready what a configuration wants: what is on disk is read. Nothing changes before
  /// [#begin].
  public Plan plan(Settings settings) {
    Set<Wanted> wanted = new LinkedHashSet<>();
    for (ListenerSettings each : settings.listeners()) {
      each.tls().ifPresent(tls -> wanted.addAll(tls.wanted()));
    }
    if (wanted.isEmpty()) {
      return new Plan(settings.acme(), null, Map.of());
    }
    Plan before = inForce;
    Plan same = before != null && before.settings.equals(settings.acme()) ? before : null;
    ManagedCertificate.Surroundings surroundings =
        same != null && same.surroundings != null
            ? same.surroundings
            : surroundings(settings.acme());
    Map<Wanted, Kept> certificates = new LinkedHashMap<>();
    for (Wanted each : wanted) {
      Kept known = same == null ? null : same.certificates.get(each);
      certificates.put(
          each,
          known != null
              ? known
              : new Kept(new ManagedCertificate(each, settings.acme(), surroundings)));
    }
    return new Plan(settings.acme(), surroundings, certificates);
  }

  private ManagedCertificate.Surroundings surroundings(AcmeSettings settings) {
    CertificateFiles files = new CertificateFiles(settings);
    return new ManagedCertificate.Surroundings(
        maker.make(settings, files, pending),
        files,
        new Semaphore(settings.pace().orders()),
        issued,
        results,
        InstantSource.system());
  }

  /// Certificates that are wanted, with what is at hand of them.
  public final class Plan {
    private final AcmeSettings settings;
    private final ManagedCertificate.@Nullable Surroundings surroundings;
    private final Map<Wanted, Kept> certificates;

    private Plan(
        AcmeSettings settings,
        ManagedCertificate.@Nullable Surroundings surroundings,
        Map<Wanted, Kept> certificates) {
      this.settings = settings;
      this.surroundings = surroundings;
      this.certificates = certificates;
    }

    /// The listeners with the certificates that are there: those of files, then those of the
    /// authority; where there is neither, one that nobody signed.
    public List<ListenerSettings> furnish(List<ListenerSettings> listeners) {
      return listeners.stream().map(this::furnish).toList();
    }

    private ListenerSettings furnish(ListenerSettings listener) {
      ListenerSettings.Tls tls = listener.tls().orElse(null);
      if (tls == null || tls.wanted().isEmpty()) {
        return listener;
      }
      List<KeyPair> shown = new ArrayList<>(tls.certificates());
      List<String> names = new ArrayList<>();
      for (Wanted each : tls.wanted()) {
        Kept kept = certificates.get(each);
        if (kept != null) {
          kept.certificate.current().ifPresent(shown::add);
        }
        names.addAll(each.names());
      }
      if (shown.isEmpty() && surroundings != null) {
        Authority authority = surroundings.authority();
        shown.add(placeholders.computeIfAbsent(List.copyOf(names), authority::placeholder));
      }
      return listener.with(tls.showing(shown));
    }
  }

  /// A certificate with the thread that sees to it.
  private static final class Kept {
    final ManagedCertificate certificate;
    @Nullable Thread thread;

    Kept(ManagedCertificate certificate) {
      this.certificate = certificate;
    }

    void begin() {
      if (thread == null) {
        thread =
            Thread.ofVirtual()
                .name("certificate of " + certificate.status().names().getFirst())
                .start(certificate);
      }
    }

    void end() {
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /// Sees to what was planned from now on, and lets go of what is wanted no longer.
  public synchronized void begin(Plan plan) {
    Plan before = inForce;
    inForce = plan;
    if (before != null) {
      before.certificates.values().stream()
          .filter(each -> !plan.certificates.containsValue(each))
          .forEach(Kept::end);
    }
    plan.certificates.values().forEach(Kept::begin);
  }

  /// The listeners with the certificates of this moment.
  public List<ListenerSettings> furnish(List<ListenerSettings> listeners) {
    Plan plan = inForce;
    return plan == null ? listeners : plan.furnish(listeners);
  }

  /// Whether it is one that nobody signed, shown until there is another.
  public boolean isPlaceholder(KeyPair pair) {
    return placeholders.containsValue(pair);
  }

  /// How it stands with each.
  public List<CertificateStatus> status() {
    Plan plan = inForce;
    return plan == null
        ? List.of()
        : plan.certificates.values().stream().map(each -> each.certificate.status()).toList();
  }

  @Override
  public synchronized void close() {
    Plan plan = inForce;
    if (plan != null) {
      plan.certificates.values().forEach(Kept::end);
    }
  }
}
