package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Selection;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The tries of one exchange, one after the other: which endpoints were tried, and the try that is
/// under way. Confined to its event loop.
final class Attempts {
  private final Exchange exchange;
  private final ExchangeRecord record;

  private List<EndpointState> tried = List.of();
  private @Nullable Attempt last;
  private boolean isTrial;

  Attempts(Exchange exchange, ExchangeRecord record) {
    this.exchange = exchange;
    this.record = record;
  }

  /// The endpoints that were tried, in the order in which they first were.
  List<EndpointState> tried() {
    return tried;
  }

  /// The last try, which may be over; null before the first.
  @Nullable Attempt last() {
    return last;
  }

  /// The try that is under way; null where none is.
  @Nullable Attempt running() {
    return last != null && last.isUnderWay() ? last : null;
  }

  /// Chooses an endpoint that was not tried, and tries it.
  void select() {
    Upstream upstream = exchange.upstream();
    boolean isOpen = upstream.circuit().isOpen();
    switch (upstream.select(tried)) {
      case Selection.Chosen(EndpointState endpoint) -> {
        isTrial |= isOpen;
        exchange.connect(endpoint, false);
      }
      case Selection.NothingFit(ExchangeFailure.NoEndpoint.Reason why) ->
          exchange.notAttempted(new ExchangeFailure.NoEndpoint(why));
    }
  }

  /// Tries an endpoint.
  ///
  /// @param fresh whether a connection that was used before will not do
  /// @param silent addresses of it that will not do
  void begin(EndpointState endpoint, boolean fresh, List<InetAddress> silent) {
    if (tried.isEmpty()) {
      tried = List.of(endpoint);
    } else if (!tried.contains(endpoint)) {
      List<EndpointState> all = new ArrayList<>(tried);
      all.add(endpoint);
      tried = all;
    }
    Attempt next = new Attempt(exchange, endpoint, fresh, silent);
    last = next;
    next.start();
  }

  /// Gives up the try that is under way.
  ///
  /// @return whether it ends a request that its server was sent
  boolean abandon() {
    Attempt current = last;
    if (current == null) {
      return false;
    }
    boolean isSent = current.facts().processed() != RequestProcessed.NOT_SENT;
    if (!current.abandon()) {
      return false;
    }
    record.attempted(current.facts().record(Optional.empty()));
    return isSent;
  }

  /// Notes that the client's time is over, before a try is given up.
  void lapsed() {
    if (last != null) {
      last.lapsed();
    }
  }

  /// There will be no other.
  void close() {
    if (isTrial) {
      exchange.upstream().circuit().tried();
    }
  }
}
