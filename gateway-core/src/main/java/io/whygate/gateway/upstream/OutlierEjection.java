package io.whygate.gateway.upstream;

import io.whygate.gateway.config.UpstreamSettings;
import java.util.List;
import java.util.function.LongSupplier;

/// Passes over an endpoint that failed several times in a row, for a time that grows with each
/// ejection; never more of an upstream's endpoints than the setting says, and never all.
///
/// Lock-free: who ejects looks again, and takes back an ejection that was one too many.
final class OutlierEjection {
  private final UpstreamSettings.Outlier settings;
  private final LongSupplier nanos;

  OutlierEjection(UpstreamSettings.Outlier settings, LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
  }

  /// Tells of a failure at the endpoint, one of those given.
  void failed(EndpointState endpoint, List<EndpointState> endpoints) {
    int threshold = settings.consecutiveFailures();
    int failures = endpoint.countFailure();
    if (threshold == 0 || failures < threshold) {
      return;
    }
    long now = nanos.getAsLong();
    if (endpoint.isEjected(now) || !hasRoom(endpoints, now, 1)) {
      return;
    }
    endpoint.eject(now, settings);
    if (!hasRoom(endpoints, now, 0)) {
      endpoint.takeBackEjection(now);
    }
  }

  private boolean hasRoom(List<EndpointState> endpoints, long now, int further) {
    int ejected = further;
    int others = 0;
    for (EndpointState each : endpoints) {
      if (each.isDrained()) {
        continue;
      }
      others++;
      if (each.isEjected(now)) {
        ejected++;
      }
    }
    int most = Math.max(1, endpoints.size() * settings.maxEjectedPercent() / 100);
    return ejected <= most && ejected < others;
  }
}
