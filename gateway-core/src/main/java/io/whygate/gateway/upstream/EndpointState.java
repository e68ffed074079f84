package io.whygate.gateway.upstream;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.UpstreamSettings;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What is going on at one endpoint: live counters, and whether it is fit to be tried.
///
/// It outlives a reload that leaves its endpoint as it was. Shared by all threads; every field is
/// atomic or volatile on its own.
public final class EndpointState {
  private static final double LEAST_WEIGHT = 0.1;
  private static final long CERTIFICATE_HOLDS = TimeUnit.MINUTES.toNanos(10);

  private final Endpoint endpoint;
  private final LongSupplier nanos;
  private final Selection.Chosen chosen = new Selection.Chosen(this);
  private final ConnectionPermits permits = new ConnectionPermits();
  private final AddressMemory addresses;
  private final IdleClose idleClose;
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicReference<Absence> absence = new AtomicReference<>(Absence.NONE);
  private volatile boolean drained;
  private volatile boolean unhealthy;
  private volatile boolean retired;
  private volatile @Nullable X509Certificate certificate;
  private volatile long certificateNanos;

  /// A stay away from the balance, by ejection or otherwise.
  ///
  /// @param count ejections one after the other; 0 where there was none
  /// @param untilNanos when it ended or ends
  /// @param slowStartNanos for how long after it the endpoint gets less than its share
  private record Absence(int count, long untilNanos, long slowStartNanos) {
    static final Absence NONE = new Absence(0, 0, 0);
  }

  /// @param nanos the clock, as [System#nanoTime]
  public EndpointState(Endpoint endpoint, LongSupplier nanos) {
    this.endpoint = endpoint;
    this.nanos = nanos;
    this.addresses = new AddressMemory(nanos);
    this.idleClose = new IdleClose(nanos);
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  /// This endpoint as the answer of a selection; always the same object.
  Selection.Chosen chosen() {
    return chosen;
  }

  /// Whether it has been a while since its certificate was looked at.
  public boolean wantsCertificate() {
    return certificate == null || nanos.getAsLong() - certificateNanos > CERTIFICATE_HOLDS;
  }

  /// It showed this certificate of its own in a handshake.
  public void showed(X509Certificate leaf) {
    certificateNanos = nanos.getAsLong();
    certificate = leaf;
  }

  /// The certificate that it showed; empty where none was looked at.
  public Optional<X509Certificate> certificate() {
    return Optional.ofNullable(certificate);
  }

  /// It said nothing, or a refusal, to a client of a connection that was passed on, who may be the
  /// reason.
  ///
  /// @return how often in a row, with nobody answered in between
  public int refusedClient() {
    return refusals.incrementAndGet();
  }

  /// It answered a client of a connection that was passed on.
  public void answeredClient() {
    if (refusals.getPlain() != 0) {
      refusals.set(0);
    }
  }

  /// Counts a request that goes out to it.
  public void requestBegan() {
    outstanding.incrementAndGet();
  }

  /// Counts a request that is over, however it ended.
  public void requestEnded() {
    outstanding.decrementAndGet();
  }

  /// Requests that went out to it and are not over.
  public int outstanding() {
    return outstanding.get();
  }

  /// Connections to it, over all event loops.
  public ConnectionPermits permits() {
    return permits;
  }

  /// Connections to it that lie idle in pools, over all event loops.
  public int idleConnections() {
    return permits.idle();
  }

  /// Which of its addresses failed lately.
  public AddressMemory addresses() {
    return addresses;
  }

  /// When it closes connections that lie idle.
  public IdleClose idleClose() {
    return idleClose;
  }

  /// Takes it out of the balance; requests in flight are untouched.
  public void drain() {
    drained = true;
  }

  /// Puts it back into the balance.
  public void undrain() {
    drained = false;
  }

  public boolean isDrained() {
    return drained;
  }

  /// Tells what scheduled checks found.
  ///
  /// @param slowStartNanos for how long after its recovery it gets less than its share
  public void healthChanged(boolean healthy, long slowStartNanos) {
    if (unhealthy && healthy) {
      failures.set(0);
      absence.set(new Absence(0, nanos.getAsLong(), slowStartNanos));
    }
    unhealthy = !healthy;
  }

  /// Whether scheduled checks say that it cannot serve.
  public boolean isUnhealthy() {
    return unhealthy;
  }

  /// Tells that no configuration in force names it any longer: connections to it are closed once
  /// they are idle.
  public void retire() {
    retired = true;
  }

  public boolean isRetired() {
    return retired;
  }

  /// Whether it is neither drained, nor ejected, nor known to be unhealthy.
  public boolean isFit(long nowNanos) {
    return !drained && !unhealthy && !isEjected(nowNanos);
  }

  /// Whether it is passed over at this moment for its failures.
  public boolean isEjected(long nowNanos) {
    Absence current = absence.get();
    return current.count > 0 && nowNanos - current.untilNanos < 0;
  }

  /// Nanoseconds until its ejection ends; 0 where it is not ejected.
  public long ejectionLeftNanos(long nowNanos) {
    return isEjected(nowNanos) ? absence.get().untilNanos - nowNanos : 0;
  }

  /// Its share of requests beside others: 1, or less for a while after it returned.
  public double weight() {
    Absence current = absence.get();
    if (current.slowStartNanos == 0) {
      return 1;
    }
    double share = (double) (nanos.getAsLong() - current.untilNanos) / current.slowStartNanos;
    return share >= 1 ? 1 : Math.max(LEAST_WEIGHT, share);
  }

  /// Failures without a success between them.
  public int consecutiveFailures() {
    return failures.get();
  }

  int countFailure() {
    return failures.incrementAndGet();
  }

  void succeeded() {
    if (failures.getPlain() != 0) {
      failures.set(0);
    }
  }

  void eject(long now, UpstreamSettings.Outlier settings) {
    Absence before = absence.get();
    long longest = settings.maxEjection().toNanos();
    boolean again = before.count > 0 && now - before.untilNanos < longest;
    int count = again ? before.count + 1 : 1;
    long time = Math.min(longest, settings.baseEjection().toNanos() * count);
    absence.compareAndSet(before, new Absence(count, now + time, settings.slowStart().toNanos()));
    failures.set(0);
  }

  void takeBackEjection(long now) {
    Absence current = absence.get();
    absence.compareAndSet(current, new Absence(current.count - 1, now, 0));
  }
}
