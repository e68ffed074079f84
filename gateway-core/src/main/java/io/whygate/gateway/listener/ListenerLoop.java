package io.whygate.gateway.listener;

import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.LoopServices;
import io.whygate.gateway.http.HeadLimits;
import java.util.function.BooleanSupplier;

/// What the client connections of one listener on one event loop share. Confined to that loop but
/// for the count of connections.
final class ListenerLoop {
  private final ListenerSettings settings;
  private final String name;
  private final LoopServices services;
  private final HeadLimits limits;
  private final BooleanSupplier draining;
  private final Dates dates = new Dates();

  ListenerLoop(ListenerSettings settings, LoopServices services, BooleanSupplier draining) {
    this.settings = settings;
    this.name = settings.name();
    this.services = services;
    this.limits =
        new HeadLimits(
            settings.limits().requestLine(),
            settings.limits().headerSize(),
            settings.limits().headerCount());
    this.draining = draining;
  }

  /// The listener's label in metrics and logs.
  String name() {
    return name;
  }

  ListenerSettings settings() {
    return settings;
  }

  LoopServices services() {
    return services;
  }

  HeadLimits limits() {
    return limits;
  }

  boolean isDraining() {
    return draining.getAsBoolean();
  }

  Dates dates() {
    return dates;
  }
}
