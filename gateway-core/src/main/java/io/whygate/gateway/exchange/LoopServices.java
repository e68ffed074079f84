package io.whygate.gateway.exchange;

import io.whygate.gateway.acme.PendingChallenges;
import io.whygate.gateway.connection.pool.ConnectionPool;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.ocsp.OcspStaples;
import io.whygate.gateway.routing.RouteTable;
import io.whygate.gateway.trace.Tracer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the exchanges of one event loop work with.
///
/// @param loop the index of the event loop, from 0
/// @param routes the table in force at the moment of the call
/// @param replayLimit content of a request that is kept so that it can be sent again, bytes
/// @param publicPaths the gateway's own paths on every listener
/// @param challenges what an authority of certificates may ask for
/// @param staples what handshakes prove that certificates were not revoked with
/// @param tracer decides on traces, at the moment of the call; null where exchanges are not traced
public record LoopServices(
    int loop,
    Supplier<RouteTable> routes,
    ConnectionPool pool,
    Deadlines deadlines,
    Explainer explainer,
    FailurePages failurePages,
    Recorder recorder,
    int replayLimit,
    ForwardedFields.Identity identity,
    PublicPaths publicPaths,
    PendingChallenges challenges,
    OcspStaples staples,
    Supplier<@Nullable Tracer> tracer) {

  /// The same with other routes.
  public LoopServices routing(Supplier<RouteTable> by) {
    return new LoopServices(
        loop,
        by,
        pool,
        deadlines,
        explainer,
        failurePages,
        recorder,
        replayLimit,
        identity,
        publicPaths,
        challenges,
        staples,
        tracer);
  }
}
