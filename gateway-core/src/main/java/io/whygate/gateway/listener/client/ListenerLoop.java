package io.whygate.gateway.listener.client;

import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.LoopServices;
import io.whygate.gateway.http.HeadLimits;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/// What the client connections of one listener on one event loop share. Confined to that loop but
/// for the count of connections.
public final class ListenerLoop {
  private final ListenerSettings settings;
  private final String name;
  private final LoopServices services;
  private final HeadLimits limits;
  private final ListenerCounts counts;
  private final BooleanSupplier draining;
  private final OwnFields ownFields;
  private final LeastRate.Terms bodyRate;
  private final LeastRate.Terms sendRate;

  /// @param port that the listener is bound to, asked once there are clients
  public ListenerLoop(
      ListenerSettings settings,
      LoopServices services,
      ListenerCounts counts,
      BooleanSupplier draining,
      IntSupplier port) {
    this.settings = settings;
    this.name = settings.name();
    this.services = services;
    this.limits =
        new HeadLimits(
            settings.limits().requestLine(),
            settings.limits().headerSize(),
            settings.limits().headerCount());
    ListenerSettings.Rates rates = settings.limits().rates();
    ListenerSettings.Timeouts timeouts = settings.timeouts();
    this.bodyRate = new LeastRate.Terms(rates.body(), rates.grace(), timeouts.body());
    this.sendRate = new LeastRate.Terms(rates.send(), rates.grace(), timeouts.send());
    this.ownFields =
        new OwnFields(
            settings.tls(),
            Optional.of(settings.http3())
                .filter(each -> each.enabled() && each.altSvc().maxAge().isPresent())
                .map(ListenerSettings.Http3::altSvc),
            port);
    this.counts = counts;
    this.draining = draining;
  }

  /// The listener's label in metrics and logs.
  public String name() {
    return name;
  }

  public ListenerSettings settings() {
    return settings;
  }

  public LoopServices services() {
    return services;
  }

  public HeadLimits limits() {
    return limits;
  }

  /// What the listener counts, on all its event loops.
  public ListenerCounts counts() {
    return counts;
  }

  public boolean isDraining() {
    return draining.getAsBoolean();
  }

  /// Watches how fast a client sends the content of a request.
  public LeastRate bodyRate(LeastRate.Progress sent, Runnable tooSlow) {
    return new LeastRate(services.deadlines(), bodyRate, sent, tooSlow);
  }

  /// Watches how fast a client takes an answer.
  public LeastRate sendRate(LeastRate.Progress taken, Runnable tooSlow) {
    return new LeastRate(services.deadlines(), sendRate, taken, tooSlow);
  }

  /// What its answers say in the gateway's name.
  public OwnFields ownFields() {
    return ownFields;
  }
}
